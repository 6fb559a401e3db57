"""What is known of customers, night by night: changes, merges, partings, and nights run again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from identity import histories, rules
from tests.dbt_project import nights
from tests.dbt_project.conftest import Row, Warehouse
from tests.dbt_project.nights import arrive, at

# What is no view; nothing here has a sighting, and no shop opens whose values would be blocked.
EDGES = "int_identity__candidate_edges"
PERSONS = ("dim_customer_attribute", "dim_customer", "dim_customer_contact", *histories.HISTORIES)
HISTORY = "from marts.dim_customer_history order by all"
CONTACTS = "from marts.dim_customer_contact_history order by all"
FIRST, SECOND, THIRD = datetime(2026, 1, 6), datetime(2026, 1, 7), datetime(2026, 1, 8)


def square(number: str, changed: str, **details: Any) -> Row:
    return {
        "customer_id_square": number,
        "created_at": at("1 00:00"),
        "updated_at": at(changed),
        **details,
    }


def profile(number: str, changed: str, **details: Any) -> Row:
    return {
        "profile_id_klaviyo": number,
        "created_at": at("2 00:00"),
        "updated_at": at(changed),
        **details,
    }


class Story:
    """Nights of a small world, and what the histories held after each."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.seen: dict[str, tuple[list[Row], list[Row]]] = {}
        self.attributes: set[str] = set()

    def night(self, name: str, *flags: str) -> None:
        self.warehouse.dbt("run", "--select", EDGES, "int_identity__identifiers", *flags)
        nights.resolve(self.warehouse)
        self.warehouse.dbt("run", "--select", *PERSONS, *flags)
        self.keep(name)

    def keep(self, name: str) -> None:
        self.seen[name] = (self.warehouse.sql(HISTORY), self.warehouse.sql(CONTACTS))

    def key(self, kind: str, value: str) -> str:
        ((key,),) = (
            row.values()
            for row in self.warehouse.sql(
                "select customer_id from identity.customer_identifiers"
                " where identifier_type = ? and identifier_value = ?",
                [kind, value],
            )
        )
        return str(key)

    def merged(self) -> tuple[str, str]:
        """The key that was merged away in the second night, and the one that stayed."""
        one, other = (
            self.key("customer_id_square", "S2"),
            self.key("profile_id_klaviyo", "P2"),
        )
        is_there = {row["customer_id"] for row in self.seen["second"][0] if row["is_current"]}
        return (other, one) if one in is_there else (one, other)

    def versions(self, night: str, customer: str, contacts: bool = False) -> list[Row]:
        rows = self.seen[night][1 if contacts else 0]
        return sorted(
            (row for row in rows if row["customer_id"] == customer),
            key=lambda row: int(row["version_number"]),
        )


@pytest.fixture(scope="module")
def story(built: Warehouse) -> Story:
    told = Story(built)
    ann = {"email": "ann@example.com", "first_name": "Ann", "street_address": "1 Elm St"}
    arrive(
        built,
        "klaviyo.profiles",
        6,
        profile("P1", "3 00:00", email="ann@example.com", last_name="Lee"),
        profile("P2", "3 00:00", email="bob@example.com"),
    )
    arrive(
        built,
        "square.customers",
        6,
        square("S1", "4 00:00", **ann, city="Boston", birth_date=at("1 0:0").date()),
        square("S2", "4 00:00", phone_number="+12125550100", first_name="Bob"),
    )
    told.night("first")
    told.attributes = {
        row["attribute_group"]
        for row in built.sql("from intermediate.int_customers__attribute_values")
    }

    arrive(
        built,
        "square.customers",
        7,
        square("S1", "6 10:00", **ann, city="Austin"),
        square("S2", "6 10:00", phone_number="+12125550100", email="bob@example.com"),
    )
    told.night("second")
    told.night("second again")
    arrive(built, "square.customers", 7, square("S1", "6 11:00", **ann, city="Denver"))
    told.night("second with more")
    arrive(built, "square.customers", 7, square("S1", "6 12:00", **ann, city="Boston"))
    told.night("second taken back")

    arrive(built, "square.customers", 8, square("S2", "7 10:00", phone_number="+12125550100"))
    # Pulled before the second night, and accepted after it.
    arrive(built, "klaviyo.profiles", 7, profile("P1", "6 09:00", email="ann@example.com"))
    told.night("third")
    told.night("third made anew", "--full-refresh")
    built.sql("update ops.seed_states set checksum = 'other' where model like 'dim_customer%'")
    told.night("third after a changed seed")
    return told


def test_a_customer_begins_with_the_end_of_the_data_that_showed_them(story: Story) -> None:
    first, _ = story.seen["first"]
    assert len(first) == 3
    for row in first:
        told = (row["valid_from_at"], row["valid_to_at"], row["is_current"], row["opened_by"])
        assert told == (FIRST, None, True, "seen")


def test_a_change_closes_a_version_and_opens_the_next(story: Story) -> None:
    ann = story.key("customer_id_square", "S1")
    old, new = story.versions("second", ann)
    assert (old["city"], old["valid_to_at"], old["closed_by"]) == ("Boston", SECOND, "changed")
    assert (new["city"], new["valid_from_at"], new["opened_by"]) == ("Austin", SECOND, "changed")
    assert (old["is_current"], new["is_current"]) == (False, True)


