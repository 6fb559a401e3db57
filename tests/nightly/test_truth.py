"""The published warehouse against the sandbox's truth, and against itself by other ways."""

from __future__ import annotations

import duckdb
import pytest

from identity import report
from tests.nightly import truth
from tests.nightly.company import (
    FIRST_NIGHT,
    LAST_NIGHT,
    NEWEST_VERSIONS,
    NEXT_NIGHT,
    SEEN_AT,
    Company,
    differences,
)


def test_the_first_load_equals_the_truth_per_day_and_vendor(first_load: Company) -> None:
    assert truth.disagreements(first_load, FIRST_NIGHT) == {}


def test_the_next_night_equals_the_truth_per_day_and_vendor(next_night: Company) -> None:
    assert truth.disagreements(next_night, NEXT_NIGHT) == {}


def test_a_good_night_after_one_that_went_wrong_equals_the_truth(healed: Company) -> None:
    assert truth.disagreements(healed, LAST_NIGHT) == {}


def test_a_load_from_scratch_equals_the_truth_per_day_and_vendor(from_scratch: Company) -> None:
    assert truth.disagreements(from_scratch, LAST_NIGHT) == {}


@pytest.mark.parametrize("way", ["healed", "from_scratch"])
def test_a_customer_is_one_person_and_a_person_one_customer(
    way: str, request: pytest.FixtureRequest
) -> None:
    company = request.getfixturevalue(way)
    with truth.known_at(company, LAST_NIGHT) as con:
        who = con.execute("from identifier").to_arrow_table()
    built = company.data / "build" / "warehouse.duckdb"
    with duckdb.connect(str(built), read_only=True) as con:
        certain, probable = report.scores(con, who)
        assert report.merges_over_shared(con, who) == 0
    told = "\n".join(report.lines([certain, probable]))
    assert certain.pairs > 1000
    assert certain.precision >= 0.999, told
    assert certain.recall >= 0.97, told
    assert probable.precision >= 0.999, told
    assert probable.recall > certain.recall - 0.03, told


@pytest.mark.parametrize("way", ["healed", "from_scratch"])
def test_every_kind_of_identifier_is_known_of_somebody(
    way: str, request: pytest.FixtureRequest
) -> None:
    with truth.beside(request.getfixturevalue(way), LAST_NIGHT) as con:
        kinds = con.execute("""
            select distinct identifier_type from identifier
            except
            select identifier_type from warehouse.identity.customer_identifiers
        """).fetchall()
    assert kinds == []


def test_nothing_of_a_night_without_faults_is_quarantined(from_scratch: Company) -> None:
    assert from_scratch.ask("from marts.rpt_quarantine") == []


def test_a_telephone_that_is_none_is_refused_by_name(healed: Company) -> None:
    # An empty mask of a form.
    refused = healed.ask(
        "select distinct refusal_reason from identity.identity_refusals where right_value = '() -'"
    )
    assert refused == [("format: no phone (value_pattern of identity_types)",)]


@pytest.mark.parametrize("way", ["healed", "from_scratch"])
def test_a_device_of_one_person_is_nobody_elses(way: str, request: pytest.FixtureRequest) -> None:
    with truth.beside(request.getfixturevalue(way), LAST_NIGHT) as con:
        owners = con.execute(truth.OWNERS).fetchall()
    assert len(owners) > 20
    assert [pair for pair in owners if pair[0] != pair[1]] == []


# Whom a person is taken for and whom they live with are keys of the same kind.
KEYS = {"customer_id", "probable_customer_id", "household_id"}


def tables_of(company: Company) -> list[str]:
    with duckdb.connect(str(company.published), read_only=True) as con:
        query = "select table_name from information_schema.tables where table_schema = 'marts'"
        return [name for (name,) in con.execute(query).fetchall()]


def persons_of(company: Company) -> set[tuple[str, ...]]:
    with duckdb.connect(str(company.published), read_only=True) as con:
        rows = con.execute(
            "select list(identifier_id order by identifier_id)"
            " from identity.customer_identifiers group by customer_id"
        ).fetchall()
    return {tuple(identifiers) for (identifiers,) in rows}


def test_nights_one_after_the_other_make_what_one_load_of_all_makes(
    healed: Company, from_scratch: Company
) -> None:
    """Also where vendors failed in one of the nights, and loads were held back."""
    # A key that was minted stays, also when an earlier sight of the person is heard of late: one
    # load of all would have minted another. Who is one person must be the same.
    keyless = {table: SEEN_AT.get(table, set()) | KEYS for table in tables_of(healed)}
    # Two held loads are still undecided; the rows in quarantine stay there.
    keyless["rpt_freshness"] |= {"held_night_count"}
    compared = NEWEST_VERSIONS | {"rpt_quarantine": "where false"}
    assert differences(healed, from_scratch, keyless, compared) == {}
    assert persons_of(healed) == persons_of(from_scratch)
