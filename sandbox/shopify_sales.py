"""What Shopify's rows say of sales, as SQL from the truth to the row store.

Belongs here: the JSON of orders and refunds, and when each version of them shows. Does not belong
here: customers and variants (shopify_rows.py), how a query is answered (shopify_graphql.py).

An order is updated when it is paid, cancelled or given back. What its journey says comes later,
and updates nothing: that version has the `updatedAt` of the one before.
"""

from __future__ import annotations

from sandbox.shopify_rows import as_money, as_time

_LINE = f"""{{
    'id': line.line_id,
    'name': line.product_title || if(line.variant_title = 'Default Title', '', ' - Large'),
    'title': line.product_title,
    'variantTitle': nullif(line.variant_title, 'Default Title'),
    'sku': line.sku,
    'quantity': line.quantity,
    'currentQuantity': line.quantity - case
        when line.refund_number = 1 and sale.refunded_at <= sale.moment_at
            or line.refund_number = 2 and sale.refunded_again_at <= sale.moment_at
            then line.returned_quantity
        else 0
    end,
    'isGiftCard': false,
    'variant': {{'id': line.variant_id}},
    'product': {{'id': line.product_id}},
    'originalUnitPriceSet': {as_money("line.unit_cents")},
    'originalTotalSet': {as_money("line.gross_cents")},
    'discountAllocations': case when line.discount_cents > 0
        then [{{'allocatedAmountSet': {as_money("line.discount_cents")}}}] else [] end,
    'taxLines': [{{'title': 'Sales tax', 'priceSet': {as_money("line.tax_cents")}}}]
}}"""


def _visit(source: str, days: str) -> str:
    return f"""{{
        'id': 'gid://shopify/CustomerVisit/' || sale.number || '{days}',
        'occurredAt': {as_time(f"sale.sold_at - to_days({days}) - interval 10 minute")},
        'source': {source},
        'sourceType': null::varchar,
        'landingPage': 'https://outlet.example.com/',
        'referrerUrl': case {source}
            when 'google' then 'https://www.google.com/'
            when 'facebook' then 'https://l.facebook.com/'
        end,
        'utmParameters': case when {source} <> 'direct' then {{
            'source': {source},
            'medium': case {source}
                when 'google' then 'cpc' when 'facebook' then 'paid_social' else 'email' end,
            'campaign': 'outlet',
            'content': null::varchar,
            'term': null::varchar
        }} end
    }}"""


_JOURNEY = f"""case when sale.source_name = 'web' then {{
    'ready': sale.moment_at >= sale.journey_ready_at,
    'customerOrderIndex': if(sale.moment_at >= sale.journey_ready_at, 1, null),
    'daysToConversion': if(sale.moment_at >= sale.journey_ready_at, 2, null),
    'firstVisit': case when sale.moment_at >= sale.journey_ready_at
        then {_visit("sale.first_source", "2")} end,
    'lastVisit': case when sale.moment_at >= sale.journey_ready_at
        then {_visit("sale.last_source", "0")} end
}} end"""


def _transaction(number: str, kind: str, status: str, cents: str, at: str) -> str:
    return f"""{{
        'id': 'gid://shopify/OrderTransaction/' || sale.number || '{number}',
        'kind': {kind},
        'status': {status},
        'test': sale.is_test,
        'gateway': sale.gateway,
        'createdAt': {as_time(at)},
        'processedAt': {as_time(at)},
        'amountSet': {as_money(cents)},
        'parentTransaction': {
        "null::struct(id varchar)"
        if number == "1"
        else "{'id': 'gid://shopify/OrderTransaction/' || sale.number || '1'}"
    }
    }}"""


_FIRST_KIND = "if(sale.is_voided, 'AUTHORIZATION', 'SALE')"
_FIRST_STATUS = "if(sale.is_deposit and sale.moment_at < sale.paid_at, 'PENDING', 'SUCCESS')"
_SUCCESS = "'SUCCESS'"
_TRANSACTIONS = f"""list_filter([
    {_transaction("1", _FIRST_KIND, _FIRST_STATUS, "sale.net_cents", "sale.known_at")},
    case when sale.is_voided and sale.moment_at >= sale.cancelled_at then
        {_transaction("2", "'VOID'", _SUCCESS, "sale.net_cents", "sale.cancelled_at")} end,
    case when sale.moment_at >= sale.refunded_at then
        {_transaction("3", "'REFUND'", _SUCCESS, "sale.first_cents", "sale.refunded_at")} end,
    case when sale.moment_at >= sale.refunded_again_at then
        {_transaction("4", "'REFUND'", _SUCCESS, "sale.second_cents", "sale.refunded_again_at")} end
], lambda one: one is not null)"""

