"""The command line: build, truth, serve."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import requests

from connectors import vendors as connected
from sandbox import Parameters, Running
from sandbox.__main__ import _exports, main
from sandbox.vendors import discover
from tests.worlds import world_of

WORLD = Parameters(people=50, days=5)
SIZE = ["--people", "50", "--days", "5", "--vendors", "klaviyo"]


def test_build_says_where_the_world_lies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "--data", str(tmp_path), *SIZE]) == 0
    folder = re.search(r"world (\S+) ready", capsys.readouterr().out)
    assert folder is not None
    assert (Path(folder.group(1)) / "truth" / "person").is_dir()


def test_truth_exports_what_is_known_at_a_moment(tmp_path: Path) -> None:
    world_of(tmp_path, WORLD, ["klaviyo"])
    export = ["truth", "--data", str(tmp_path), *SIZE, "--to"]
    assert main([*export, str(tmp_path / "all")]) == 0
    assert main([*export, str(tmp_path / "early"), "--as-of", "2026-01-03T03:00:00"]) == 0
    everything = pq.read_table(tmp_path / "all" / "web_event.parquet").num_rows
    early = pq.read_table(tmp_path / "early" / "web_event.parquet").num_rows
    assert 0 < early < everything


def test_truth_exports_the_tables_that_are_asked_for_and_names_what_it_does_not_have(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world_of(tmp_path, WORLD, ["klaviyo"])
    export = ["truth", "--data", str(tmp_path), *SIZE, "--to", str(tmp_path / "some"), "--tables"]
    assert main([*export, "identifier"]) == 0
    assert [path.name for path in (tmp_path / "some").iterdir()] == ["identifier.parquet"]
    assert main([*export, "identifiers"]) == 2
    assert "no truth of identifiers; there is" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["build"], ["truth", "--to", "to"], ["serve", "--port", "0"]])
def test_a_data_folder_that_cannot_be_used_is_named(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main([*command, "--data", str(tmp_path / "file" / "data"), *SIZE]) == 2
    assert f"{tmp_path}/file/data" in capsys.readouterr().err


def test_a_setting_or_a_vendor_that_is_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["build", "--data", str(tmp_path), "--vendors", "nobody"])
    assert "'nobody'" in capsys.readouterr().err
    monkeypatch.setenv("THROUGHLINE_SANDBOX_DAYS", "many")
    assert main(["build", "--data", str(tmp_path)]) == 2
    assert "THROUGHLINE_SANDBOX_DAYS is 'many'" in capsys.readouterr().err


def test_a_port_that_is_taken_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world_of(tmp_path, WORLD, ["klaviyo"])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = f"{taken.getsockname()[1]}"
        assert main(["serve", "--data", str(tmp_path), *SIZE, "--port", port]) == 2
    assert f"port {port}" in capsys.readouterr().err


@contextmanager
def serving(data: Path, *vendors: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A sandbox in a process of its own, and what it printed until it was ready."""
    command = [sys.executable, "-u", "-m", "sandbox", "serve", "--data", str(data), "--port", "0"]
    size = [*SIZE[:-1], *vendors]
    process = subprocess.Popen(
        [*command, "--now", "2026-01-03T03:00:00", *size], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as output:
        lines = []
        for line in output:
            lines.append(line)
            if "ready" in line:
                break
        try:
            yield process, lines
        finally:
            process.terminate()
            process.wait(timeout=30)


def test_serve_listens_until_it_is_told_to_stop(tmp_path: Path) -> None:
    world_of(tmp_path, WORLD, ["klaviyo"])
    with serving(tmp_path, "klaviyo") as (process, lines):
        port = re.search(r":(\d+)/klaviyo", "".join(lines))
        assert port is not None, lines
        url = f"http://127.0.0.1:{port.group(1)}/_sandbox/clock"
        assert requests.get(url, timeout=30).json() == {"now": "2026-01-03T03:00:00+00:00"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def test_what_serve_prints_points_a_connector_at_it(tmp_path: Path) -> None:
    """Each line `export …` in a shell, and the vendor pulled alone, by the production profile."""
    clean = {name: value for name, value in os.environ.items() if "SOURCES__" not in name}
    clean |= {"THROUGHLINE_PROFILE": "production", "THROUGHLINE_DATA": str(tmp_path / "data")}
    vendors = ("google_ads", "klaviyo", "snowplow")
    with serving(tmp_path / "the sandbox", *vendors) as (_, lines):
        exports = [line for line in lines if line.startswith("export ")]
        for vendor in vendors:
            script = "".join(exports) + (
                f"exec {sys.executable} -m connectors.{vendor} --from 2026-01-01 --to 2026-01-02\n"
            )
            pulled = subprocess.run(
                ["sh", "-e"], input=script, env=clean, capture_output=True, text=True, check=False
            )
            assert pulled.returncode == 0, pulled.stderr
            streams = [line.partition(":")[0] for line in pulled.stdout.splitlines()]
            assert streams == [f"{vendor}/{each.name}" for each in connected()[vendor].streams]
    assert {re.split("__", line)[1] for line in exports} == {name.upper() for name in vendors}


def test_each_vendor_finds_its_credentials_in_what_serve_prints(shop: Running) -> None:
    printed = "\n".join(_exports(shop.environment, None))
    for name, vendor in connected().items():
        assert name in discover(), f"the sandbox stands in for no {name}"
        for setting in vendor.required:
            assert f"export SOURCES__{name.upper()}__{setting.upper()}=" in printed
