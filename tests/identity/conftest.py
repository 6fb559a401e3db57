"""Identifiers and edges made by hand, as dbt's models would have them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import duckdb
import pytest


@contextmanager
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    """A build file without anybody in it."""
    with duckdb.connect() as con:
        con.execute("create schema intermediate")
        con.execute(
            "create table intermediate.int_identity__identifiers (identifier_id text,"
            " identifier_type text, identifier_value text, type_priority bigint,"
            " first_seen_at timestamp, last_seen_at timestamp)"
        )
        con.execute(
            "create table intermediate.int_identity__edges"
            " (left_identifier_id text, right_identifier_id text)"
        )
        yield con


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with empty() as con:
        yield con


def identifier(con: duckdb.DuckDBPyConnection, name: str, day: int, priority: int = 5) -> None:
    moment = datetime(2026, 1, day)
    con.execute(
        "insert into intermediate.int_identity__identifiers values (?, 'type', ?, ?, ?, ?)",
        [name, name, priority, moment, moment],
    )


def link(con: duckdb.DuckDBPyConnection, left: str, right: str) -> None:
    con.execute("insert into intermediate.int_identity__edges values (?, ?)", [left, right])


def customers(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    rows = con.execute("select identifier_id, customer_id from identity.customer_identifiers")
    return dict(rows.fetchall())
