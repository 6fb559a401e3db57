"""Events never change, so base compares them with recent rows before it writes any."""

from __future__ import annotations

import pytest

from tests.dbt_project import vendor_pages as pages
from tests.dbt_project.conftest import Row, Warehouse


def _event(number: int, day: int, **properties: str) -> Row:
    event = pages.email_event(number, **properties)
    event["attributes"]["datetime"] = f"2026-01-{day:02}T18:00:00+00:00"
    return event


@pytest.fixture(scope="module")
def events(built: Warehouse) -> list[tuple[int, str, str | None]]:
    """Day of the pull, id and subject of what is stored after five overlapping loads."""
    run = ["run", "--select", "base_klaviyo__events"]
    old, recent = _event(1, 1), _event(2, 9)
    built.land("klaviyo.events", [{"data": [old, recent, _event(3, 9)]}], day=10)
    built.dbt(*run)
    built.land("klaviyo.events", [{"data": [_event(4, 10), recent]}], day=11, status="held")
    built.dbt(*run)
    # E1 is older than the window and comes again all the same; E3 did change.
    again = [old, recent, _event(3, 9, Subject="Corrected"), _event(4, 10)]
    built.land("klaviyo.events", [{"data": again}], day=12)
    built.dbt(*run)
    built.land("klaviyo.events", [{"data": [_event(3, 9), _event(4, 10)]}], day=13)
    built.dbt(*run)
    rows = built.sql(
        "select day(pulled_at) as day, event_id_klaviyo as id, subject"
        " from base.base_klaviyo__events order by all"
    )
    return [(row["day"], row["id"], row["subject"]) for row in rows]


def test_an_event_that_was_accepted_is_not_stored_again(
    events: list[tuple[int, str, str | None]],
) -> None:
    assert [day for day, event, _ in events if event == "E1"] == [10]
    assert [day for day, event, _ in events if event == "E2"] == [10]


def test_an_event_of_a_held_load_is_stored_again_and_once_it_is_accepted_no_more(
    events: list[tuple[int, str, str | None]],
) -> None:
    assert [day for day, event, _ in events if event == "E4"] == [11, 12]


def test_an_event_that_does_change_keeps_each_version(
    events: list[tuple[int, str, str | None]],
) -> None:
    usual = pages.email_event()["attributes"]["event_properties"]["Subject"]
    assert [(day, subject) for day, event, subject in events if event == "E3"] == [
        (10, usual),
        (12, "Corrected"),
        (13, usual),
    ]
