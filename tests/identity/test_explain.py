"""Why two are one person, and what keeps two apart, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from identity import alarms
from identity.decisions import DecisionError, add, decision
from identity.explain import create_views, explain
from tests.identity.conftest import empty, resolve

Con = duckdb.DuckDBPyConnection
IDENTIFIERS = {"email:ann": 1, "email:ben": 2, "email:cat": 3, "cookie:tablet": 4, "phone:1": 5}


@pytest.fixture
def family() -> Iterator[Con]:
    """Ann and Ben on one tablet, linked; Cat and the tablet too, refused."""
    with empty() as con:
        for name, day in IDENTIFIERS.items():
            kind, value = name.split(":")
            con.execute(
                "insert into wanted.identifiers values (?, ?, ?, 4, ?, ?)",
                [f"id of {name}", kind, value, datetime(2026, 1, day), datetime(2026, 2, day)],
            )
        con.execute("create schema seeds")
        con.execute(
            "create table seeds.identity_types as from (values ('email', true), ('phone', true),"
            " ('cookie', false)) as types (identifier_type, is_known)"
        )
        con.execute(
            "create table intermediate.int_touchpoints (identifier_id text, is_withdrawn boolean,"
            " is_machine boolean)"
        )
        saw(con, "web", "cookie:tablet", "email:ann")
        saw(con, "web", "cookie:tablet", "email:ben")
        saw(con, "till", "email:ben", "cookie:tablet")
        saw(con, "web", "cookie:tablet", "email:cat", "limit: one cookie with too many of email")
        saw(con, "web", "cookie:tablet", "phone:1", "limit: one cookie with too many of phone")
        yield con


def saw(con: Con, source: str, left: str, right: str, refused: str | None = None) -> None:
    ends = [f"id of {left}", *left.split(":"), f"id of {right}", *right.split(":")]
    row = [source, *ends, datetime(2026, 1, 3), datetime(2026, 1, 9), 0.5, True, refused]
    marks = ", ".join("?" * len(row))
    con.execute(f"insert into wanted.edges values ({marks})", row)


def told(con: Con, one: str, other: str) -> str:
    return "\n".join(explain(con, one, other))


def test_the_links_between_two_identifiers_of_one_person_are_told(family: Con) -> None:
    resolve(family)
    create_views(family)
    lines = explain(family, "email:ann", "email:ben")
    assert lines[0].startswith("email:ann and email:ben are one person")
    assert lines[1:] == [
        "  email:ann",
        "    seen together by web, 2026-01-03 to 2026-01-09",
        "  cookie:tablet",
        "    seen together by till, 2026-01-03 to 2026-01-09; web, 2026-01-03 to 2026-01-09",
        "  email:ben",
    ]


def test_an_identifier_and_itself_are_one(family: Con) -> None:
    resolve(family)
    create_views(family)
    assert explain(family, "email:ann", "id of email:ann")[1:] == ["  email:ann"]


def test_the_refusal_that_keeps_two_apart_is_told(family: Con) -> None:
    resolve(family)
    create_views(family)
    text = told(family, "email:cat", "email:ann")
    assert "Kept apart by:" in text
    assert "cookie:tablet with email:cat (limit: one cookie with too many of email)" in text
    assert "phone:1" not in text


def test_two_that_a_refused_identifier_was_seen_with_are_told_of_it(family: Con) -> None:
    resolve(family)
    create_views(family)
    text = told(family, "email:cat", "phone:1")
    assert "Kept apart by what both were seen with:" in text
    assert "cookie:tablet with phone:1" in text


def test_a_decision_shows_as_link_and_as_refusal(family: Con, tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    add(path, decision("split", "email:ann", "email:ben", "Eve", "sisters"))
    add(path, decision("join", "email:ann", "phone:1", "Eve", "told us"))
    resolve(family, path)
    create_views(family)
    assert "decision: split of" in told(family, "email:ann", "email:ben")
    assert "seen together by decision by Eve" in told(family, "email:ann", "phone:1")


def test_a_join_that_a_split_overrules_shows_as_refusal_only(family: Con, tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    add(path, decision("join", "email:cat", "phone:1", "Eve", "told us"))
    add(path, decision("join", "phone:1", "cookie:tablet", "Eve", "told us too"))
    add(path, decision("split", "phone:1", "cookie:tablet", "Ann", "no"))
    add(path, decision("join", "email:cat", "email:ann", "Eve", "told us"))
    add(path, decision("split", "phone:1", "email:ann", "Ann", "no"))
    resolve(family, path)
    create_views(family)
    shown = family.execute(
        "select left_value, right_value from identity.identity_edges where source like 'decision%'"
    ).fetchall()
    bridge = "select count(distinct customer_id) from identity.customer_identifiers"
    for left, right in shown:
        row = family.execute(f"{bridge} where identifier_value in (?, ?)", [left, right]).fetchone()
        assert row == (1,)
    assert len(shown) == 1


def test_two_without_anything_in_common_are_told_so(family: Con) -> None:
    family.execute("delete from wanted.edges where refusal_reason is not null")
    resolve(family)
    create_views(family)
    assert explain(family, "email:cat", "phone:1")[1:] == ["Nothing was seen that would link them."]


def test_a_customer_can_be_named_by_the_key(family: Con) -> None:
    resolve(family)
    create_views(family)
    row = family.execute(
        "select customer_id from identity.customer_identifiers where identifier_value = 'ann'"
    ).fetchone()
    assert row is not None
    assert "are one person" in told(family, row[0], "email:ben")


def test_a_link_without_a_time_of_its_own_is_told_too(family: Con) -> None:
    family.execute("update wanted.edges set first_seen_at = null where source = 'till'")
    resolve(family)
    create_views(family)
    assert "seen together by till, unknown to 2026-01-09; web, 2026-01-03 to 2026-01-09" in told(
        family, "cookie:tablet", "email:ben"
    )


def test_who_was_never_seen_is_said_to_be_unknown(family: Con) -> None:
    resolve(family)
    create_views(family)
    with pytest.raises(DecisionError, match="email:dan: it has not been seen"):
        explain(family, "email:dan", "email:ann")


def test_every_night_is_looked_at_and_a_fall_is_told(family: Con) -> None:
    for name in ("email:ann", "cookie:tablet"):
        family.execute(
            "insert into intermediate.int_touchpoints values (?, false, false)", [f"id of {name}"]
        )
    first = alarms.look(family, resolve(family))
    assert [alarm.wrong for alarm in first] == [()] * 5
    assert first[2].figures == {"known_touches": 1.0}
    assert first[0].figures["identifiers_of_largest"] == 3.0
    family.execute("delete from wanted.edges")
    second = alarms.look(family, resolve(family))
    assert second[2].figures == {"known_touches": 0.5}
    assert second[2].wrong == ("known_touches fell from 100% to 50%",)
    assert second[3].figures["persons_parted"] == 2.0


def test_a_person_with_many_emails_is_named(family: Con) -> None:
    for number in range(11):
        family.execute(
            "insert into wanted.identifiers values (?, 'email', ?, 4, ?, ?)",
            [f"id of email:x{number}", f"x{number}", datetime(2026, 1, 1), datetime(2026, 1, 1)],
        )
        saw(family, "web", f"email:x{number}", "phone:1")
    (wrong,) = alarms.look(family, resolve(family))[1].wrong
    assert wrong.startswith("1 persons have more than 10 emails")