_ORDER = f"""to_json({{
    'id': sale.order_id,
    'legacyResourceId': split_part(sale.order_id, '/', 5),
    'name': '#' || sale.number,
    'number': sale.number,
    'test': sale.is_test,
    'confirmed': true,
    'createdAt': {as_time("sale.known_at")},
    'processedAt': {as_time("sale.sold_at")},
    'updatedAt': {as_time("sale.updated_at")},
    'closedAt': null::varchar,
    'cancelledAt': case when sale.moment_at >= sale.cancelled_at then {as_time("sale.cancelled_at")} end,
    'cancelReason': case when sale.moment_at >= sale.cancelled_at then 'CUSTOMER' end,
    'displayFinancialStatus': case
        when sale.is_voided then if(sale.moment_at >= sale.cancelled_at, 'VOIDED', 'AUTHORIZED')
        when sale.is_deposit and sale.moment_at < sale.paid_at then 'PENDING'
        when sale.refunded_cents >= sale.net_cents then 'REFUNDED'
        when sale.refunded_cents > 0 then 'PARTIALLY_REFUNDED'
        else 'PAID'
    end,
    'displayFulfillmentStatus': if(sale.source_name = 'pos', 'FULFILLED', 'UNFULFILLED'),
    'sourceName': sale.source_name,
    'email': sale.email,
    'phone': null::varchar,
    'customer': case when sale.customer_id is not null then {{'id': sale.customer_id}} end,
    'retailLocation': case when sale.source_name = 'pos'
        then {{'id': 'gid://shopify/Location/60000000002'}} end,
    'shippingAddress': case when sale.source_name = 'web' then {{
        'city': person.city,
        'provinceCode': person.region,
        'zip': person.postal_code,
        'countryCodeV2': person.country_code
    }} end,
    'taxesIncluded': false,
    'currencyCode': 'USD',
    'presentmentCurrencyCode': 'USD',
    'discountCodes': if(sale.discount_cents > 0, ['OUTLET15'], []),
    'paymentGatewayNames': [sale.gateway],
    'totalPriceSet': {as_money("sale.net_cents")},
    'currentTotalPriceSet': {as_money("if(sale.is_voided and sale.moment_at >= sale.cancelled_at, 0, sale.net_cents - sale.refunded_cents)")},
    'subtotalPriceSet': {as_money("sale.gross_cents - sale.discount_cents")},
    'totalDiscountsSet': {as_money("sale.discount_cents")},
    'totalTaxSet': {as_money("sale.tax_cents")},
    'totalShippingPriceSet': {as_money("sale.shipping_cents")},
    'totalTipReceivedSet': {as_money("0")},
    'totalRefundedSet': {as_money("sale.refunded_cents")},
    'netPaymentSet': {as_money("if(sale.is_voided or sale.is_deposit and sale.moment_at < sale.paid_at, 0, sale.net_cents - sale.refunded_cents)")},
    'customerJourneySummary': {_JOURNEY},
    'transactions': {_TRANSACTIONS},
    'refunds': list_filter([
        case when sale.moment_at >= sale.refunded_at then
            {{'id': replace(sale.order_id, 'Order', 'Refund') || '1'}} end,
        case when sale.moment_at >= sale.refunded_again_at then
            {{'id': replace(sale.order_id, 'Order', 'Refund') || '2'}} end
    ], lambda one: one is not null),
    'lineItems': {{'nodes': line.lines}}
}})::varchar"""  # noqa: E501

