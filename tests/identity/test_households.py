"""Who lives together: what few share, what a house full of strangers shares, keys that stay."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from identity import ALARMS, households, probable_alarm, resolution

Shared = tuple[str, str, str, int]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema intermediate")
        con.execute(
            "create table intermediate.int_households__shared (identifier_id text, share_type text,"
            " shared_key text, max_persons bigint)"
        )
        resolution.create_tables(con)
        yield con


def share(con: duckdb.DuckDBPyConnection, key: str, *customers: str, most: int = 4) -> None:
    for customer in customers:
        con.execute(
            "insert into intermediate.int_households__shared values (?, 'address', ?, ?)",
            [customer, key, most],
        )
        con.execute(
            "insert into identity_graph.identifiers by name"
            " select $1 as identifier_id, $1 as customer_id"
            " where $1 not in (select customer_id from identity.customer_identifiers)",
            [customer],
        )


def found(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    households.find(con)
    return dict(con.execute("select customer_id, household_id from identity.households").fetchall())


def test_few_who_share_are_a_household_and_many_are_not(con: duckdb.DuckDBPyConnection) -> None:
    share(con, "elm st 1", "ada", "tom")
    share(con, "office park 9", *(f"worker{number}" for number in range(5)))
    share(con, "oak rd 2", "alone")
    homes = found(con)
    assert set(homes) == {"ada", "tom"}
    assert homes["ada"] == homes["tom"]


def test_two_records_of_one_probable_person_are_no_household(
    con: duckdb.DuckDBPyConnection,
) -> None:
    share(con, "elm st 1", "ada", "ada again")
    for customer in ("ada", "ada again"):
        con.execute("insert into identity.probable_persons values (?, 'ada', 0.99)", [customer])
    assert found(con) == {}
    share(con, "elm st 1", "tom")
    homes = found(con)
    assert len(homes) == 3
    assert len(set(homes.values())) == 1


def test_a_chain_of_neighbours_is_no_household(con: duckdb.DuckDBPyConnection) -> None:
    for number in range(households.MOST_PERSONS):
        share(con, f"phone {number}", f"person{number:02}", f"person{number + 1:02}")
    told = households.find(con)
    assert (told.households, told.refused) == (0, 1)


def test_a_key_stays_when_somebody_comes_and_when_its_anchor_is_merged(
    con: duckdb.DuckDBPyConnection,
) -> None:
    share(con, "elm st 1", "ada", "tom")
    before = found(con)
    share(con, "elm st 1", "aaron")
    after = found(con)
    assert after == {**before, "aaron": before["ada"]}
    con.execute("insert into identity.customer_merges values ('ada', 'tom', 1)")
    con.execute("delete from identity_graph.identifiers where customer_id = 'ada'")
    assert found(con) == {"aaron": before["ada"], "tom": before["ada"]}


def test_the_older_household_survives_and_parting_gives_each_its_own_back(
    con: duckdb.DuckDBPyConnection,
) -> None:
    share(con, "elm st 1", "ada", "tom")
    old = found(con)["ada"]
    share(con, "oak rd 2", "bo", "cy")
    apart = found(con)
    assert apart["bo"] != old
    share(con, "phone", "tom", "bo")
    assert set(found(con).values()) == {old}
    con.execute("delete from intermediate.int_households__shared where shared_key = 'phone'")
    assert found(con) == apart


def test_nobody_shares_anything(con: duckdb.DuckDBPyConnection) -> None:
    assert found(con) == {}


def test_households_are_looked_at_and_a_failure_keeps_the_last(
    con: duckdb.DuckDBPyConnection,
) -> None:
    share(con, "elm st 1", "ada", "tom")
    alarm = probable_alarm.look_at_households(con)
    assert alarm.name in ALARMS
    assert alarm.figures["persons_in_households"] == 2
    assert alarm.wrong == ()
    con.execute("drop table intermediate.int_households__shared")
    assert "int_households__shared" in probable_alarm.look_at_households(con).wrong[0]
    assert con.execute("select count(*) from identity.households").fetchone() == (2,)
