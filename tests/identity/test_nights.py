"""Night after night only what is touched is looked at, and the result is that of looking at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from identity import households, keys, resolution
from identity.decisions import DecisionError, add, decision
from tests.identity.conftest import customers, empty, identifier, link, model, resolve

Con = duckdb.DuckDBPyConnection
PEOPLE = 40
STATE = {
    "keys": "from identity.customer_keys order by all",
    "merges": "from identity.customer_merges order by all",
    "refusals": "from identity.graph_refusals order by all",
    "households": "from identity.households order by all",
    "household keys": "from identity.household_keys order by all",
    "decisions": "from identity.decisions order by all",
    "links": """
        select least(one.identifier_id, other.identifier_id),
            greatest(one.identifier_id, other.identifier_id), units
        from identity_graph.links
        inner join identity_graph.identifiers as one on left_node = one.node
        inner join identity_graph.identifiers as other on right_node = other.node
        order by all
    """,
    # By name, for numbers are another night's others.
    "nodes": """
        select nodes.* exclude (node, component, person),
            min(nodes.identifier_id) over (partition by nodes.component), persons.identifier_id
        from identity_graph.identifiers as nodes
        inner join identity_graph.identifiers as persons on nodes.person = persons.node
        order by all
    """,
}


def state(con: Con) -> dict[str, list[Any]]:
    return {name: con.execute(query).fetchall() for name, query in STATE.items()}


def share_homes(con: Con, chance: np.random.Generator) -> None:
    """Who lives with whom, made anew."""
    con.execute(
        "create or replace table intermediate.int_households__shared as"
        " select 'i' || lpad((hash(range, $seed) % $people)::text, 2, '0') as identifier_id,"
        " 'address' as share_type, 'home ' || range % 9 as shared_key, 4 as max_persons"
        " from range(24)",
        {"seed": int(chance.integers(0, 99)), "people": PEOPLE},
    )


def night(con: Con, path: Path, is_whole: bool = False) -> resolution.Resolution:
    """All of identity that works on kept graphs, without dbt; a night of news by DuckDB's plans."""
    con.execute("pragma disable_optimizer" if is_whole else "pragma enable_optimizer")
    found = resolution.resolve(con, path, most_identifiers=8, is_whole=is_whole)
    households.find(con)
    con.execute("pragma disable_optimizer")
    return found


def change(con: Con, chance: np.random.Generator, path: Path) -> None:
    """Something of everything: links come, go and are refused, people decide, hubs explode."""
    known = {
        name for (name,) in con.execute("select identifier_id from wanted.identifiers").fetchall()
    }
    pairs = {
        (f"i{min(a, b):02}", f"i{max(a, b):02}")
        for a, b in chance.integers(0, PEOPLE, (int(chance.integers(1, 9)), 2))
        if a != b
    }
    if chance.random() < 0.3:
        hub = int(chance.integers(0, PEOPLE))
        pairs |= {(f"i{hub:02}", f"i{other:02}") for other in range(hub + 1, min(PEOPLE, hub + 9))}
    for name in sorted({end for pair in pairs for end in pair} - known):
        identifier(con, name, 1 + int(chance.integers(0, 5)), int(chance.integers(1, 4)))
    for pair in sorted(pairs):
        # Which end is left is each source's own business.
        left, right = pair if chance.random() < 0.7 else pair[::-1]
        source = f"s{chance.integers(0, 2)}"
        strength = float(chance.integers(1, 4)) / 4
        con.execute(
            "delete from wanted.edges where source = ? and left_identifier_id = ?"
            " and right_identifier_id = ?",
            [source, left, right],
        )
        link(con, left, right, strength, source, "limit: late" if chance.random() < 0.15 else None)
    con.execute(
        "delete from wanted.edges where hash(left_identifier_id, ?) % 7 = 0",
        [int(chance.integers(0, 99))],
    )
    con.execute(
        "update wanted.edges set refusal_reason = 'limit: late'"
        " where hash(right_identifier_id, ?) % 9 = 0",
        [int(chance.integers(0, 99))],
    )
    con.execute(
        "delete from wanted.identifiers where hash(identifier_id, ?) % 11 = 0"
        " and identifier_id not in"
        " (select unnest([left_identifier_id, right_identifier_id]) from wanted.edges)",
        [int(chance.integers(0, 99))],
    )
    con.execute(
        "update wanted.identifiers set first_seen_at = first_seen_at - interval 3 day"
        " where hash(identifier_id, ?) % 9 = 0",
        [int(chance.integers(0, 99))],
    )
    con.execute(
        "update wanted.identifiers set first_seen_at = null where hash(identifier_id, ?) % 13 = 0",
        [int(chance.integers(0, 99))],
    )
    draw = chance.random()
    one, other = (f"type:i{number:02}" for number in chance.permutation(PEOPLE)[:2])
    if draw < 0.3:
        kind = "split" if chance.random() < 0.6 else "join"
        add(path, decision(kind, one, other, "Ann", "a reason"))
    elif draw < 0.4:
        path.unlink(missing_ok=True)
    elif draw < 0.45 and path.exists():
        path.write_text(path.read_text().rsplit("\n", 2)[0] + "\n")


