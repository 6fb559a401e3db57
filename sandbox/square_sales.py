"""What Square's rows say of sales, as SQL from the truth to the row store.

Belongs here: the JSON of orders, payments and refunds, and when each version of them shows. Does
not belong here: customers and catalog (square_rows.py), endpoints and paging (square.py).

A return is an order of its own, without line items, whose net amounts are negative; the payment it
gives back changes too. An order of a till that was offline keeps its old time of sale and is
updated when it arrives.
"""

from __future__ import annotations

from sandbox.square_rows import as_json, as_money, as_time

_LINE = f"""{{
    'uid': line.line_uid,
    'catalog_object_id': line.variation_id,
    'name': line.product_name,
    'variation_name': product.variation_name,
    'quantity': line.quantity::varchar,
    'item_type': 'ITEM',
    'base_price_money': {as_money("line.unit_cents")},
    'variation_total_price_money': {as_money("line.gross_cents")},
    'gross_sales_money': {as_money("line.gross_cents")},
    'total_tax_money': {as_money("line.tax_cents")},
    'total_discount_money': {as_money("line.discount_cents")},
    'total_money': {as_money("line.net_cents")},
    'total_service_charge_money': {as_money("0")}
}}"""
_RETURN_LINE = f"""{{
    'uid': line.line_uid,
    'source_line_item_uid': line.source_line_uid,
    'catalog_object_id': line.variation_id,
    'name': line.product_name,
    'variation_name': product.variation_name,
    'quantity': (-line.quantity)::varchar,
    'item_type': 'ITEM',
    'base_price_money': {as_money("line.unit_cents")},
    'variation_total_price_money': {as_money("-line.gross_cents")},
    'gross_return_money': {as_money("-line.gross_cents")},
    'total_tax_money': {as_money("-line.tax_cents")},
    'total_discount_money': {as_money("-line.discount_cents")},
    'total_money': {as_money("-line.net_cents")},
    'total_service_charge_money': {as_money("0")}
}}"""


def _amounts(sign: str) -> str:
    return f"""{{
        'total_money': {as_money(sign + "purchase.net_cents")},
        'tax_money': {as_money(sign + "purchase.tax_cents")},
        'discount_money': {as_money(sign + "purchase.discount_cents")},
        'tip_money': {as_money("0")},
        'service_charge_money': {as_money("0")}
    }}"""


_TENDER = f"""{{
    'id': payment.payment_id,
    'location_id': purchase.location_id,
    'transaction_id': payment.order_id,
    'created_at': {as_time("payment.paid_at")},
    'amount_money': {as_money("payment.cents")},
    'customer_id': purchase.square_customer_id,
    'type': payment.source_type,
    'payment_id': payment.payment_id
}}"""
_SOLD = "case when not purchase.is_return then"
_ORDER = as_json(f"""{{
    'id': purchase.order_id,
    'location_id': purchase.location_id,
    'reference_id': purchase.web_transaction_id,
    'source': {{
        'name': if(purchase.channel = 'online', 'Online Store', 'Point of Sale')
    }},
    'customer_id': purchase.square_customer_id,
    'line_items': case when not purchase.is_return then line.lines end,
    'returns': case when purchase.is_return then [{{
        'uid': md5(purchase.order_id)[1:22],
        'source_order_id': purchase.source_order_id,
        'return_line_items': line.lines,
        'return_amounts': {_amounts("-")}
    }}] end,
    'return_amounts': case when purchase.is_return then {_amounts("-")} end,
    'net_amounts': {_amounts("")},
    'tenders': tender.tenders,
    'created_at': {as_time("purchase.ordered_at")},
    'updated_at': {as_time("purchase.known_at")},
    'closed_at': {as_time("purchase.ordered_at")},
    'state': 'COMPLETED',
    'version': 1,
    'total_money': {as_money(f"{_SOLD} purchase.net_cents else 0 end")},
    'total_tax_money': {as_money(f"{_SOLD} purchase.tax_cents else 0 end")},
    'total_discount_money': {as_money(f"{_SOLD} purchase.discount_cents else 0 end")},
    'total_tip_money': {as_money("0")},
    'total_service_charge_money': {as_money("0")},
    'net_amount_due_money': {as_money("0")}
}}""")
ORDERS = f"""
    with purchase as materialized (
        from purchase where known_at >= $day_start and known_at < $day_end
    ),

    line as (
        select
            purchase.order_id,
            -- As text, which is twice as fast to put in order as structs are.
            ('[' || string_agg(
                case
                    when line.is_return then to_json({_RETURN_LINE})::varchar
                    else to_json({_LINE})::varchar
                end,
                ',' order by line.line_uid
            ) || ']')::json as lines
        from purchase
        inner join purchase_line as line on purchase.order_id = line.order_id
        left join product on line.variation_id = product.variation_id
        group by purchase.order_id
    ),

    tender as (
        select purchase.order_id, list({_TENDER} order by payment.payment_id) as tenders
        from purchase
        inner join payment on purchase.order_id = payment.order_id
        group by purchase.order_id
    )

    select
        purchase.known_at as sort_at,
        purchase.known_at,
        null::timestamp as superseded_at,
        purchase.order_id as key,
        purchase.location_id as tag,
        {_ORDER} as body
    from purchase
    left join line on purchase.order_id = line.order_id
    left join tender on purchase.order_id = tender.order_id
"""

