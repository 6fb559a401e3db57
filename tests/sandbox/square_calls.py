"""Reading whole streams of the sandbox's Square, page by page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox import Running
from tests.sandbox.asking import get, good, post

ALWAYS = {"start_at": "2026-01-01T00:00:00Z", "end_at": "2026-12-31T00:00:00Z"}


def locations(sandbox: Running) -> list[str]:
    found = good(get(sandbox, "/square/v2/locations"))["locations"]
    return [location["id"] for location in found]


def orders_body(sandbox: Running, limit: int = 500, **updated_at: str) -> dict[str, Any]:
    return {
        "location_ids": locations(sandbox),
        "query": {
            "filter": {"date_time_filter": {"updated_at": updated_at or ALWAYS}},
            "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
        },
        "limit": limit,
    }


def searched(sandbox: Running, path: str, rows: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = good(post(sandbox, path, body | cursor))
        found += page.get(rows, [])
        if "cursor" not in page:
            return found
        cursor = {"cursor": page["cursor"]}


def orders(sandbox: Running, limit: int = 500) -> list[dict[str, Any]]:
    return searched(sandbox, "/square/v2/orders/search", "orders", orders_body(sandbox, limit))


def customers(sandbox: Running, limit: int = 100) -> list[dict[str, Any]]:
    body = {"query": {"filter": {"updated_at": ALWAYS}}, "limit": limit}
    return searched(sandbox, "/square/v2/customers/search", "customers", body)


def listed(sandbox: Running, stream: str, **params: Any) -> list[dict[str, Any]]:
    given = {"sort_field": "UPDATED_AT", "sort_order": "ASC", "limit": 100}
    given |= {"updated_at_begin_time": ALWAYS["start_at"], **params}
    found: list[dict[str, Any]] = []
    while True:
        page = good(get(sandbox, f"/square/v2/{stream}", given))
        found += page.get(stream, [])
        if "cursor" not in page:
            return found
        given["cursor"] = page["cursor"]


def payments(sandbox: Running) -> list[dict[str, Any]]:
    return [
        payment
        for place in locations(sandbox)
        for payment in listed(sandbox, "payments", location_id=place)
    ]


def catalog(sandbox: Running, **body: Any) -> list[dict[str, Any]]:
    asked = {"object_types": ["ITEM"], "limit": 50, **body}
    return searched(sandbox, "/square/v2/catalog/search", "objects", asked)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def cents(money: dict[str, Any]) -> int:
    return int(money["amount"])