@pytest.mark.parametrize("seed", range(4))
def test_every_night_ends_where_looking_at_everything_would(seed: int, tmp_path: Path) -> None:
    chance, path = np.random.default_rng(seed), tmp_path / "decisions.csv"
    partial = 0
    with empty() as con:
        for _ in range(25):
            change(con, chance, path)
            share_homes(con, chance)
            model(con)
            con.execute("attach ':memory:' as copy")
            con.execute("copy from database memory to copy")
            found = night(con, path)
            seen = state(con)
            con.execute("use copy")
            whole = night(con, path, is_whole=True)
            assert state(con) == seen
            assert (whole.changed, whole.refused, whole.customers, whole.edges, whole.problems) == (
                found.changed,
                found.refused,
                found.customers,
                found.edges,
                found.problems,
            )
            con.execute("use memory")
            con.execute("detach copy")
            partial += found.touched < found.identifiers
    assert partial > 5


@pytest.mark.parametrize("seed", range(6, 9))
def test_many_nights_end_where_one_rebuild_with_their_keys_does(seed: int, tmp_path: Path) -> None:
    chance, path = np.random.default_rng(seed), tmp_path / "decisions.csv"
    filled: set[str] = set()
    with empty() as con:
        for _ in range(15):
            change(con, chance, path)
            share_homes(con, chance)
            model(con)
            night(con, path)
            filled |= {name for name, rows in state(con).items() if rows}
        con.execute("alter table identity.customer_merges drop column merged_seq")
        seen = state(con)
        con.execute("drop schema identity_graph cascade")
        for table in ("customer_merges", "graph_refusals", "households", "decisions"):
            con.execute(f"drop table identity.{table}")
        night(con, path)
        con.execute("alter table identity.customer_merges drop column merged_seq")
        assert state(con) == seen
        assert filled == {*STATE}


@pytest.mark.parametrize("seed", range(4, 6))
def test_a_file_made_anew_parts_and_joins_the_same_people(seed: int, tmp_path: Path) -> None:
    chance, path = np.random.default_rng(seed), tmp_path / "decisions.csv"
    with empty() as con:
        for _ in range(15):
            change(con, chance, path)
            resolve(con, path, most_identifiers=8)
        kept = persons(con)
        con.execute("drop schema identity cascade")
        con.execute("drop schema identity_graph cascade")
        resolve(con, path, most_identifiers=8)
        assert persons(con) == kept


def persons(con: Con) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for name, customer in customers(con).items():
        groups.setdefault(customer, set()).add(name)
    return {frozenset(group) for group in groups.values()}


def test_a_night_without_news_looks_at_nobody(con: Con) -> None:
    for number in range(1, 20):
        identifier(con, f"i{number}", number)
    link(con, "i1", "i2")
    assert resolve(con).touched == 19
    assert resolve(con).touched == 0
    link(con, "i2", "i3")
    assert resolve(con).touched == 3


def rows(con: Con, table: str) -> dict[str, tuple[int, str]]:
    """Each identifier's row and what is in it: what is written again is another row."""
    found = con.execute(f"select identifier_id, rowid, columns(*)::text from {table}").fetchall()
    return {name: (row, str(values)) for name, row, *values in found}


def test_a_night_reads_and_writes_what_is_touched_and_nothing_else(con: Con) -> None:
    for number in range(100):
        identifier(con, f"i{number:02}", 1 + number % 2)
    for number in range(0, 100, 2):
        link(con, f"i{number:02}", f"i{number + 1:02}")
    resolve(con)
    before = rows(con, "identity_graph.identifiers")
    links = set(con.execute("select rowid, * from identity_graph.links").fetchall())
    link(con, "i00", "i02")
    identifier(con, "new", 3)
    link(con, "new", "i10")
    con.execute("delete from wanted.edges where left_identifier_id = 'i20'")
    con.execute(
        "update wanted.identifiers set last_seen_at = timestamp '2026-02-01'"
        " where identifier_id = 'i30'"
    )
    model(con)
    # Of the models nothing is read but what has changed: whatever else is in them is not seen.
    con.execute(
        "update intermediate.int_identity__identifiers set identifier_id = 'unread' || rowid"
        " where batch_seq = 1"
    )
    con.execute(
        "update intermediate.int_identity__candidate_edges set strength = 9,"
        " left_identifier_id = 'new' where batch_seq = 1"
    )
    found = resolution.resolve(con)
    after = rows(con, "identity_graph.identifiers")
    # Two persons became one, one got somebody new, one was parted.
    assert found.touched == 4 + 3 + 2
    assert {name for name in after if after[name] != before.get(name)} == {
        *("i02", "i03", "new", "i21", "i30"),
    }
    assert found.changed == 3
    now = set(con.execute("select rowid, * from identity_graph.links").fetchall())
    assert (len(links - now), len(now - links)) == (1, 2)


