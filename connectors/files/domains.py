"""The domains a feed can map to: the house columns that a file's columns become.

Only names and types belong here. How a text is read as a type belongs in the base model of the
domain, and what the columns mean in its YAML; a drift test holds the three together.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Domain:
    """One kind of data, whoever delivers it; the stream and the base model carry its name.

    Attributes:
        name: the stream's name.
        columns: house column → text, timestamp, date, decimal, integer or boolean.
        required: columns that every row must have.
        one_of: groups of columns of which a feed must give at least one, and so must every row.
    """

    name: str
    columns: dict[str, str]
    required: tuple[str, ...]
    one_of: tuple[tuple[str, ...], ...] = ()


ORDERS = Domain(
    "orders",
    columns={
        "order_id": "text",
        "line_id": "text",
        "ordered_at": "timestamp",
        "product_id": "text",
        "product_name": "text",
        "quantity": "decimal",
        "unit_price_amount": "decimal",
        "discount_amount": "decimal",
        "tax_amount": "decimal",
        "net_amount": "decimal",
        "currency_code": "text",
        "is_return": "boolean",
        "source_order_id": "text",
        "customer_number": "text",
        "customer_issuer": "text",
        "loyalty_number": "text",
        "email": "text",
        "phone_number": "text",
        "location_name": "text",
        "country": "text",
        "sales_channel": "text",
    },
    required=("order_id", "ordered_at", "quantity", "currency_code"),
    one_of=(("unit_price_amount", "net_amount"),),
)

OFFLINE_ACTIVITY = Domain(
    "offline_activity",
    columns={
        "activity_id": "text",
        "campaign_id": "text",
        "campaign_name": "text",
        "channel_group": "text",
        "geo": "text",
        "week_start_date": "date",
        "placement_name": "text",
        "spend_amount": "decimal",
        "currency_code": "text",
        "audience": "integer",
        "insertions": "integer",
    },
    required=("campaign_name", "channel_group", "geo", "week_start_date", "currency_code"),
    one_of=(("spend_amount", "audience"),),
)

DOMAINS = {domain.name: domain for domain in (ORDERS, OFFLINE_ACTIVITY)}
