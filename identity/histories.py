"""Histories that only the nights knew, taken over where a build file is made anew.

Belongs here: which tables these are and how they come back from the published file. What is in them
belongs to the models of their names, which go on from what they find.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from identity.published import NAME, attached, has_table

HISTORIES = ("dim_customer_history", "dim_customer_contact_history")


def restore(con: duckdb.DuckDBPyConnection, published: Path) -> int:
    """Take histories over from a published warehouse where the build file has none.

    Args:
        con: the build file, writable.
        published: the published file; it need not exist, nor hold histories.

    Returns:
        How many versions were taken over.
    """
    missing = [name for name in HISTORIES if not has_table(con, "marts", name)]
    if not missing or not published.exists():
        return 0
    con.execute("create schema if not exists marts")
    with attached(con, published):
        found = [name for name in missing if has_table(con, "marts", name, NAME)]
        for name in found:
            con.execute(f"create table marts.{name} as from {NAME}.marts.{name}")
    return sum(con.table(f"marts.{name}").count("*").fetchall()[0][0] for name in found)
