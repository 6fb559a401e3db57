"""What Square's side of the sandbox refuses, and that its answers fit Square's description."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox import Running
from tests.conformance.proofs import load
from tests.sandbox.asking import at, get, good, post
from tests.sandbox.square_calls import (
    ALWAYS,
    catalog,
    customers,
    listed,
    locations,
    orders,
    orders_body,
    payments,
)


@pytest.fixture
def sandbox(shop: Running) -> Running:
    return shop


@pytest.fixture
def early(tmp_path: Path) -> Iterator[Running]:
    with at(tmp_path, "2026-01-02T03:00:00") as started:
        yield started


def test_a_cursor_works_with_the_same_body_only(sandbox: Running) -> None:
    body = orders_body(sandbox, limit=10)
    cursor = good(post(sandbox, "/square/v2/orders/search", body))["cursor"]
    good(post(sandbox, "/square/v2/orders/search", body | {"cursor": cursor}))
    other = post(sandbox, "/square/v2/orders/search", body | {"cursor": cursor, "limit": 11})
    assert other.status_code == 400
    assert other.json()["errors"][0]["code"] == "INVALID_CURSOR"
    assert other.json()["errors"][0]["field"] == "cursor"


def test_a_cursor_expires(early: Running) -> None:
    early.set_clock(early.world.end)
    body = orders_body(early, limit=10)
    cursor = good(post(early, "/square/v2/orders/search", body))["cursor"]
    early.set_clock(early.now + timedelta(hours=2))
    late = post(early, "/square/v2/orders/search", body | {"cursor": cursor})
    assert late.status_code == 400
    assert "expired" in late.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"limit": 1001}, "VALUE_TOO_HIGH"),
        ({"limit": 0}, "VALUE_TOO_LOW"),
        ({"limit": "many"}, "EXPECTED_INTEGER"),
        ({"location_ids": []}, "MISSING_REQUIRED_PARAMETER"),
        ({"location_ids": ["x"] * 11}, "ARRAY_LENGTH_TOO_LONG"),
        ({"page_size": 10}, "UNKNOWN_BODY_PARAMETER"),
        ({"query": {"filter": {"time": {}}}}, "UNKNOWN_BODY_PARAMETER"),
        ({"query": {"sort": {"sort_field": "NAME"}}}, "INVALID_ENUM_VALUE"),
        ({"query": []}, "EXPECTED_OBJECT"),
        ({"cursor": "nonsense"}, "INVALID_CURSOR"),
    ],
)
def test_a_wrong_order_search_is_refused(
    sandbox: Running, change: dict[str, Any], code: str
) -> None:
    answer = post(sandbox, "/square/v2/orders/search", orders_body(sandbox) | change)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == code


@pytest.mark.parametrize("sort", [{}, {"sort": {"sort_field": "CREATED_AT"}}])
def test_orders_must_be_sorted_by_the_time_they_are_filtered_by(
    sandbox: Running, sort: dict[str, Any]
) -> None:
    query = {"filter": {"date_time_filter": {"updated_at": ALWAYS}}, **sort}
    body = {"location_ids": locations(sandbox), "query": query}
    answer = post(sandbox, "/square/v2/orders/search", body)
    assert answer.status_code == 400
    assert "sort_field" in answer.json()["errors"][0]["field"]


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("payments", {"since": "2026-01-01"}, "UNKNOWN_QUERY_PARAMETER"),
        ("payments", {"sort_field": "updated"}, "INVALID_ENUM_VALUE"),
        ("payments", {"sort_order": "UP"}, "INVALID_ENUM_VALUE"),
        ("refunds", {"sort_field": "OFFLINE_CREATED_AT"}, "INVALID_ENUM_VALUE"),
        ("refunds", {"sort_field": "UPDATED_AT", "limit": "x"}, "EXPECTED_INTEGER"),
        (
            "refunds",
            {"sort_field": "UPDATED_AT", "updated_at_begin_time": "2026-01-01"},
            "INVALID_TIME",
        ),
        ("locations", {"limit": 3}, "UNKNOWN_QUERY_PARAMETER"),
    ],
)
def test_a_wrong_list_request_is_refused(
    sandbox: Running, path: str, params: dict[str, Any], code: str
) -> None:
    answer = get(sandbox, f"/square/v2/{path}", params)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == code


def test_a_customer_page_above_one_hundred_is_refused(sandbox: Running) -> None:
    answer = post(sandbox, "/square/v2/customers/search", {"limit": 101})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "VALUE_TOO_HIGH"


@pytest.mark.parametrize("header", ["Bearer wrong", "Basic abc", ""])
def test_a_wrong_token_is_refused_as_square_does(sandbox: Running, header: str) -> None:
    answer = get(sandbox, "/square/v2/locations", Authorization=header)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["category"] == "AUTHENTICATION_ERROR"
    assert answer.json()["errors"][0]["code"] == "UNAUTHORIZED"


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("rate_limit", 429, "RATE_LIMITED"),
        ("expired_cursor", 400, "INVALID_CURSOR"),
        ("unauthorized", 401, "UNAUTHORIZED"),
        ("error", 500, "INTERNAL_SERVER_ERROR"),
    ],
)
def test_faults_speak_squares_language(
    sandbox: Running, fault: str, status: int, code: str
) -> None:
    sandbox.fault("square", "locations", fault, times=1)
    answer = get(sandbox, "/square/v2/locations")
    assert answer.status_code == status
    assert answer.json()["errors"][0]["code"] == code
    schemas = load("square/square-api.json")["components"]["schemas"]
    assert not list(_faults(answer.json()["errors"][0], schemas["Error"], schemas, "Error"))


@pytest.mark.parametrize(
    ("rows", "schema"),
    [
        (lambda s: good(get(s, "/square/v2/locations"))["locations"], "Location"),
        (customers, "Customer"),
        (lambda s: catalog(s, include_deleted_objects=True), "CatalogObject"),
        (lambda s: catalog(s, object_types=["CATEGORY"]), "CatalogObject"),
        (orders, "Order"),
        (payments, "Payment"),
        (lambda s: listed(s, "refunds"), "PaymentRefund"),
    ],
)
def test_rows_hold_only_what_squares_description_knows(
    sandbox: Running, rows: Any, schema: str
) -> None:
    schemas = load("square/square-api.json")["components"]["schemas"]
    faults = set()
    found = rows(sandbox)
    assert found
    for row in found:
        faults |= set(_faults(row, schemas[schema], schemas, schema))
    assert not faults


def test_errors_hold_only_what_squares_description_knows(sandbox: Running) -> None:
    schemas = load("square/square-api.json")["components"]["schemas"]
    answers = [
        get(sandbox, "/square/v2/payments", {"foo": 1}),
        get(sandbox, "/square/v2/payments"),
        get(sandbox, "/square/v2/nothing"),
        get(sandbox, "/square/v2/locations", Authorization="Bearer wrong"),
    ]
    for answer in answers:
        for error in answer.json()["errors"]:
            assert not list(_faults(error, schemas["Error"], schemas, "Error"))


def _faults(value: Any, schema: dict[str, Any], schemas: Any, path: str) -> Iterator[str]:
    """Yield what a value has that its schema does not know, or lacks that it requires."""
    if "$ref" in schema:
        yield from _faults(value, schemas[schema["$ref"].rpartition("/")[2]], schemas, path)
    elif "allOf" in schema:
        for part in schema["allOf"]:
            yield from _faults(value, part, schemas, path)
    elif "enum" in schema:
        if value not in schema["enum"]:
            yield f"{path}: {value} is none of the enumeration"
    elif isinstance(value, dict):
        known = schema.get("properties", {})
        yield from (f"{path}: unknown {name}" for name in value if name not in known)
        yield from (
            f"{path}: lacks {name}" for name in schema.get("required", []) if name not in value
        )
        for name in value.keys() & known.keys():
            yield from _faults(value[name], known[name], schemas, f"{path}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from _faults(item, schema.get("items", {}), schemas, path)
    else:
        kinds = {"string": str, "integer": int, "boolean": bool, "number": (int, float)}
        kind = kinds.get(schema.get("type", ""))
        if kind is None or not isinstance(value, kind):
            yield f"{path}: {value!r} is no {schema.get('type')}"
        elif isinstance(value, str):
            if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10**6):
                yield f"{path}: {value!r} has a wrong length"
            if path.endswith("_at") and not re.fullmatch(
                r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value
            ):
                yield f"{path}: {value!r} is no time as Square writes it"
