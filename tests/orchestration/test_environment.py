from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from connectors.settings import SettingError
from orchestration import environment


def test_importing_orchestration_switches_every_telemetry_off() -> None:
    script = "import os, orchestration; print(*(os.environ[n] for n in {names}))"
    names = ["RUNTIME__DLTHUB_TELEMETRY", "DBT_SEND_ANONYMOUS_USAGE_STATS", "GX_ANALYTICS_ENABLED"]
    clean = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run(
        [sys.executable, "-c", script.format(names=names)],
        capture_output=True,
        text=True,
        check=True,
        env=clean,
    )
    assert done.stdout.split() == ["false"] * 3


def test_the_switches_are_those_the_tools_look_at(data: Path) -> None:
    import dagster as dg
    from dlt.common.configuration import resolve_configuration
    from dlt.common.configuration.specs import RuntimeConfiguration

    with dg.DagsterInstance.get() as instance:
        assert instance.telemetry_enabled is False
        assert instance.nux_enabled is False
    assert resolve_configuration(RuntimeConfiguration()).dlthub_telemetry is False


def test_dagsters_home_is_in_the_data_folder_and_pools_hold_one_step(data: Path) -> None:
    assert Path(os.environ["DAGSTER_HOME"]) == data / "dagster"
    settings = yaml.safe_load((data / "dagster" / "dagster.yaml").read_text())
    assert settings["concurrency"]["pools"]["default_limit"] == 1


def test_a_data_folder_that_cannot_be_made_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("THROUGHLINE_DATA", str(tmp_path / "file" / "data"))
    with pytest.raises(SettingError, match=r"data folder .* cannot be written"):
        environment.prepare()


def test_every_setting_that_orchestration_reads_is_listed_in_the_example() -> None:
    root = Path(environment.__file__).parents[1]
    example = (root / ".env.example").read_text()
    read = {
        name
        for path in (root / "orchestration").glob("*.py")
        for name in re.findall(r"\"(THROUGHLINE_[A-Z_]+)\"", path.read_text())
    }
    internal = {"THROUGHLINE_SANDBOX_PORT", "THROUGHLINE_BUILD_DB"}
    assert {name for name in read - internal if name not in example} == set()
