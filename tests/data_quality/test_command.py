from __future__ import annotations

import io
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from data_quality import loads
from data_quality.__main__ import main
from tests.data_quality.conftest import Night


@pytest.fixture
def warehouse(night: Night, monkeypatch: pytest.MonkeyPatch) -> Night:
    """A build file with one held load, closed so that the command can open it."""
    night.land("klaviyo", "events", ["{}"])
    night.register()
    night.con.execute(
        "update ops.loads set status = 'held', reason = ?, decided_at = ?",
        ["0 rows of 2026-01-05 came, where about 40 are usual [x]", loads.now()],
    )
    night.con.execute("update ops.loads set decided_at = decided_at - interval 5 hour")
    night.con.execute(
        "insert into ops.load_figures values (?, 'klaviyo', 'events', 'landed_rows', null, 1234)",
        [night.load_ids[0]],
    )
    night.con.close()
    monkeypatch.setenv("THROUGHLINE_BUILD_DB", str(night.folder / "build.duckdb"))
    return night


def run(*arguments: str) -> tuple[int, str]:
    text = io.StringIO()
    status = main(["loads", *arguments], Console(file=text, width=100))
    return status, text.getvalue()


def test_the_list_tells_a_person_what_waits_why_and_what_to_type(warehouse: Night) -> None:
    status, text = run()

    assert status == 0
    words = " ".join(text.split())
    for said in ("klaviyo/events", "[2026-01-05, 2026-01-06)", "1,234 landed rows", "5 h", "[x]"):
        assert said in words
    assert f"make loads RELEASE={warehouse.load_ids[0]}" in text
    assert f"make loads DISCARD={warehouse.load_ids[0]}" in text


def test_releasing_says_what_to_run_next(warehouse: Night) -> None:
    status, text = run("release", warehouse.load_ids[0])

    assert status == 0
    assert "Released klaviyo/events [2026-01-05, 2026-01-06)" in text
    assert "make nightly" in text
    assert run()[1].startswith("No load is held back")


def test_discarding_says_that_nothing_is_lost(warehouse: Night) -> None:
    status, text = run("discard", warehouse.load_ids[0])

    assert status == 0
    assert "Its pages stay in the landing" in text


def test_an_unknown_load_is_one_sentence_and_a_status(warehouse: Night, capsys) -> None:
    assert run("release", "1.1")[0] == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_half_a_command_is_refused(warehouse: Night, capsys) -> None:
    with pytest.raises(SystemExit):
        run("release")
    assert "need the id of a load" in capsys.readouterr().err


def test_without_a_warehouse_it_says_what_to_run(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("THROUGHLINE_BUILD_DB", str(tmp_path / "none.duckdb"))

    assert run()[0] == 1
    assert "There is no warehouse" in capsys.readouterr().err


def test_a_build_file_that_a_run_holds_is_one_clear_sentence(warehouse: Night, capsys) -> None:
    path = warehouse.folder / "build.duckdb"
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import duckdb; c = duckdb.connect({str(path)!r}); print('open', flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        assert run()[0] == 1
        assert "A run is writing" in capsys.readouterr().err
    finally:
        holder.communicate("\n")


def test_a_warehouse_from_before_the_gate_has_nothing_held(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "new.duckdb"
    duckdb.connect(str(path)).close()
    monkeypatch.setenv("THROUGHLINE_BUILD_DB", str(path))

    assert run()[1].startswith("No load is held back")


def test_ages_are_told_in_the_unit_a_person_would_use(night: Night) -> None:
    from data_quality.__main__ import _age

    night.land("klaviyo", "events", ["{}"])
    (load,) = night.register()
    values = {name: getattr(load, name) for name in load.__dataclass_fields__}

    def aged(delta: timedelta) -> str:
        moment: datetime = loads.now() - delta
        return _age(loads.Load(**{**values, "decided_at": moment}))

    assert aged(timedelta(minutes=7)) == "7 min"
    assert aged(timedelta(hours=30)) == "30 h"
    assert aged(timedelta(days=4)) == "4 days"
