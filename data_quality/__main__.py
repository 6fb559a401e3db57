"""The operator's command: `python -m data_quality loads [release|discard LOAD_ID]`.

Here belongs only what a person reads and types; what a decision does belongs in loads.py.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors.settings import SettingError, data_folder, load_env_file
from data_quality import loads
from data_quality.loads import Load, LoadError

NEXT_RUN = "run `make nightly`"


def build_file() -> Path:
    """The private file that runs write (`THROUGHLINE_BUILD_DB` moves it)."""
    named = os.environ.get("THROUGHLINE_BUILD_DB")
    return Path(named).resolve() if named else data_folder() / "build" / "warehouse.duckdb"


@contextmanager
def opened(path: Path, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build file, or one sentence on why it cannot be had.

    Raises:
        LoadError: there is none yet, a run holds it, or it is damaged.
    """
    if not path.exists():
        raise LoadError(f"There is no warehouse at {path} yet: {NEXT_RUN} first.")
    try:
        con = duckdb.connect(str(path), read_only=read_only)
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise LoadError(f"{path} cannot be opened: {error}") from error
        raise LoadError(
            f"A run is writing {path} right now: wait until it has ended, then try again."
        ) from error
    try:
        yield con
    finally:
        con.close()


def show(con: duckdb.DuckDBPyConnection, console: Console) -> None:
    """Print the held loads, each with what speaks against it and what to type next."""
    if not _is_prepared(con) or not (waiting := loads.held(con)):
        console.print("No load is held back: every stream shows its newest accepted data.")
        return
    table = Table(title=f"{len(waiting)} held back", title_justify="left", show_lines=True)
    for heading in ("load", "why", "figures", "waiting"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("load", "waiting"))
    for load in waiting:
        table.add_row(
            f"{load.load_id}\n{load.vendor}/{load.stream}\n{escape(load.window)}",
            escape(load.reason or ""),
            _figures(con, load),
            _age(load),
        )
    console.print(table)
    first = waiting[0].load_id
    console.print(
        f"To take one as it is:   make loads RELEASE={first}\n"
        f"To leave one out:       make loads DISCARD={first}\n"
        "Until then its stream shows the last accepted load; all other streams are unaffected.",
        highlight=False,
    )


def _is_prepared(con: duckdb.DuckDBPyConnection) -> bool:
    query = "select count(*) from duckdb_tables() where schema_name = 'ops'"
    row = con.execute(f"{query} and table_name in ('loads', 'load_figures')").fetchone()
    return row is not None and row[0] == 2


def _figures(con: duckdb.DuckDBPyConnection, load: Load) -> str:
    if not load.is_readable:
        return "not read"
    query = "select figure, value from ops.load_figures where load_id = ? and day is null"
    figures = dict(con.execute(query, [load.load_id]).fetchall())
    shown = [f"{load.page_count} pages"]
    for figure in ("landed_rows", "new_rows", "quarantined_rows"):
        if figure in figures:
            shown.append(f"{figures[figure]:,.0f} {figure.replace('_', ' ')}")
    return "\n".join(shown)


def _age(load: Load) -> str:
    if load.decided_at is None:
        return ""
    age = loads.now() - load.decided_at
    if age < timedelta(hours=1):
        return f"{age // timedelta(minutes=1)} min"
    if age < timedelta(days=2):
        return f"{age // timedelta(hours=1)} h"
    return f"{age.days} days"


def decide(con: duckdb.DuckDBPyConnection, verb: str, load_id: str, console: Console) -> None:
    """Release or discard, and say what it means and what to run next."""
    operator = f"operator {getpass.getuser()}"
    if verb == "discard":
        load = loads.discard(con, load_id, operator)
        text = f"Discarded {load}. Its pages stay in the landing; no model reads them."
    else:
        load = loads.release(con, load_id, operator)
        text = f"Released {load}. Its rows reach the marts with the next run: now {NEXT_RUN}."
        if not load.is_readable:
            text = f"{load}: its files are looked at again by the next run: now {NEXT_RUN}."
    console.print(text, highlight=False, soft_wrap=True, markup=False)


def main(arguments: list[str] | None = None, console: Console | None = None) -> int:
    """Run the command.

    Returns:
        0, or 1 where it could not be done (one sentence on standard error says why).
    """
    parser = argparse.ArgumentParser(prog="python -m data_quality", description=__doc__)
    rooms = parser.add_subparsers(required=True, metavar="loads")
    command = rooms.add_parser("loads", help="list held-back loads, release or discard one")
    command.add_argument("verb", nargs="?", choices=("release", "discard"))
    command.add_argument("load_id", nargs="?")
    chosen = parser.parse_args(arguments)
    if (chosen.verb is None) != (chosen.load_id is None):
        parser.error("release and discard need the id of a load")
    console = console or Console()
    try:
        load_env_file()
        with opened(build_file(), read_only=chosen.verb is None) as con:
            if chosen.verb is None:
                show(con, console)
            else:
                loads.prepare(con)
                decide(con, chosen.verb, chosen.load_id, console)
    except (LoadError, SettingError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
