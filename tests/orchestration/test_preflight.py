from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from connectors.settings import SettingError
from orchestration import environment, preflight
from tests.orchestration.conftest import SHOP


@pytest.fixture
def production(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THROUGHLINE_PROFILE", "production")


def test_the_sandbox_needs_no_credentials(data: Path) -> None:
    assert preflight.check([SHOP]) == []


@pytest.mark.usefixtures("production")
def test_production_without_any_vendor_is_refused() -> None:
    with pytest.raises(SettingError, match=r"no vendor is configured \(shop\).*\.env"):
        preflight.check([SHOP])


@pytest.mark.usefixtures("production")
def test_a_missing_credential_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__SHOP__API_KEY", "k")
    with pytest.raises(SettingError, match="set SOURCES__SHOP__ACCOUNT as well"):
        preflight.check([SHOP])


@pytest.mark.usefixtures("production")
def test_a_vendor_without_settings_is_left_out_where_there_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCES__FOLDER__URL", "memory://drop")
    folder = replace(SHOP, name="folder", required=())
    assert preflight.check([SHOP, folder]) == [SHOP]


@pytest.mark.usefixtures("production")
def test_a_vendor_that_needs_no_settings_is_none_that_was_configured() -> None:
    folder = replace(SHOP, name="folder", required=())
    with pytest.raises(SettingError, match="no vendor is configured"):
        preflight.check([SHOP, folder])


def test_a_disk_that_is_nearly_full_is_told_with_figures(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nearly_full = shutil._ntuple_diskusage(2**40, 2**40, 100 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: nearly_full)
    with pytest.raises(SettingError, match="nearly full: 100 MiB are free and a run needs 512 MiB"):
        preflight.check([SHOP])


def test_a_build_file_that_another_process_holds_is_told_with_its_pid(data: Path) -> None:
    build = environment.build_file()
    script = f"import duckdb; c = duckdb.connect({str(build)!r}); print(1, flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    with holder:
        holder.stdout.readline()
        with pytest.raises(SettingError, match=rf"open in process {holder.pid}.*never locked"):
            preflight.check([SHOP])
        holder.kill()


def test_a_damaged_build_file_is_told_with_the_remedy(data: Path) -> None:
    environment.build_file().write_bytes(b"no database" * 1000)
    with pytest.raises(SettingError, match=r"cannot be opened.*Move it away"):
        preflight.check([SHOP])


def test_a_sound_build_file_passes(data: Path) -> None:
    duckdb.connect(str(environment.build_file())).close()
    assert preflight.check([SHOP]) == []
