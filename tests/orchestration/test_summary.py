"""The end of a run in words: what it tells a person to type can be typed."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from orchestration import environment, summary


@pytest.mark.parametrize("folder", ["data", 'it\'s a "data" folder [of $HOME]'])
def test_the_line_to_analyse_with_works_as_it_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setenv("THROUGHLINE_DATA", str(tmp_path / folder))
    published = environment.published_folder()
    published.mkdir(parents=True)
    with duckdb.connect(str(published / "warehouse.duckdb")) as con:
        con.execute("create schema marts")
        con.execute("create table marts.rpt_channel_performance as select 'paid_search' as channel")
    out = io.StringIO()

    summary.print_where_next(Console(file=out, width=40), held_back=False)

    (line,) = [line for line in out.getvalue().splitlines() if line.split()[:1] == ["analyse"]]
    done = subprocess.run(
        ["sh", "-c", line.split(maxsplit=1)[1]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "paid_search" in done.stdout


def test_nothing_is_offered_to_analyse_where_nothing_was_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THROUGHLINE_DATA", str(tmp_path))
    out = io.StringIO()
    summary.print_where_next(Console(file=out), held_back=False)
    assert "analyse" not in out.getvalue()
    assert "make ui" in out.getvalue()
