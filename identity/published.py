"""The published file beside the build file, for what only it still knows.

Belongs here: opening it to read and looking what it holds. Does not belong here: what is taken over
from it (keys.py, histories.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

NAME = "published"


@contextmanager
def attached(con: duckdb.DuckDBPyConnection, file: Path) -> Iterator[None]:
    """Show the published file to the build file's connection as the database `published`.

    Args:
        con: the build file.
        file: the published file, which must exist.
    """
    path = str(file).replace("'", "''")
    con.execute(f"attach '{path}' as {NAME} (read_only)")
    try:
        yield
    finally:
        con.execute(f"detach {NAME}")


def has_table(
    con: duckdb.DuckDBPyConnection, schema: str, table: str, database: str | None = None
) -> bool:
    """Whether a table is there; in the build file, unless another database is named."""
    row = con.execute(
        "select 1 from duckdb_tables() where database_name = coalesce(?, current_database())"
        " and schema_name = ? and table_name = ?",
        [database, schema, table],
    ).fetchone()
    return row is not None
