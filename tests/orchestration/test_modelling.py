"""The manifest is that of the checkout that asks for it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from orchestration import modelling
from tests.orchestration.conftest import SMALL_DBT, parses_here

LONG_AGO = 1_700_000_000


@pytest.fixture(autouse=True)
def _parsed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What matters is when dbt is asked to parse, and with what beside it."""
    monkeypatch.setattr(modelling, "command", parses_here)


def models(project: Path) -> set[str]:
    manifest = json.loads(modelling.project(project).manifest_path.read_text())
    return {name.rpartition(".")[2] for name in manifest["nodes"]}


@pytest.mark.usefixtures("data")
def test_two_releases_that_share_a_data_folder_each_have_their_own_models(tmp_path: Path) -> None:
    older, newer = tmp_path / "older", tmp_path / "newer"
    for release in (older, newer):
        shutil.copytree(SMALL_DBT, release)
    (newer / "models" / "marts" / "fct_new.sql").write_text("select 1 as one")
    for path in [newer, *newer.rglob("*")]:
        os.utime(path, (LONG_AGO, LONG_AGO))
    assert "fct_new" not in models(older)
    assert "fct_new" in models(newer)
    assert "fct_new" not in models(older)


@pytest.mark.usefixtures("data")
def test_a_project_whose_files_are_the_same_is_parsed_once(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(SMALL_DBT, project)
    parsed = modelling.project(project).manifest_path.stat().st_mtime_ns
    assert modelling.project(project).manifest_path.stat().st_mtime_ns == parsed
    (project / "models" / "marts" / "fct_new.sql").write_text("select 1 as one")
    assert "fct_new" in models(project)
    (project / "models" / "marts" / "fct_new.sql").unlink()
    assert "fct_new" not in models(project)


@pytest.mark.usefixtures("data")
def test_a_parse_that_was_killed_or_a_manifest_that_was_removed_counts_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer = tmp_path / "older", tmp_path / "newer"
    for release in (older, newer):
        shutil.copytree(SMALL_DBT, release)
    (newer / "models" / "marts" / "fct_new.sql").write_text("select 1 as one")
    manifest = modelling.project(older).manifest_path
    manifest.unlink()
    assert models(older)

    class Killed:
        def cli(self, *_: object, **__: object) -> None:
            manifest.write_text("{")
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(modelling, "command", lambda _: Killed())
        with pytest.raises(KeyboardInterrupt):
            modelling.project(newer)
    assert "fct_new" not in models(older)