def test_a_link_seen_again_touches_nobody_and_one_seen_elsewhere_too_is_counted_again(
    con: Con,
) -> None:
    for name in "abcd":
        identifier(con, name, 1)
    link(con, "a", "b", strength=0.4)
    link(con, "c", "d", strength=0.2)
    resolve(con)
    for table, names in (("edges", "left_identifier_id"), ("identifiers", "identifier_id")):
        con.execute(
            f"update wanted.{table} set last_seen_at = timestamp '2026-01-09'"
            f" where {names} in ('a', 'b')"
        )
    assert resolve(con).touched == 0
    seen = con.execute(
        "select identifier_id, day(last_seen_at) from identity.customer_identifiers order by all"
    )
    assert seen.fetchall() == [("a", 9), ("b", 9), ("c", 1), ("d", 1)]
    link(con, "b", "a", strength=0.3, source="till")
    assert resolve(con).touched == 2
    units = con.execute("select units from identity_graph.links order by all")
    assert units.fetchall() == [(200,), (700,)]


def test_a_limit_that_trips_late_takes_old_links_back(con: Con) -> None:
    for name, day in {"kiosk": 1, "ann": 2, "ben": 3}.items():
        identifier(con, name, day)
    link(con, "kiosk", "ann")
    resolve(con)
    assert len(set(customers(con).values())) == 2
    link(con, "kiosk", "ben")
    con.execute("update wanted.edges set refusal_reason = 'limit: one cookie with too many'")
    found = resolve(con)
    assert len(set(customers(con).values())) == 3
    assert found.changed == 1


@pytest.mark.parametrize(
    "step",
    ["read", "keys.find", "bridge.write", "keys.write", "kept.write_progress"],
)
@pytest.mark.parametrize("is_whole", [False, True])
def test_a_run_killed_between_steps_leaves_keys_and_bridge_unchanged(
    con: Con, step: str, is_whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        identifier(con, name, 1)
    link(con, "a", "b")
    resolve(con)
    before = state(con)
    link(con, "b", "c")
    read = "kept.read_all" if is_whole else "changes.read"

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"identity.{read if step == 'read' else step}", killed)
        with pytest.raises(KeyboardInterrupt):
            resolve(con, is_whole=is_whole)
    assert state(con) == before
    resolve(con)
    assert len(set(customers(con).values())) == 1


def test_a_build_file_with_the_bridge_as_a_table_is_looked_at_as_a_whole(con: Con) -> None:
    for name in "abc":
        identifier(con, name, 1)
    link(con, "a", "b")
    resolve(con)
    before = state(con)
    con.execute("create table bridge as from identity.customer_identifiers")
    con.execute("drop view identity.customer_identifiers")
    con.execute("create table identity.customer_identifiers as from bridge")
    con.execute("drop table identity_graph.identifiers")
    link(con, "b", "c")
    found = resolve(con)
    assert (found.touched, found.changed) == (3, 1)
    con.execute("delete from wanted.edges where right_identifier_id = 'c'")
    resolve(con)
    assert state(con) == {**before, "merges": []}


def test_another_limit_for_a_person_looks_at_everybody(con: Con) -> None:
    for name in "abc":
        identifier(con, name, 1)
    link(con, "a", "b")
    link(con, "b", "c")
    resolve(con)
    assert resolve(con, most_identifiers=2).touched == 3
    assert len(set(customers(con).values())) == 3


def test_a_broken_file_of_decisions_keeps_the_last_good_ones(con: Con, tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    for name in "ab":
        identifier(con, name, 1)
    add(path, decision("join", "type:a", "type:b", "Ann", "same"))
    resolve(con, path)
    path.write_text("broken\n")
    with pytest.raises(DecisionError):
        add(path, decision("split", "type:a", "type:b", "Ann", "not the same"))
    assert resolve(con, path).problems[0].startswith("the last good decisions stay in force")
    assert len(set(customers(con).values())) == 1


def test_a_key_is_made_of_its_anchor_alone(con: Con) -> None:
    identifier(con, "a", 1)
    resolve(con)
    row = con.execute(
        "select count(*) from identity.customer_keys"
        f" where customer_id = {keys.KEY.format('anchor_identifier_id')}"
    ).fetchone()
    assert row == (1,)
