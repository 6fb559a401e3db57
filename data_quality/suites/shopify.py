"""Suites for Shopify: the outlet's orders, refunds and transactions, and what they name."""

from __future__ import annotations

from data_quality.chain import Chain, LandedSums, Level, SourceTotal, current_base
from data_quality.suite import (
    Pages,
    StreamSuite,
    inside_window,
    not_negative,
    one_of,
    same,
    sane_amounts,
)

SUITES = (
    StreamSuite(
        stream="shop",
        pages=Pages(rows=None, key=("data.shop.id",)),
        key=("shop_id_shopify",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="locations",
        pages=Pages(rows="data.locations.nodes"),
        key=("location_id_shopify",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="customers",
        pages=Pages(rows="data.customers.nodes", day="updatedAt"),
        key=("customer_id_shopify",),
        day="updated_at",
        # The search goes by whole days of the shop, so it brings some of the days around.
        rules=inside_window("updated_at", before=2.5),
    ),
    StreamSuite(
        stream="products",
        pages=Pages(rows="data.productVariants.nodes"),
        key=("product_id_shopify",),
        volume="snapshot",
        rules=not_negative("price_amount"),
    ),
    StreamSuite(
        stream="orders",
        pages=Pages(rows="data.orders.nodes", day="updatedAt"),
        key=("order_id_shopify",),
        day="updated_at",
        metrics=same("total_amount", "tax_amount"),
        rules=(
            *inside_window("updated_at"),
            *sane_amounts("total_amount"),
            *not_negative("total_amount", "tax_amount", "discount_amount"),
            *one_of(
                "financial_status",
                "AUTHORIZED",
                "EXPIRED",
                "PAID",
                "PARTIALLY_PAID",
                "PARTIALLY_REFUNDED",
                "PENDING",
                "REFUNDED",
                "VOIDED",
            ),
        ),
    ),
    # Of the orders that changed all refunds come, also those of long ago.
    StreamSuite(
        stream="refunds",
        pages=Pages(rows="data.nodes", day="processedAt"),
        key=("refund_id_shopify",),
        day="refunded_at",
        volume="any",
        rules=(*not_negative("refunded_amount"), *sane_amounts("refunded_amount")),
    ),
    StreamSuite(
        stream="deletions",
        pages=Pages(rows="data.events.nodes", day="createdAt"),
        key=("event_id_shopify",),
        day="deleted_at",
        volume="any",
        rules=inside_window("deleted_at"),
    ),
)

_BY_NAME = {suite.stream: suite for suite in SUITES}
_AMOUNTS = ("gross_amount", "discount_amount", "tax_amount", "net_amount")
_PAID = "financial_status in ('PAID', 'PARTIALLY_PAID', 'PARTIALLY_REFUNDED', 'REFUNDED')"
_FINAL = f"not is_test and coalesce({_PAID}, false)"


def _counted(condition: str) -> dict[str, str]:
    return {
        "final_rows": f"case when {condition} then 1 else 0 end",
        **{f"final_{name}": f"case when {condition} then {name} else 0 end" for name in _AMOUNTS},
    }


def _to_facts(stream: str, is_refund: bool) -> Chain:
    """Orders, and refunds as returns of their own: from the pages to the fact."""
    key = "refund_id_shopify" if is_refund else "order_id_shopify"
    day = "refunded_at" if is_refund else "ordered_at"
    amount = "refunded_amount" if is_refund else "total_amount"
    path = "totalRefundedSet" if is_refund else "totalPriceSet"
    final = f"{_FINAL} and net_amount <> 0" if is_refund else _FINAL
    sign = "-" if is_refund else ""
    kind = "is_refund" if is_refund else "not is_refund"
    staged = f"staging.stg_shopify__{stream}"
    return Chain(
        stream=stream,
        what=stream,
        touched=day,
        landed=LandedSums(
            fields={"sold": "processedAt", "amount": f"{path}.shopMoney.amount"},
            day="try_cast(sold as timestamptz) at time zone 'UTC'",
            measures={"rows": "1", "net_amount": f"{sign}try_cast(amount as decimal(18, 4))"},
        ),
        landed_at=1,
        levels=(
            Level(
                f"base.base_shopify__{stream}",
                current_base("shopify", _BY_NAME[stream]),
                day,
                {"rows": "1", "net_amount": f"{sign}{amount}"},
            ),
            Level(
                staged, staged, day, {"rows": "1", **same(*_AMOUNTS), **_counted(final)}, key=key
            ),
            Level(
                "intermediate.int_orders__shopify",
                "intermediate.int_orders__shopify",
                "ordered_at",
                {"rows": "1", **same(*_AMOUNTS), **_counted("is_final")},
                where=kind,
            ),
            Level(
                "marts.fct_order",
                "marts.fct_order",
                "ordered_at",
                {"final_rows": "1", **{f"final_{name}": name for name in _AMOUNTS}},
                where=f"order_source = 'shopify' and {kind}",
            ),
        ),
    )


CHAINS = (_to_facts("orders", False), _to_facts("refunds", True))

TOTALS = (
    SourceTotal(
        stream="orders",
        measure="taken_amount",
        # Money taken as the gateways booked it, by the day of the sale. It moves apart where an
        # order is paid in part.
        is_blocking=False,
        touched=(("orders", "ordered_at"),),
        stated=Level(
            "transactions",
            """
                (
                    select orders.ordered_at, transactions.transaction_amount as amount
                    from staging.stg_shopify__transactions as transactions
                    inner join staging.stg_shopify__orders as orders using (order_id_shopify)
                    where
                        transactions.transaction_kind in ('SALE', 'CAPTURE')
                        and transactions.transaction_status = 'SUCCESS'
                        and not coalesce(transactions.is_test, false)
                        and {days}
                )
            """,
            "ordered_at",
            {"taken_amount": "amount"},
        ),
        built=Level(
            "marts.fct_order",
            "marts.fct_order",
            "ordered_at",
            {"taken_amount": "net_amount"},
            where="order_source = 'shopify' and not is_refund",
        ),
    ),
)
