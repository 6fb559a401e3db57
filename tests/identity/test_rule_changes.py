"""A changed rule changes the past too, and who was changed by it is told."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from identity import alarms, resolution, rule_changes
from tests.identity.conftest import customers, identifier, link, resolve

Con = duckdb.DuckDBPyConnection
CHANGED = "select rules, identifier_id, previous_customer_id, customer_id from"
CHANGED += " identity.changed_with_rules order by all"


@pytest.fixture
def ruled(con: Con) -> Con:
    """Two who share a device, which no rule forbids so far."""
    con.execute("create schema seeds")
    con.execute("create table seeds.identity_limits (rule text, most bigint)")
    con.execute("insert into seeds.identity_limits values ('device', 9), ('card', 2)")
    con.execute("create table seeds.channels (channel text)")
    for day, name in enumerate(("ada", "bob", "device"), start=1):
        identifier(con, name, day)
    link(con, "ada", "device")
    link(con, "bob", "device")
    return con


def forbid(con: Con) -> None:
    con.execute("update seeds.identity_limits set most = 1 where rule = 'device'")
    con.execute("update wanted.edges set refusal_reason = 'device: more than 1'")


def changed(con: Con) -> list[Any]:
    return con.execute(CHANGED).fetchall()


def test_the_first_resolution_knows_no_other_rules(ruled: Con) -> None:
    assert resolve(ruled).rules == ()
    assert changed(ruled) == []


def test_a_changed_rule_tells_whom_it_changed(ruled: Con) -> None:
    resolve(ruled)
    before = customers(ruled)
    assert len(set(before.values())) == 1
    forbid(ruled)
    found = resolve(ruled)
    now = customers(ruled)
    assert found.rules == ("identity_limits",)
    assert changed(ruled) == [
        ("identity_limits", name, before[name], now[name])
        for name in sorted(before)
        if before[name] != now[name]
    ]
    assert len(changed(ruled)) == 2
    told = rule_changes.whom(ruled, found.rules)
    assert told.startswith("changed: identity_limits; 2 identifiers of 1 persons belong to")
    assert f"bob: {before['bob']} is now {now['bob']}" in told


def test_the_order_of_a_rules_lines_is_no_change(ruled: Con) -> None:
    resolve(ruled)
    ruled.execute(
        "create or replace table seeds.identity_limits as"
        " from (values ('card', 2::bigint), ('device', 9)) as limits(rule, most)"
    )
    assert resolve(ruled).rules == ()


def test_other_seeds_are_no_rules_of_identity(ruled: Con) -> None:
    resolve(ruled)
    ruled.execute("insert into seeds.channels values ('fax')")
    assert resolve(ruled).rules == ()


def test_what_changes_on_a_later_night_is_not_put_down_to_the_rule(ruled: Con) -> None:
    resolve(ruled)
    ruled.execute("insert into seeds.identity_limits values ('phone', 5)")
    found = resolve(ruled)
    assert found.rules == ("identity_limits",)
    assert rule_changes.whom(ruled, found.rules).endswith("nobody is another person by it")
    ruled.execute("update wanted.edges set refusal_reason = 'somebody decided'")
    later = resolve(ruled)
    assert later.changed == 2
    assert later.rules == ()
    assert changed(ruled) == []
    assert rule_changes.whom(ruled, later.rules) == ""


def test_a_rule_that_is_new_or_gone_has_changed(ruled: Con) -> None:
    resolve(ruled)
    ruled.execute("create table seeds.identity_store_phones (phone text)")
    assert resolve(ruled).rules == ("identity_store_phones",)
    ruled.execute("drop table seeds.identity_store_phones")
    assert resolve(ruled).rules == ("identity_store_phones",)


def test_a_resolution_that_fails_has_followed_no_rule(
    ruled: Con, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(ruled)
    forbid(ruled)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(resolution.kept, "write_progress", killed)
        with pytest.raises(KeyboardInterrupt):
            resolve(ruled)
    assert changed(ruled) == []
    assert resolve(ruled).rules == ("identity_limits",)
    assert len(changed(ruled)) == 2


def test_the_check_of_changes_tells_it(ruled: Con) -> None:
    resolve(ruled)
    forbid(ruled)
    found = resolve(ruled)
    alarm = alarms._changes(ruled, found)
    assert alarm.figures["rules_changed"] == 1
    assert alarm.wrong == ()
    assert alarm.told.startswith("changed: identity_limits; 2 identifiers")
