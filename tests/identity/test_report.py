"""How right the persons are, on a few whose truth is plain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from identity import report

# Anna is whole. Ben's cookie is taken for another, though a link that was refused shows it. Cleo
# and Dan are one customer. Nobody was ever seen with Eve's two identifiers at once.
BRIDGE = [
    ("a1", "email", "anna@x.org", "c1"),
    ("a2", "phone", "+1", "c1"),
    ("b1", "email", "ben@x.org", "c2"),
    ("b2", "cookie", "ben", "c3"),
    ("c1", "email", "cleo@x.org", "c4"),
    ("d1", "email", "dan@x.org", "c4"),
    ("e1", "email", "eve@x.org", "c5"),
    ("e2", "cookie", "eve", "c6"),
    ("s1", "cookie", "shared", "c6"),
    ("u1", "cookie", "not in the truth", "c6"),
]
PERSONS = {"a1": 1, "a2": 1, "b1": 2, "b2": 2, "c1": 3, "d1": 4, "e1": 5, "e2": 5, "s1": None}
EDGES = [
    ("a1", "a2", None),
    ("b1", "b2", "limit"),
    ("c1", "d1", None),
    ("e2", "s1", None),
]


@pytest.fixture
def truth() -> pa.Table:
    rows = [
        {
            "identifier_type": kind,
            "identifier_value": value,
            "person_id": PERSONS[name],
            "persons": 2 if PERSONS[name] is None else 1,
        }
        for name, kind, value, _ in BRIDGE
        if name in PERSONS
    ]
    return pa.Table.from_pylist(rows)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema identity; create schema intermediate")
        con.execute(
            "create table identity.customer_identifiers (identifier_id text,"
            " identifier_type text, identifier_value text, customer_id text)"
        )
        con.executemany("insert into identity.customer_identifiers values (?, ?, ?, ?)", BRIDGE)
        con.execute(
            "create table identity.probable_persons (customer_id text, probable_customer_id text)"
        )
        con.execute("insert into identity.probable_persons values ('c3', 'c2')")
        con.execute(
            "create table intermediate.int_customers__unioned as"
            " select 'e1' as identifier_id, 'Eve' as first_name, null as last_name"
            " union all select 'e2', 'Eve', null"
        )
        named = {name: (kind, value) for name, kind, value, _ in BRIDGE}
        con.execute(
            "create table intermediate.int_identity__candidate_edges (left_identifier_id text,"
            " left_type text, left_value text, right_identifier_id text, right_type text,"
            " right_value text, refusal_reason text, is_withdrawn boolean default false,"
            " is_person_link boolean default true)"
        )
        con.executemany(
            "insert into intermediate.int_identity__candidate_edges"
            " (left_identifier_id, left_type, left_value, right_identifier_id, right_type,"
            " right_value, refusal_reason) values (?, ?, ?, ?, ?, ?, ?)",
            [(one, *named[one], other, *named[other], why) for one, other, why in EDGES],
        )
        yield con


def test_pairs_are_right_where_both_are_one_persons(con: Any, truth: pa.Table) -> None:
    certain, _ = report.scores(con, truth)
    # Found: Anna's pair and Cleo with Dan.
    assert (certain.pairs, certain.precision) == (2, 0.5)
    # Evidence connects Anna's pair and Ben's; Eve's two were never seen together.
    assert certain.recall == 0.5
    assert certain.f1 == 0.5


def test_a_person_is_whole_who_is_just_one_customer(con: Any, truth: pa.Table) -> None:
    certain, _ = report.scores(con, truth)
    # Whole: Anna and Eve's two halves, which nothing connects. Customers: c1 to c6.
    assert certain.whole_precision == pytest.approx(3 / 6)
    # Persons, as far as evidence reaches: Anna, Ben, Cleo, Dan, Eve twice.
    assert certain.whole_recall == pytest.approx(3 / 6)


def test_probably_one_person_counts_at_that_level_where_records_tell(
    con: Any, truth: pa.Table
) -> None:
    _, probable = report.scores(con, truth)
    # Ben is found now. Eve's two records should have been.
    assert (probable.pairs, probable.precision) == (3, pytest.approx(2 / 3))
    assert probable.recall == pytest.approx(2 / 3)


def test_the_worst_errors_are_named(con: Any, truth: pa.Table) -> None:
    found = report.scores(con, truth)
    assert found[0].false_merges == [("c4", 2, ["email:cleo@x.org", "email:dan@x.org"])]
    assert found[0].misses == [(2, ["cookie:ben", "email:ben@x.org"])]
    assert [names for _, names in found[1].misses] == [["cookie:eve", "email:eve@x.org"]]
    told = "\n".join(report.lines(found, 0))
    assert "c4: 2 persons, email:cleo@x.org, email:dan@x.org" in told


def test_links_over_what_several_use_are_counted(con: Any, truth: pa.Table) -> None:
    assert report.links_over_shared(con, truth) == 1
