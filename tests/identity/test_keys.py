"""A person's key stays theirs: through merges, late news, partings, rebuilds and decisions."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

from identity import keys
from identity.decisions import add, decision
from identity.resolution import create_tables
from tests.identity.conftest import customers, identifier, link, resolve

Con = duckdb.DuckDBPyConnection


def merges(con: Con) -> dict[str, str]:
    rows = con.execute("select merged_customer_id, customer_id from identity.customer_merges")
    return dict(rows.fetchall())


def key_of(anchor: str) -> str:
    return hashlib.md5(f"customer|{anchor}".encode()).hexdigest()


def reasons(con: Con) -> list[tuple[str, str, str]]:
    return con.execute("from identity.graph_refusals order by all").fetchall()


def test_what_is_heard_late_of_an_earlier_day_leaves_the_key_as_it_is(con: Con) -> None:
    identifier(con, "email", 5)
    resolve(con)
    before = customers(con)["email"]
    identifier(con, "cookie", 1)
    link(con, "email", "cookie")
    resolve(con)
    assert customers(con) == {"email": before, "cookie": before}
    assert merges(con) == {}


def test_a_merge_maps_the_younger_key_to_the_older_and_a_parting_takes_it_back(con: Con) -> None:
    identifier(con, "old", 2)
    identifier(con, "young", 9)
    resolve(con)
    apart = customers(con)
    link(con, "young", "old")
    resolve(con)
    assert merges(con) == {apart["young"]: apart["old"]}
    con.execute("delete from wanted.edges")
    resolve(con)
    assert customers(con) == apart
    assert merges(con) == {}


def test_who_was_seen_at_no_known_time_is_somebody_and_comes_after_who_was(con: Con) -> None:
    for number in range(20):
        identifier(con, f"record {number:02}", None)
        identifier(con, f"address {number:02}", None if number % 2 else 7)
        link(con, f"record {number:02}", f"address {number:02}")
    resolve(con)
    found = customers(con)
    assert len(found) == 40
    # Of two without a time the value decides; one with a time comes first.
    assert {found[f"record {number:02}"] for number in range(20)} == {
        key_of(f"address {number:02}") for number in range(20)
    }
    con.execute("update wanted.identifiers set first_seen_at = timestamp '2026-01-03'")
    resolve(con)
    assert customers(con) == found
    resolve(con, is_whole=True)
    assert customers(con) == found


def test_the_key_minted_on_an_earlier_night_survives_one_whose_person_was_seen_earlier(
    con: Con,
) -> None:
    identifier(con, "known", 8)
    resolve(con)
    known = customers(con)["known"]
    identifier(con, "newcomer", 1)
    resolve(con)
    link(con, "known", "newcomer")
    resolve(con)
    assert set(customers(con).values()) == {known}


def test_an_anchor_that_is_gone_takes_its_key_along_and_brings_it_back(con: Con) -> None:
    identifier(con, "anchor", 1)
    identifier(con, "other", 2)
    link(con, "anchor", "other")
    resolve(con)
    before = customers(con)["other"]
    con.execute("delete from wanted.edges")
    con.execute("delete from wanted.identifiers where identifier_id = 'anchor'")
    resolve(con)
    alone = customers(con)["other"]
    assert alone != before
    identifier(con, "anchor", 1)
    link(con, "anchor", "other")
    resolve(con)
    assert set(customers(con).values()) == {before}
    assert merges(con) == {alone: before}


def test_a_build_file_made_anew_takes_the_keys_of_the_published_one(
    con: Con, tmp_path: Path
) -> None:
    identifier(con, "email", 5)
    resolve(con)
    before = customers(con)["email"]
    published = tmp_path / "it's published.duckdb"
    con.execute(f"attach '{tmp_path}/it''s published.duckdb' as published")
    con.execute("create schema published.identity")
    con.execute("create table published.identity.customer_keys as from identity.customer_keys")
    con.execute("detach published")
    con.execute("drop schema identity cascade")
    create_tables(con)
    assert keys.restore(con, published) == 1
    assert keys.restore(con, published) == 0
    identifier(con, "cookie", 1)
    link(con, "email", "cookie")
    resolve(con)
    assert set(customers(con).values()) == {before}


def test_without_a_published_file_there_is_nothing_to_take_over(con: Con, tmp_path: Path) -> None:
    create_tables(con)
    assert keys.restore(con, tmp_path / "none.duckdb") == 0
    duckdb.connect(str(tmp_path / "old.duckdb")).close()
    assert keys.restore(con, tmp_path / "old.duckdb") == 0


def test_a_decided_split_wins_over_the_rules_and_says_so(con: Con, tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    for name, day in {"a": 1, "b": 2, "tablet": 3}.items():
        identifier(con, name, day)
    link(con, "a", "tablet")
    link(con, "b", "tablet")
    resolve(con, path)
    together = customers(con)
    assert len(set(together.values())) == 1
    add(path, decision("split", "type:a", "type:b", "Ann", "two sisters"))
    assert resolve(con, path).refused == 1
    apart = customers(con)
    assert apart["a"] != apart["b"]
    ((left, right, reason),) = reasons(con)
    assert {left, right} <= {"a", "b", "tablet"}
    assert reason.startswith("decision: split of ")
    assert "two sisters" in reason
    path.unlink()
    resolve(con, path)
    assert customers(con) == together


def test_a_decided_join_makes_one_person_without_any_link(con: Con, tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    identifier(con, "a", 1)
    identifier(con, "b", 2)
    add(path, decision("join", "type:a", "type:b", "Ann", "same passport"))
    add(path, decision("join", "type:a", "type:never_seen", "Ann", "a number of long ago"))
    found = resolve(con, path)
    assert found.problems == ["the join of line 3 waits: type:never_seen has not been seen"]
    assert len(set(customers(con).values())) == 1


def test_a_broken_decisions_file_is_named_and_the_last_good_ones_stay(
    con: Con, tmp_path: Path
) -> None:
    path = tmp_path / "decisions.csv"
    identifier(con, "a", 1)
    identifier(con, "b", 2)
    add(path, decision("join", "type:a", "type:b", "Ann", "same passport"))
    resolve(con, path)
    path.write_text(path.read_text() + "oops\n")
    found = resolve(con, path)
    assert len(set(customers(con).values())) == 1
    (problem,) = found.problems
    assert "decisions.csv line 3" in problem


def test_a_person_that_explodes_keeps_strong_links_and_tells_of_the_weak(con: Con) -> None:
    for number in range(12):
        identifier(con, f"i{number:02}", 1 + number)
    for number in range(3):
        link(con, "i00", f"i{number + 1:02}", strength=0.9)
    resolve(con, most_identifiers=5)
    before = customers(con)
    assert len(set(before.values())) == 9
    for number in range(4, 12):
        link(con, "i01", f"i{number:02}", strength=0.3)
    found = resolve(con, most_identifiers=5)
    assert customers(con) == before
    assert found.refused == 8
    assert found.problems == ["quarantine: a person of more than 5 identifiers (8 links)"]
    assert len(reasons(con)) == 8
    identifier(con, "elsewhere", 1)
    again = resolve(con, most_identifiers=5)
    assert (again.touched, again.problems) == (1, found.problems)


def test_an_explosion_on_the_first_night_leaves_each_identifier_alone(con: Con) -> None:
    for number in range(8):
        identifier(con, f"i{number}", 1 + number)
        link(con, "i0", f"i{number}") if number else None
    resolve(con, most_identifiers=5)
    assert len(set(customers(con).values())) == 8