_VERSIONS = """
    moment as (
        select
            placed.*,
            unnest(list_distinct(list_filter(
                [
                    placed.known_at, placed.paid_at, placed.cancelled_at, placed.refunded_at,
                    placed.refunded_again_at, placed.journey_ready_at
                ],
                lambda one: one is not null
            ))) as moment_at,
            coalesce(first.net_cents, 0) as first_cents,
            coalesce(second.net_cents, 0) as second_cents,
            case
                when placed.is_test then 'bogus'
                when placed.is_deposit then 'Bank Deposit'
                when placed.source_name = 'pos' and placed.number % 5 = 0 then 'cash'
                else 'shopify_payments'
            end as gateway
        from shopify_order as placed
        left join shopify_refund as first
            on replace(placed.order_id, 'Order', 'Refund') || '1' = first.refund_id
        left join shopify_refund as second
            on replace(placed.order_id, 'Order', 'Refund') || '2' = second.refund_id
    ),

    version as (
        select
            *,
            lead(moment_at) over (partition by order_id order by moment_at) as superseded_at,
            greatest(
                known_at,
                case when paid_at <= moment_at then paid_at end,
                case when cancelled_at <= moment_at then cancelled_at end,
                case when refunded_at <= moment_at then refunded_at end,
                case when refunded_again_at <= moment_at then refunded_again_at end
            ) as updated_at,
            case when refunded_at <= moment_at then first_cents else 0 end
            + case when refunded_again_at <= moment_at then second_cents else 0 end
                as refunded_cents
        from moment
    )
"""

ORDERS = f"""
    with {_VERSIONS},

    sale as (
        from version where updated_at >= $day_start and updated_at < $day_end
    ),

    line as (
        select
            sale.order_id,
            sale.moment_at,
            list({_LINE} order by line.line) as lines
        from sale
        inner join shopify_order_line as line on sale.order_id = line.order_id
        group by sale.order_id, sale.moment_at
    )

    select
        sale.updated_at as sort_at,
        sale.moment_at as known_at,
        sale.superseded_at,
        sale.order_id as key,
        sale.order_id as tag,
        {_ORDER} as body
    from sale
    inner join line on sale.order_id = line.order_id and sale.moment_at = line.moment_at
    inner join person on sale.person_id = person.person_id
"""

_REFUND_LINE = f"""{{
    'id': line.refund_line_id,
    'quantity': line.quantity,
    'restockType': if(sale.is_cancelled, 'CANCEL', 'RETURN'),
    'location': {{'id': 'gid://shopify/Location/60000000001'}},
    'subtotalSet': {as_money("line.gross_cents - line.discount_cents")},
    'totalTaxSet': {as_money("line.tax_cents")},
    'lineItem': {{
        'id': line.line_id,
        'name': sold.product_title || if(sold.variant_title = 'Default Title', '', ' - Large'),
        'title': sold.product_title,
        'variantTitle': nullif(sold.variant_title, 'Default Title'),
        'sku': sold.sku,
        'originalUnitPriceSet': {as_money("sold.unit_cents")},
        'variant': {{'id': sold.variant_id}},
        'product': {{'id': sold.product_id}}
    }}
}}"""
_REFUND = f"""to_json({{
    'id': refund.refund_id,
    'createdAt': {as_time("refund.known_at")},
    'processedAt': {as_time("refund.known_at")},
    'updatedAt': {as_time("refund.known_at")},
    'note': null::varchar,
    'totalRefundedSet': {as_money("refund.net_cents")},
    'order': {{
        'id': sale.order_id,
        'legacyResourceId': split_part(sale.order_id, '/', 5),
        'test': sale.is_test,
        'taxesIncluded': false,
        'displayFinancialStatus':
            if(refund.net_cents >= sale.net_cents, 'REFUNDED', 'PARTIALLY_REFUNDED'),
        'sourceName': sale.source_name,
        'email': sale.email,
        'phone': null::varchar,
        'customer': case when sale.customer_id is not null then {{'id': sale.customer_id}} end,
        'retailLocation': case when sale.source_name = 'pos'
            then {{'id': 'gid://shopify/Location/60000000002'}} end
    }},
    'refundLineItems': {{'nodes': line.lines}}
}})::varchar"""
REFUNDS = f"""
    with line as (
        select line.refund_id, list({_REFUND_LINE} order by line.refund_line_id) as lines
        from shopify_refund_line as line
        inner join shopify_order_line as sold on line.line_id = sold.line_id
        inner join shopify_order as sale on line.order_id = sale.order_id
        where line.known_at >= $day_start and line.known_at < $day_end
        group by line.refund_id
    )

    select
        refund.known_at as sort_at,
        refund.known_at,
        null::timestamp as superseded_at,
        refund.refund_id as key,
        refund.refund_id as tag,
        {_REFUND} as body
    from shopify_refund as refund
    inner join line on refund.refund_id = line.refund_id
    inner join shopify_order as sale on refund.order_id = sale.order_id
    where refund.known_at >= $day_start and refund.known_at < $day_end
"""
