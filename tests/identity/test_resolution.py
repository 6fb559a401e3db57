"""Who is one person: components, their keys, merges and partings, on hand-made edges."""

from __future__ import annotations

from itertools import pairwise

import duckdb
import pytest

from identity.resolution import create_tables
from tests.identity.conftest import customers, identifier, link, resolve

SEEN = {"email": 1, "cookie": 2, "phone": 3, "card": 4}


def test_nothing_gives_an_empty_bridge(con: duckdb.DuckDBPyConnection) -> None:
    assert resolve(con).customers == 0
    assert customers(con) == {}


def test_what_is_linked_is_one_person_and_what_is_alone_is_one_too(
    con: duckdb.DuckDBPyConnection,
) -> None:
    for name, day in SEEN.items():
        identifier(con, name, day)
    link(con, "phone", "cookie")
    link(con, "cookie", "email")
    link(con, "cookie", "email")
    assert resolve(con).customers == 2
    found = customers(con)
    assert found["phone"] == found["cookie"] == found["email"] != found["card"]


def test_the_older_key_survives_a_merge_and_parting_gives_both_back(
    con: duckdb.DuckDBPyConnection,
) -> None:
    identifier(con, "young", 9)
    identifier(con, "old", 2)
    resolve(con)
    apart = customers(con)
    link(con, "young", "old")
    merged = resolve(con)
    assert customers(con) == {"young": apart["old"], "old": apart["old"]}
    assert merged.changed == 1
    con.execute("delete from wanted.edges")
    assert resolve(con).changed == 1
    assert customers(con) == apart
    changes = con.execute("from identity.identifier_changes order by change_seq").fetchall()
    assert changes == [
        (1, "young", apart["young"], apart["old"]),
        (2, "young", apart["old"], apart["young"]),
    ]


def test_at_the_same_moment_the_type_and_then_the_value_decide(
    con: duckdb.DuckDBPyConnection,
) -> None:
    identifier(con, "b", 1, priority=2)
    identifier(con, "a", 1, priority=8)
    resolve(con)
    alone = customers(con)
    link(con, "a", "b")
    resolve(con)
    assert customers(con)["a"] == alone["b"]


def test_the_order_of_rows_does_not_matter(con: duckdb.DuckDBPyConnection) -> None:
    names = [f"i{number}" for number in range(50)]
    for name in names:
        identifier(con, name, 1 + len(names) % 7)
    for left, right in pairwise(names[:31]):
        link(con, left, right)
    resolve(con)
    before = customers(con)
    for table in ("identifiers", "edges"):
        con.execute(
            f"create or replace table wanted.{table} as"
            f" select * from wanted.{table} order by random()"
        )
    assert resolve(con).changed == 0
    assert customers(con) == before


def test_an_identifier_that_is_gone_is_told_to_the_facts(con: duckdb.DuckDBPyConnection) -> None:
    identifier(con, "blocked", 1)
    resolve(con)
    con.execute("delete from wanted.identifiers")
    assert resolve(con).changed == 1
    assert con.execute("select customer_id from identity.identifier_changes").fetchall() == [
        (None,)
    ]


def test_a_resolution_that_fails_leaves_the_bridge_as_it_was(
    con: duckdb.DuckDBPyConnection,
) -> None:
    identifier(con, "kept", 1)
    resolve(con)
    before = customers(con)
    con.execute("alter table identity_graph.identifiers drop column seen_rank")
    identifier(con, "new", 2)
    with pytest.raises(duckdb.Error):
        resolve(con)
    assert customers(con) == before


def test_tables_can_be_made_before_anything_is_resolved(con: duckdb.DuckDBPyConnection) -> None:
    create_tables(con)
    create_tables(con)
    assert customers(con) == {}
