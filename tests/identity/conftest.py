"""Identifiers and edges made by hand, handed to the resolution as dbt's models do it.

`wanted` holds what there is; `resolve` brings it into the models' tables as a night of dbt would:
what is new or changed has a new batch, what is gone stays as a row that says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import duckdb
import pytest

from identity import resolution

MODELS = """
    create schema intermediate;
    create schema wanted;
    create table wanted.identifiers (
        identifier_id text, identifier_type text, identifier_value text, type_priority bigint,
        first_seen_at timestamp, last_seen_at timestamp
    );
    create table wanted.edges (
        source text, left_identifier_id text, left_type text, left_value text,
        right_identifier_id text, right_type text, right_value text,
        first_seen_at timestamp, last_seen_at timestamp,
        strength double default 0.5, is_person_link boolean default true, refusal_reason text
    );
    create table intermediate.int_identity__identifiers as
    select *, false as is_withdrawn, 0::bigint as batch_seq from wanted.identifiers;
    create table intermediate.int_identity__candidate_edges as
    select *, false as is_withdrawn, 0::bigint as batch_seq from wanted.edges;
    create view intermediate.int_identity__edges as
    from intermediate.int_identity__candidate_edges
    where not is_withdrawn and refusal_reason is null and right_identifier_id is not null;
    create view intermediate.int_identity__refusals as
    from intermediate.int_identity__candidate_edges
    where not is_withdrawn and refusal_reason is not null;
"""
_ARRIVE = """
    insert into intermediate.{model}
    select *, false, {batch} from (
        from wanted.{wanted} except
        select * exclude (is_withdrawn, batch_seq) from intermediate.{model} where not is_withdrawn
    )
"""
_GONE = """
    update intermediate.{model} as known set is_withdrawn = true, batch_seq = {batch}
    where
        not known.is_withdrawn
        and not exists (select 1 from wanted.{wanted} as wanted where {same})
"""
_REPLACED = """
    delete from intermediate.{model} as known
    where exists (
        select 1 from intermediate.{model} as newer
        where {same} and newer.batch_seq > known.batch_seq
    )
"""
_SAME = {
    "identifiers": "{0}.identifier_id = known.identifier_id",
    "edges": "({0}.source, {0}.left_identifier_id, {0}.right_identifier_id)"
    " is not distinct from (known.source, known.left_identifier_id, known.right_identifier_id)",
}
_NAMES = {"identifiers": "int_identity__identifiers", "edges": "int_identity__candidate_edges"}


@contextmanager
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    """A build file without anybody in it; for so few a second thread is only in the way."""
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute(MODELS)
        yield con


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with empty() as con:
        yield con


def model(con: duckdb.DuckDBPyConnection) -> None:
    """A night of dbt: what is wanted now, as the next batch."""
    row = con.execute(
        "select greatest((select max(batch_seq) from intermediate.int_identity__candidate_edges),"
        " (select max(batch_seq) from intermediate.int_identity__identifiers), 0) + 1"
    ).fetchone()
    assert row is not None
    for wanted, name in _NAMES.items():
        same = _SAME[wanted]
        names: dict[str, Any] = {"model": name, "wanted": wanted, "batch": row[0]}
        con.execute(_GONE.format(**names, same=same.format("wanted")))
        con.execute(_ARRIVE.format(**names))
        con.execute(_REPLACED.format(**names, same=same.format("newer")))


def resolve(con: duckdb.DuckDBPyConnection, *given: Any, **named: Any) -> resolution.Resolution:
    """A night of dbt and the resolution after it."""
    model(con)
    return resolution.resolve(con, *given, **named)


def identifier(
    con: duckdb.DuckDBPyConnection, name: str, day: int | None, priority: int = 5
) -> None:
    moment = datetime(2026, 1, day) if day else None
    con.execute(
        "insert into wanted.identifiers values (?, 'type', ?, ?, ?, ?)",
        [name, name, priority, moment, moment],
    )


def link(
    con: duckdb.DuckDBPyConnection,
    left: str,
    right: str,
    strength: float = 0.5,
    source: str = "web",
    refused: str | None = None,
) -> None:
    con.execute(
        "insert into wanted.edges by name select ? as source, ? as left_identifier_id,"
        " ? as right_identifier_id, ? as strength, ?::text as refusal_reason",
        [source, left, right, strength, refused],
    )


def customers(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    rows = con.execute("select identifier_id, customer_id from identity.customer_identifiers")
    return dict(rows.fetchall())
