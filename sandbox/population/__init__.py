"""The population and its truth, as SQL that DuckDB runs over a stretch of days at a time.

Belongs here: who people are, what they do, what the company says to them. Does not belong here:
how any vendor would show it (that vendor's module). Every random choice hashes the seed with what
it is about, so equal parameters give equal rows, and memory depends on a stretch, not on the whole.

What happens at one vendor only is that vendor's: `once/<vendor>.sql` and `daily/<vendor>.sql` run
after the others, may read what those made, and every table of theirs whose name begins with
`<vendor>_` is kept as truth.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from sandbox.world import World, parquet_in, quoted

SQL = Path(__file__).parent
ONCE = ("person", "shop", "media")
TABLES_ONCE = (
    "person",
    "device",
    "location",
    "product",
    "ad",
    "email_campaign",
    "post",
    "post_day",
    "identifier",
)
TABLES_DAILY = (
    "ad_click",
    "message",
    "message_event",
    "purchase_line",
    "purchase",
    "payment",
    "refund",
    "session",
    "web_event",
    "ad_day",
)


def populate(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write every truth table as Parquet under the world."""
    _prepare(con, world)
    for name in ONCE:
        con.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))
    once, daily = sorted((SQL / "once").glob("*.sql")), sorted((SQL / "daily").glob("*.sql"))
    for path in (*once, SQL / "identifier.sql"):
        con.execute(path.read_text(encoding="utf-8"))
    for table in (*TABLES_ONCE, *_tables_of(con, once)):
        _keep(con, world, table, "all")
    steps = [path.read_text(encoding="utf-8") for path in daily]
    for first, last in world.stretches:
        con.execute("set variable from_day = ?", [first])
        con.execute("set variable until_day = ?", [last])
        for step in steps:
            con.execute(step)
        for table in (*TABLES_DAILY, *_tables_of(con, daily)):
            _keep(con, world, table, f"{first:05d}")


def _tables_of(con: duckdb.DuckDBPyConnection, files: Iterable[Path]) -> list[str]:
    """The tables that vendors' files made: temporary ones in `daily`, others in `once`."""
    names = con.execute("select table_name, temporary from duckdb_tables()").fetchall()
    return sorted(
        name
        for file in files
        for name, is_temporary in names
        if name.startswith(f"{file.stem}_") and is_temporary == (file.parent.name == "daily")
    )


def attach(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Show a world's truth tables to a connection, with the macros that made them."""
    _prepare(con, world)
    for folder in sorted((world.folder / "truth").iterdir()):
        kind = "table" if folder.name in TABLES_ONCE else "view"
        con.execute(f"create {kind} {folder.name} as from {parquet_in(folder)}")


def _prepare(con: duckdb.DuckDBPyConnection, world: World) -> None:
    con.execute("set variable seed = ?", [world.parameters.seed])
    con.execute("set variable people = ?", [world.parameters.people])
    con.execute("set variable start = ?", [world.start.replace(tzinfo=None)])
    con.execute("set variable days = ?", [world.parameters.days])
    con.execute((SQL / "macros.sql").read_text(encoding="utf-8"))


def _keep(con: duckdb.DuckDBPyConnection, world: World, table: str, name: str) -> None:
    folder = world.folder / "truth" / table
    folder.mkdir(exist_ok=True)
    con.execute(f"copy {table} to {quoted(folder / f'{name}.parquet')} (format parquet)")
