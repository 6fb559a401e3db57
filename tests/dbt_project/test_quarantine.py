"""What could not be read, what has healed since, and what still waits."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.dbt_project.conftest import Row, Warehouse

BAD = 'occurred_at: cannot read "soon" as timestamp'
# Event → its versions: day of the pull, whether it could be read, the gate's verdict on the load.
EVENTS: dict[str, list[tuple[int, bool, str]]] = {
    "healed": [(1, False, "accepted"), (2, False, "accepted"), (3, True, "accepted")],
    "bad again": [(1, False, "accepted"), (2, True, "accepted"), (3, False, "accepted")],
    "good before": [(1, True, "accepted"), (2, False, "accepted")],
    "good in a held load": [(1, False, "accepted"), (2, True, "held")],
    "discarded": [(1, False, "discarded")],
}


def put(warehouse: Warehouse, stream: str, day: int, verdict: str, row: Row) -> None:
    """A row of base in a load of its own."""
    vendor, name = stream.split(".")
    load_id = f"{day:02}.{abs(hash((stream, day, verdict, str(row)))) % 10**9}"
    pulled_at = datetime(2026, 1, day, 3)
    warehouse.sql(
        "insert into ops.loads (load_id, vendor, stream, pulled_at, files, status)"
        " values (?, ?, ?, ?, [], ?)",
        [load_id, vendor, name, pulled_at, verdict],
    )
    full = row | {"load_id": load_id, "pulled_at": pulled_at, "page_index": 0, "row_index": 0}
    warehouse.sql(
        f"insert into base.base_{vendor}__{name} ({', '.join(full)})"
        f" values ({', '.join('?' for _ in full)})",
        list(full.values()),
    )


@pytest.fixture(scope="module")
def quarantine(warehouse: Warehouse) -> Warehouse:
    warehouse.dbt("run", "--select", "+rpt_quarantine")
    for event, versions in EVENTS.items():
        for day, is_read, verdict in versions:
            row = {"event_id_klaviyo": event, "quarantine_reason": None if is_read else BAD}
            put(warehouse, "klaviyo.events", day, verdict, row)
    nameless = {"event_id_klaviyo": None, "quarantine_reason": "event_id_klaviyo: missing"}
    put(warehouse, "klaviyo.events", 1, "accepted", nameless)
    put(warehouse, "klaviyo.events", 2, "accepted", nameless | {"quarantine_reason": None})
    till = {"feed_name": "till", "quarantine_reason": "quantity: missing"}
    again = {**till, "file_name": "corrected.csv", "row_number": 9, "quarantine_reason": None}
    for name in ("corrected.csv", "not corrected.csv"):
        first = {**till, "file_name": name, "row_number": 7}
        put(warehouse, "files.orders", 1, "accepted", first)
    put(warehouse, "files.orders", 4, "accepted", again)
    # As in a night, the list of base comes after the rows it lists.
    warehouse.dbt("run", "--select", "base_quarantine", "rpt_quarantine")
    return warehouse


def told(quarantine: Warehouse, event: str | None) -> list[tuple[int, int | None, bool]]:
    """Day of the pull, day of its healing, whether it waits; of each quarantined version."""
    rows = quarantine.sql(
        """
        select day(pulled_at) as day, day(healed_at) as healed, is_waiting
        from staging.stg_warehouse__quarantined_rows
        where load_id in (
            select load_id from base.base_klaviyo__events
            where event_id_klaviyo is not distinct from ?
        )
        order by day
        """,
        [event],
    )
    return [(row["day"], row["healed"], row["is_waiting"]) for row in rows]


def test_a_readable_version_heals_the_unreadable_ones_before_it(quarantine: Warehouse) -> None:
    assert told(quarantine, "healed") == [(1, 3, False), (2, 3, False)]


def test_what_breaks_again_waits_again(quarantine: Warehouse) -> None:
    assert told(quarantine, "bad again") == [(1, 2, False), (3, None, True)]


@pytest.mark.parametrize("event", ["good before", "good in a held load"])
def test_an_older_version_and_one_nobody_accepted_heal_nothing(
    quarantine: Warehouse, event: str
) -> None:
    assert [(healed, waits) for _, healed, waits in told(quarantine, event)] == [(None, True)]


def test_a_row_without_its_key_cannot_be_told_from_others_and_waits(quarantine: Warehouse) -> None:
    assert told(quarantine, None) == [(1, None, True)]


def test_what_an_operator_discarded_waits_for_nobody(quarantine: Warehouse) -> None:
    assert told(quarantine, "discarded") == [(1, None, False)]


def test_the_next_version_of_a_file_takes_the_place_of_its_rows(quarantine: Warehouse) -> None:
    rows = quarantine.sql(
        "select column_name, row_count, waiting_row_count, healed_row_count, day(last_healed_at)"
        " as day from marts.rpt_quarantine where vendor = 'files'"
    )
    assert [tuple(row.values()) for row in rows] == [("quantity", 2, 1, 1, 4)]


def test_the_report_counts_what_waits_apart_from_what_has_healed(quarantine: Warehouse) -> None:
    rows = quarantine.sql(
        "select column_name, problem, row_count, waiting_row_count, healed_row_count"
        " from marts.rpt_quarantine where vendor = 'klaviyo' order by all"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("event_id_klaviyo", "missing", 1, 1, 0),
        ("occurred_at", "unreadable", 7, 3, 3),
    ]