_PAYMENT = as_json(f"""{{
    'id': payment.payment_id,
    'created_at': {as_time("payment.paid_at")},
    'updated_at': {as_time("payment.changed_at")},
    'amount_money': {as_money("payment.cents")},
    'tip_money': {as_money("0")},
    'total_money': {as_money("payment.cents")},
    'approved_money': {as_money("payment.cents")},
    'refunded_money': case when payment.refund_id is not null
        then {as_money("payment.refunded_cents")} end,
    'status': payment.status,
    'source_type': payment.source_type,
    'card_details': case when payment.source_type = 'CARD' then {{
        'status': 'CAPTURED',
        'card': {{
            'card_brand': ['VISA', 'MASTERCARD', 'AMERICAN_EXPRESS', 'DISCOVER'][
                1 + (hash(payment.card_fingerprint) % 4)::integer],
            'last_4': lpad((hash(payment.card_fingerprint, 4) % 10000)::varchar, 4, '0'),
            'exp_month': 1 + (hash(payment.card_fingerprint, 12) % 12)::integer,
            'exp_year': 2028,
            'fingerprint': payment.card_fingerprint
        }},
        'entry_method': if(purchase.channel = 'online', 'KEYED', 'EMV'),
        'avs_status': 'AVS_NOT_CHECKED'
    }} end,
    'cash_details': case when payment.source_type = 'CASH' then {{
        'buyer_supplied_money': {as_money("payment.cents")},
        'change_back_money': {as_money("0")}
    }} end,
    'location_id': purchase.location_id,
    'order_id': payment.order_id,
    'refund_ids': case when payment.refund_id is not null then [payment.refund_id] end,
    'customer_id': purchase.square_customer_id,
    'receipt_number': payment.payment_id[1:4]
}}""")
PAYMENTS = f"""
    with version as (
        select
            payment.*,
            payment.known_at as changed_at,
            -- greatest() passes nulls over, so a payment without a refund needs the case.
            case when refund.refund_id is not null
                then greatest(payment.known_at, refund.known_at)
            end as superseded_at,
            null as refund_id,
            null::bigint as refunded_cents
        from payment
        left join refund on payment.payment_id = refund.payment_id
        where payment.known_at >= $day_start and payment.known_at < $day_end

        union all

        select
            payment.*,
            greatest(payment.known_at, refund.known_at),
            null,
            refund.refund_id,
            refund.cents
        from payment
        inner join refund on payment.payment_id = refund.payment_id
        where
            greatest(payment.known_at, refund.known_at) >= $day_start
            and greatest(payment.known_at, refund.known_at) < $day_end
    )

    select
        payment.changed_at as sort_at,
        payment.changed_at as known_at,
        payment.superseded_at,
        payment.payment_id as key,
        purchase.location_id as tag,
        {_PAYMENT} as body
    from version as payment
    inner join purchase on payment.order_id = purchase.order_id
"""

_REFUND = as_json(f"""{{
    'id': refund.refund_id,
    'status': 'COMPLETED',
    'location_id': purchase.location_id,
    'destination_type': payment.source_type,
    'amount_money': {as_money("refund.cents")},
    'payment_id': refund.payment_id,
    'order_id': refund.order_id,
    'reason': nullif(refund.reason, ''),
    'created_at': {as_time("refund.refunded_at")},
    'updated_at': {as_time("refund.known_at")}
}}""")
REFUNDS = f"""
    select
        refund.known_at as sort_at,
        refund.known_at,
        null::timestamp as superseded_at,
        refund.refund_id as key,
        purchase.location_id as tag,
        {_REFUND} as body
    from refund
    inner join purchase on refund.order_id = purchase.order_id
    inner join payment on refund.payment_id = payment.payment_id
    where refund.known_at >= $day_start and refund.known_at < $day_end
"""
