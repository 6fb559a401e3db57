"""Square against its OpenAPI file and its own SDK."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from square import Square

from connectors.square import VERSION
from tests.conformance.openapi import Description
from tests.conformance.proofs import Deviation, Exchange, Proofs, load
from tests.conformance.sdk import differences, replaying

ROWS = {
    "locations": "Location",
    "customers": "Customer",
    "catalog": "CatalogObject",
    "orders": "Order",
    "payments": "Payment",
    "refunds": "PaymentRefund",
}
OVERLAY = (
    Deviation(
        "/components/schemas/CatalogModifierToggleOverrideType",
        {"type": "string", "enum": ["YES", "NO", "NOT_SET"]},
        "three schemas refer to it and the file lacks it; squareup 46,"
        " square/types/catalog_modifier_toggle_override_type.py",
    ),
)


@cache
def description() -> Description:
    return Description(load("square/square-api.json"), overlay=OVERLAY)


def request(exchange: Exchange) -> list[str]:
    """The file has no header parameters; of the version it says so beside the credential."""
    found = description().request(exchange)
    if exchange.header("Square-Version") != VERSION:
        found.append("header Square-Version is not the connector's version")
    return found


def sdk(exchange: Exchange) -> list[str]:
    """The SDK asks the same, and its models have a place for all that we answer."""
    rows = exchange.path.removeprefix("/v2/").removesuffix("/search")
    with replaying(exchange) as replay:
        client = Square(token="t", base_url=replay.url, version=VERSION)
        call = getattr(client, rows).search if exchange.body else getattr(client, rows).list
        read = call(**(exchange.body or _arguments(exchange.query)))
    page = getattr(read, "response", read)
    return [
        *differences(exchange, replay, headers=["Square-Version", "Content-Type"]),
        *dict.fromkeys(_unknown(page, "answer")),
    ]


def _arguments(query: list[tuple[str, str]]) -> dict[str, Any]:
    return {name: int(text) if name == "limit" else text for name, text in query}


def _unknown(value: Any, place: str) -> Iterator[str]:
    """Members that the SDK's models keep without knowing them."""
    if isinstance(value, list):
        for item in value:
            yield from _unknown(item, f"{place}[]")
    elif hasattr(value, "model_extra"):
        yield from (f"{place}: the SDK knows no {name}" for name in value.model_extra or {})
        for name in type(value).model_fields:
            yield from _unknown(getattr(value, name), f"{place}.{name}")


PROOFS = Proofs(
    request=request,
    response=lambda exchange: description().response(exchange),
    paths=lambda stream, path: description().reads(description().component(ROWS[stream]), path),
    sdk=sdk,
    sources={
        "request": "OpenAPI 2025-08-20",
        "response": "OpenAPI 2025-08-20",
        "paths": "OpenAPI 2025-08-20",
        "sdk": "squareup 46",
    },
    calls={
        "GET /v2/locations": "locations.list",
        "POST /v2/customers/search": "customers.search",
        "POST /v2/catalog/search": "catalog.search",
        "POST /v2/orders/search": "orders.search",
        "GET /v2/payments": "payments.list",
        "GET /v2/refunds": "refunds.list",
    },
    overlay=OVERLAY,
)