def test_personal_data_has_versions_of_its_own(story: Story) -> None:
    ann = story.key("customer_id_square", "S1")
    old, new = story.versions("second", ann, contacts=True)
    assert (old["birth_date"], old["valid_to_at"]) == (at("1 0:0").date(), SECOND)
    assert (new["birth_date"], new["valid_to_at"]) == (None, None)
    assert (new["first_name"], new["last_name"], new["street_address"]) == (
        "Ann",
        "Lee",
        "1 Elm St",
    )
    personal = {"first_name", "last_name", "email", "phone", "birth_date", "street_address"}
    assert not personal & {*story.seen["second"][0][0]}


def test_a_night_run_again_gives_the_same_rows(story: Story) -> None:
    assert story.seen["second again"] == story.seen["second"]


def test_what_a_night_finds_in_its_next_run_takes_the_place_of_what_it_found_before(
    story: Story,
) -> None:
    ann = story.key("customer_id_square", "S1")
    old, new = story.versions("second with more", ann)
    assert (old["city"], new["city"]) == ("Boston", "Denver")
    assert (old["valid_to_at"], new["valid_from_at"]) == (SECOND, SECOND)
    (only,) = story.versions("second taken back", ann)
    assert (only["city"], only["valid_to_at"], only["closed_by"]) == ("Boston", None, None)
    assert only["is_current"]


def test_a_merge_closes_the_key_that_went_and_says_what_it_went_into(story: Story) -> None:
    merged, kept = story.merged()
    (gone,) = story.versions("second", merged)
    assert (gone["closed_by"], gone["merged_into_customer_id"]) == ("merged", kept)
    assert (gone["valid_to_at"], gone["is_current"]) == (SECOND, False)
    *_, survivor = story.versions("second", kept)
    assert (survivor["has_email"], survivor["has_phone"]) == (True, True)


def test_a_parting_brings_the_key_back_and_says_from_whom(story: Story) -> None:
    merged, kept = story.merged()
    gone, back = story.versions("third", merged)
    assert gone["closed_by"] == "merged"
    assert (back["opened_by"], back["parted_from_customer_id"]) == ("parted", kept)
    assert (back["valid_from_at"], back["is_current"], back["version_number"]) == (THIRD, True, 2)


def test_what_is_heard_late_is_known_from_the_night_that_heard_it(story: Story) -> None:
    ann = story.key("customer_id_square", "S1")
    *_, before, late = story.versions("third", ann, contacts=True)
    assert (before["last_name"], before["valid_to_at"]) == ("Lee", THIRD)
    assert (late["last_name"], late["valid_from_at"]) == (None, THIRD)


@pytest.mark.parametrize("night", ["third made anew", "third after a changed seed"])
def test_a_history_is_never_made_anew(story: Story, night: str) -> None:
    assert story.seen[night] == story.seen["third"]


def test_what_is_current_is_what_the_dimensions_say(story: Story) -> None:
    for history, dimension in (
        ("dim_customer_history", "dim_customer"),
        ("dim_customer_contact_history", "dim_customer_contact"),
    ):
        columns = story.warehouse.sql(
            "select column_name from information_schema.columns where table_name = ?"
            " and column_name in (select column_name from information_schema.columns"
            " where table_name = ?)",
            [history, dimension],
        )
        names = ", ".join(row["column_name"] for row in columns)
        current = f"select {names} from marts.{history} where is_current"
        now = f"select {names} from marts.{dimension}"
        assert story.warehouse.sql(f"({current}) except all ({now})") == []
        assert story.warehouse.sql(f"({now}) except all ({current})") == []


def test_a_night_that_fails_on_the_way_leaves_a_history_as_it_was(story: Story) -> None:
    before = story.warehouse.sql(HISTORY)
    assert THIRD in {row["valid_from_at"] for row in before}, "there is something to take back"
    # Without it the versions that end cannot say why, after those of the night were taken back.
    story.warehouse.sql("alter table identity.customer_merges rename to hidden")
    with pytest.raises(AssertionError, match="customer_merges"):
        story.warehouse.dbt("run", "--select", "dim_customer_history")
    story.warehouse.sql("alter table identity.hidden rename to customer_merges")
    assert story.warehouse.sql(HISTORY) == before


def test_a_build_file_made_anew_takes_the_histories_over(story: Story, tmp_path: Path) -> None:
    published = tmp_path / "published.duckdb"
    with duckdb.connect(str(story.warehouse.path)) as con:
        con.execute(f"attach '{published}' as published")
        con.execute("create schema published.marts")
        for name in histories.HISTORIES:
            con.execute(f"create table published.marts.{name} as from marts.{name}")
        con.execute("detach published")
        assert histories.restore(con, published) == 0, "what is there stays"
        for name in histories.HISTORIES:
            con.execute(f"drop table marts.{name}")
        assert histories.restore(con, tmp_path / "none.duckdb") == 0
        taken = histories.restore(con, published)
    assert taken == sum(len(rows) for rows in story.seen["third"])
    story.night("third restored")
    assert story.seen["third restored"] == story.seen["third"]


def test_the_attributes_that_rules_may_name_are_those_that_are_made(story: Story) -> None:
    assert story.attributes == {*rules.ATTRIBUTES}


def test_rules_of_versions_and_best_values_hold(story: Story) -> None:
    models = (*PERSONS, "int_customers__attribute_values")
    told = story.warehouse.dbt(
        "test",
        "--select",
        *models,
        "--exclude-resource-type",
        "seed",
        "--indirect-selection",
        "cautious",
    )
    assert len(told) > 20
