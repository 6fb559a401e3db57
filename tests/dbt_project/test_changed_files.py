"""Files that say something else later: rows that change, go, or find their place late."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.dbt_project.conftest import Row, Warehouse
from tests.dbt_project.nights import arrive, at, stored

LAYERS = ("staging", "intermediate", "marts")
FACTS = ("+fct_store_visit", "+fct_offline_activity", "+int_offline__activity_days")
UPPER = stored(*(f"{fact},path:models/{layer}" for fact in FACTS for layer in LAYERS))


def row_of(file: str, number: int, key: str | None = None, **more: Any) -> Row:
    place = {"feed_name": "doors", "file_name": file, "row_number": number, "row_key": key}
    return {**place, **more}


def visits(number: int, entries: int, when: str = "5 10:00", place: str = "High Street") -> Row:
    return row_of(
        *("january.csv", number),
        location_name=place,
        counter_name="door",
        counted_minutes=60,
        counted_from_at=at(when),
        entries=entries,
    )


def spot(file: str, key: str, amount: int) -> Row:
    return row_of(
        *(file, 1, key),
        campaign_id="spring",
        channel_group="radio",
        currency_code="USD",
        spend_amount=Decimal(amount),
        week_start_date=at("5 00:00").date(),
        ran_at=at("5 10:00"),
    )


class Story:
    """Both facts after each night, and those of a rebuild."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.nights = []
        for bring in (self._first, self._second, self._third):
            bring()
            warehouse.dbt("run", "--select", *UPPER)
            self.nights.append(self._seen())
        warehouse.dbt("run", "--select", *UPPER, "--full-refresh")
        self.rebuilt = self._seen()

    def _first(self) -> None:
        rows = (visits(1, 10), visits(2, 20), visits(3, 30))
        arrive(self.warehouse, "files.store_visits", 6, *rows)
        all_week = {**spot("week.csv", "w", 100), "ran_at": None}
        arrive(self.warehouse, "files.offline_activity", 6, spot("old.csv", "a", 100), all_week)

    def _second(self) -> None:
        """A count changes, moves to another hour and goes; a newer file says more of the spot."""
        rows = (visits(1, 11), visits(2, 20, "5 11:00"))
        arrive(self.warehouse, "files.store_visits", 8, *rows)
        arrive(self.warehouse, "files.offline_activity", 8, spot("new.csv", "a", 200))

    def _third(self) -> None:
        """The place becomes known; the newer file takes back what it said."""
        place = {
            "location_id_square": "L1",
            "location_name": "High Street",
            "location_type": "PHYSICAL",
        }
        arrive(self.warehouse, "square.locations", 10, place)
        arrive(self.warehouse, "files.offline_activity", 10, spot("new.csv", "b", 5))

    def _seen(self) -> dict[str, list[Row]]:
        return {
            fact: sorted(self.warehouse.sql(f"from marts.{fact}"), key=str)
            for fact in ("fct_store_visit", "fct_offline_activity")
        }


@pytest.fixture(scope="module")
def story(built: Warehouse) -> Story:
    return Story(built)


def test_nights_give_what_a_rebuild_gives(story: Story) -> None:
    assert story.nights[-1] == story.rebuilt


def test_a_count_is_what_its_file_says_now(story: Story) -> None:
    counts = [
        sorted((row["counted_from_at"], row["entries"]) for row in seen["fct_store_visit"])
        for seen in story.nights
    ]
    assert counts[0] == [(at("5 10:00"), 10), (at("5 10:00"), 20), (at("5 10:00"), 30)]
    assert counts[1] == counts[2] == [(at("5 10:00"), 11), (at("5 11:00"), 20)]


def test_a_place_that_becomes_known_is_the_place_of_old_counts(story: Story) -> None:
    places = [{row["location_id"] for row in seen["fct_store_visit"]} for seen in story.nights]
    assert places == [{None}, {None}, {"L1"}]


def test_what_a_newer_file_takes_back_is_again_what_the_older_says(story: Story) -> None:
    spent = [
        {row["activity_id"]: row["spend_amount"] for row in seen["fct_offline_activity"]}
        for seen in story.nights
    ]
    assert spent == [
        {"doors:a": Decimal(100), "doors:w": Decimal(100)},
        {"doors:a": Decimal(200), "doors:w": Decimal(100)},
        {"doors:a": Decimal(100), "doors:b": Decimal(5), "doors:w": Decimal(100)},
    ]


def test_offline_days_that_do_not_add_up_are_found(story: Story) -> None:
    test = ("test", "--select", "assert_offline_days_add_up")
    story.warehouse.dbt(*test)
    for change in ("spend_amount = spend_amount + 0.0001", "ran_at = null, spend_amount = 100"):
        story.warehouse.sql(
            f"update marts.fct_offline_activity set {change} where activity_id = 'doors:a'"
        )
        with pytest.raises(AssertionError, match="assert_offline_days_add_up"):
            story.warehouse.dbt(*test)
