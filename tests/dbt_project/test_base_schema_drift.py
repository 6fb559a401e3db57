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
def drift(built: Warehouse) -> list[tuple[Any, ...]]:
    """What base_schema_drift says after three loads: usual, held back, usual."""
    models = ["run", "--select", "base_klaviyo__events", "base_schema_drift"]
    built.land("klaviyo.events", [{"data": [pages.email_event(1)]}, {"data": []}], day=1)
    built.dbt(*models)
    built.land("klaviyo.events", [{"data": [_changed()]}], day=2, status="held")
    built.land("klaviyo.events", ["<html>", {"data": []}], day=3)
    built.land("klaviyo.events", [{"data": [pages.email_event(3)]}], day=4)
    built.dbt(*models)
    rows = built.sql(
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


def test_fields_of_any_depth_are_noted_once_per_row(built: Warehouse) -> None:
    """Whatever the row holds: lists of lists, odd names, nulls, a name twice."""
    odd = {"a b": {"$m": 1, "x.y": [[1, 2], [3]]}, "none": None, "gaps": [None, "text", 1.5]}
    bodies = [{"id": "M8", **odd}, {"id": "M9", "none": True}]
    text = json.dumps({"data": bodies}).replace('"M9"', '"M9", "twice": {"z": 1, "z": 2}')
    load_id = built.land("klaviyo.metrics", [text], day=9)
    built.dbt("run", "--select", "base_klaviyo__metrics")
    noted = built.sql(
        "select json_path, json_type, rows_seen from ops.load_fields"
        " where load_id = ? order by all",
        [load_id],
    )
    assert [tuple(row.values()) for row in noted] == [
        ("$", "object", 2),
        ("$.a b", "object", 1),
        ("$.a b.$m", "number", 1),
        ("$.a b.x.y", "array", 1),
        ("$.a b.x.y[*]", "array", 1),
        ("$.a b.x.y[*][*]", "number", 1),
        ("$.gaps", "array", 1),
        ("$.gaps[*]", "null", 1),
        ("$.gaps[*]", "number", 1),
        ("$.gaps[*]", "string", 1),
        ("$.id", "string", 2),
        ("$.none", "boolean", 1),
        ("$.none", "null", 1),
        ("$.twice", "object", 1),
        ("$.twice.z", "number", 1),
    ]
