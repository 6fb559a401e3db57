"""Suites for Square: the till's and web shop's orders, payments, refunds, and what they name."""

from __future__ import annotations

from data_quality.chain import (
    Chain,
    LandedSums,
    Level,
    SourceTotal,
    current_base,
    minor_units,
)
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

_BY_NAME = {suite.stream: suite for suite in SUITES}
_AMOUNTS = ("gross_amount", "discount_amount", "tax_amount", "net_amount")
_PAID = minor_units("coalesce(net_total, total)", "coalesce(net_currency, currency)")
_BASE_PAID = minor_units(
    "coalesce(net_total_minor, total_minor)", "coalesce(net_currency_code, currency_code)"
)
_LINES_OF_ORDERS = """
    (
        select lines.*, orders.ordered_at
        from {lines} as lines
        inner join {orders} as orders using ({key})
        where {condition} and {{days}}
    )
"""


def _all(condition: str) -> dict[str, str]:
    """Orders, and what counts of them in the facts."""
    return {
        "orders": "1",
        **same(*_AMOUNTS),
        "final_orders": f"case when {condition} then 1 else 0 end",
        **{f"final_{name}": f"case when {condition} then {name} else 0 end" for name in _AMOUNTS},
    }


def _money_moved(stream: str, rows: str, minor: str, amount: str, day: str, key: str) -> Chain:
    """Payments and refunds have no fact yet: from the pages to staging."""
    staged = f"staging.stg_square__{stream}"
    return Chain(
        stream=stream,
        what=rows,
        touched=day,
        landed=LandedSums(
            fields={
                "created": "created_at",
                "minor": f"{minor}.amount",
                "currency": f"{minor}.currency",
            },
            day="try_cast(created as timestamptz) at time zone 'UTC'",
            measures={rows: "1", "amount": minor_units("minor", "currency")},
        ),
        landed_at=1,
        levels=(
            Level(
                f"base.base_square__{stream}",
                current_base("square", _BY_NAME[stream]),
                day,
                {rows: "1", "amount": minor_units("amount_minor", "currency_code")},
            ),
            Level(staged, staged, day, {rows: "1", "amount": amount}, key=key),
        ),
    )


CHAINS = (
    Chain(
        stream="orders",
        what="orders",
        touched="ordered_at",
        landed=LandedSums(
            fields={
                "created": "created_at",
                "net_total": "net_amounts.total_money.amount",
                "net_currency": "net_amounts.total_money.currency",
                "total": "total_money.amount",
                "currency": "total_money.currency",
            },
            day="try_cast(created as timestamptz) at time zone 'UTC'",
            measures={"orders": "1", "net_amount": _PAID},
        ),
        landed_at=1,
        levels=(
            Level(
                "base.base_square__orders",
                current_base("square", _BY_NAME["orders"]),
                "ordered_at",
                {"orders": "1", "net_amount": _BASE_PAID},
            ),
            Level(
                "staging.stg_square__orders",
                "staging.stg_square__orders",
                "ordered_at",
                _all("order_state = 'COMPLETED'"),
                key="order_id_square",
            ),
            Level(
                "intermediate.int_orders__square",
                "intermediate.int_orders__square",
                "ordered_at",
                _all("is_final"),
            ),
            Level(
                "marts.fct_order",
                "marts.fct_order",
                "ordered_at",
                {"final_orders": "1", **{f"final_{name}": name for name in _AMOUNTS}},
                where="order_source = 'square'",
            ),
        ),
    ),
    Chain(
        stream="orders",
        what="order lines",
        touched="ordered_at",
        levels=(
            Level(
                "staging.stg_square__order_lines",
                _LINES_OF_ORDERS.format(
                    lines="staging.stg_square__order_lines",
                    orders="staging.stg_square__orders",
                    key="order_id_square",
                    condition="orders.order_state = 'COMPLETED'",
                ),
                "ordered_at",
                {"lines": "1", "quantity": "cast(quantity as decimal(18, 4))", **same(*_AMOUNTS)},
            ),
            Level(
                "marts.fct_order_line",
                _LINES_OF_ORDERS.format(
                    lines="(select * exclude (ordered_at) from marts.fct_order_line)",
                    orders="marts.fct_order",
                    key="order_id",
                    condition="orders.order_source = 'square'",
                ),
                "ordered_at",
                {"lines": "1", **same("quantity", *_AMOUNTS)},
            ),
        ),
    ),
    _money_moved("payments", "payments", "amount_money", "amount", "paid_at", "payment_id_square"),
    _money_moved(
        "refunds", "refunds", "amount_money", "refund_amount", "refunded_at", "refund_id_square"
    ),
)

TOTALS = (
    SourceTotal(
        stream="orders",
        measure="paid_amount",
        # What customers paid less what they got back, by the day of the order it belongs to. It
        # moves apart while a payment is on its way, or one of the two streams is held back.
        is_blocking=False,
        touched=(("orders", "ordered_at"),),
        stated=Level(
            "payments and refunds",
            """
                (
                    select orders.ordered_at, payments.amount
                    from staging.stg_square__payments as payments
                    inner join staging.stg_square__orders as orders using (order_id_square)
                    where payments.payment_status = 'COMPLETED' and {days}
                    union all
                    select orders.ordered_at, -refunds.refund_amount
                    from staging.stg_square__refunds as refunds
                    inner join staging.stg_square__orders as orders using (order_id_square)
                    where refunds.refund_status in ('COMPLETED', 'PENDING') and {days}
                )
            """,
            "ordered_at",
            {"paid_amount": "amount"},
        ),
        built=Level(
            "marts.fct_order",
            "marts.fct_order",
            "ordered_at",
            {"paid_amount": "net_amount"},
            where="order_source = 'square'",
        ),
    ),
)
