"""Fields that a load has and the accepted load before it had not, and the other way round."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.dbt_project import vendor_pages as pages
from tests.dbt_project.conftest import Row, Warehouse

PROPERTIES = "$.attributes.event_properties"


def _changed() -> Row:
    event: Row = json.loads(json.dumps(pages.email_event(2, Subject=None, loyalty={"tier": 3})))
    event["attributes"]["timestamp"] = "1767290400"
    del event["attributes"]["uuid"]
    return event


@pytest.fixture(scope="module")
def drift(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """What base_schema_drift says after three loads: usual, held back, usual."""
    models = ["run", "--select", "base_klaviyo__events", "base_schema_drift"]
    warehouse.dbt(*models)
    warehouse.land("klaviyo.events", [{"data": [pages.email_event(1)]}, {"data": []}], day=1)
    warehouse.dbt(*models)
    warehouse.land("klaviyo.events", [{"data": [_changed()]}], day=2, status="held")
    warehouse.land("klaviyo.events", ["<html>", {"data": []}], day=3)
    warehouse.land("klaviyo.events", [{"data": [pages.email_event(3)]}], day=4)
    warehouse.dbt(*models)
    rows = warehouse.sql(
        "select day(pulled_at) as day, change, json_path, previous_type, json_type"
        " from base.base_schema_drift order by all"
    )
    return [tuple(row.values()) for row in rows]


def test_new_vanished_and_retyped_fields_are_told(drift: list[tuple[Any, ...]]) -> None:
    assert drift == [
        (2, "new", f"{PROPERTIES}.loyalty", None, "object"),
        (2, "new", f"{PROPERTIES}.loyalty.tier", None, "number"),
        (2, "retyped", "$.attributes.timestamp", "number", "string"),
        (2, "vanished", "$.attributes.uuid", "string", None),
    ]


def test_a_null_is_no_other_type(drift: list[tuple[Any, ...]]) -> None:
    assert not [row for row in drift if row[2].endswith(".Subject")]


def test_a_load_is_compared_with_accepted_loads_that_had_rows(
    drift: list[tuple[Any, ...]],
) -> None:
    assert not [row for row in drift if row[0] == 4]
