"""Square against its OpenAPI file and its own SDK."""

from __future__ import annotations

from functools import cache

from connectors.square import VERSION
from tests.conformance.openapi import Description
from tests.conformance.proofs import Deviation, Exchange, Proofs, load

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


PROOFS = Proofs(
    request=request,
    response=lambda exchange: description().response(exchange),
    paths=lambda stream, path: description().reads(description().component(ROWS[stream]), path),
    sources={
        "request": "OpenAPI 2025-08-20",
        "response": "OpenAPI 2025-08-20",
        "paths": "OpenAPI 2025-08-20",
        "sdk": "squareup 46",
    },
    reasons={"sdk": "to come"},
    overlay=OVERLAY,
)
