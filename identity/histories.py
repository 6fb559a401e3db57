"""Histories that only the nights knew, taken over where a build file is made anew.

Belongs here: which tables these are and how they come back from the published file. What is in them
belongs to the models of their names, which go on from what they find.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

HISTORIES = ("dim_customer_history", "dim_customer_contact_history")


def restore(con: duckdb.DuckDBPyConnection, published: Path) -> int:
    """Take histories over from a published warehouse where the build file has none.

    Args:
        con: the build file, writable.
        published: the published file; it need not exist, nor hold histories.

    Returns:
        How many versions were taken over.
    """
    missing = [name for name in HISTORIES if not _has(con, "current_database()", name)]
    if not missing or not published.exists():
        return 0
    con.execute("create schema if not exists marts")
    con.execute(f"attach '{published}' as published_histories (read_only)")
    try:
        found = [name for name in missing if _has(con, "'published_histories'", name)]
        for name in found:
            con.execute(f"create table marts.{name} as from published_histories.marts.{name}")
    finally:
        con.execute("detach published_histories")
    return sum(con.table(f"marts.{name}").count("*").fetchall()[0][0] for name in found)


def _has(con: duckdb.DuckDBPyConnection, database: str, name: str) -> bool:
    row = con.execute(
        f"select 1 from duckdb_tables() where database_name = {database}"
        f" and schema_name = 'marts' and table_name = '{name}'"
    ).fetchone()
    return row is not None
