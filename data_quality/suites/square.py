"""Suites for Square: the till's and web shop's orders, payments, refunds, and what they name."""

from __future__ import annotations

from data_quality.suite import (
    Pages,
    StreamSuite,
    filled,
    inside_window,
    not_negative,
    one_of,
    same,
    sane_amounts,
)

# Amounts are in the currency's smallest unit here: a million of its main one.
MINOR_LIMIT = 1e8

SUITES = (
    StreamSuite(
        stream="locations",
        pages=Pages(rows="locations", rows_required=False),
        key=("location_id_square",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="customers",
        pages=Pages(rows="customers", rows_required=False, day="updated_at"),
        key=("customer_id_square",),
        day="updated_at",
        rules=inside_window("updated_at"),
    ),
    StreamSuite(
        stream="catalog",
        pages=Pages(rows="objects", rows_required=False),
        key=("item_id_square",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="orders",
        pages=Pages(rows="orders", rows_required=False, day="updated_at"),
        key=("order_id_square",),
        day="updated_at",
        # A return may state no total of its own, so what is compared are the orders' amounts.
        metrics=same("total_minor", "tax_minor"),
        rules=(
            *inside_window("updated_at"),
            *sane_amounts("total_minor", "net_total_minor", limit=MINOR_LIMIT),
            *one_of("order_state", "OPEN", "COMPLETED", "CANCELED", "DRAFT"),
        ),
    ),
    StreamSuite(
        stream="payments",
        pages=Pages(rows="payments", rows_required=False, day="updated_at"),
        key=("payment_id_square",),
        day="updated_at",
        metrics=same("amount_minor", "total_minor"),
        rules=(
            *filled("order_id_square"),
            *inside_window("updated_at"),
            *not_negative("amount_minor", "total_minor"),
            *sane_amounts("total_minor", limit=MINOR_LIMIT),
        ),
    ),
    StreamSuite(
        stream="refunds",
        pages=Pages(rows="refunds", rows_required=False, day="updated_at"),
        key=("refund_id_square",),
        day="updated_at",
        rules=(
            *inside_window("updated_at"),
            *not_negative("amount_minor"),
            *sane_amounts("amount_minor", limit=MINOR_LIMIT),
        ),
    ),
)
