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
        "ran_at": "timestamp",
    },
    required=("campaign_name", "channel_group", "geo", "week_start_date", "currency_code"),
    one_of=(("spend_amount", "audience"),),
)

OFFLINE_CONTACTS = Domain(
    "offline_contacts",
    columns={
        "contact_id": "text",
        "contact_type": "text",
        "channel_group": "text",
        "contacted_at": "timestamp",
        "campaign_id": "text",
        "campaign_name": "text",
        "content_id": "text",
        "coupon_code": "text",
        "customer_number": "text",
        "customer_issuer": "text",
        "loyalty_number": "text",
        "email": "text",
        "phone_number": "text",
        "country": "text",
        "location_name": "text",
        "order_id": "text",
        "duration_seconds": "integer",
    },
    required=("contact_type", "channel_group", "contacted_at"),
)

STORE_VISITS = Domain(
    "store_visits",
    columns={
        "location_name": "text",
        "counter_name": "text",
        "counted_from_at": "timestamp",
        "counted_minutes": "integer",
        "entries": "integer",
        "exits": "integer",
    },
    required=("location_name", "counted_from_at", "entries"),
)

CUSTOMERS = Domain(
    "customers",
    columns={
        "customer_number": "text",
        "customer_issuer": "text",
        "loyalty_number": "text",
        "email": "text",
        "phone_number": "text",
        "first_name": "text",
        "last_name": "text",
        "birth_date": "date",
        "street_address": "text",
        "city": "text",
        "region": "text",
        "postal_code": "text",
        "country": "text",
        "email_consent": "boolean",
        "sms_consent": "boolean",
        "email_sha256": "text",
        "phone_sha256": "text",
        "social_handle": "text",
        "location_name": "text",
        "signed_up_at": "timestamp",
    },
    required=("signed_up_at",),
    one_of=(("loyalty_number", "customer_number"),),
)

DOMAINS = {
    domain.name: domain
    for domain in (ORDERS, OFFLINE_ACTIVITY, OFFLINE_CONTACTS, STORE_VISITS, CUSTOMERS)
}
