-- For a stretch of days: what came back to the outlet, and what its books count.
create or replace temp table shopify_refund_line as
with given_back as (
    select
        replace(line.order_id, 'Order', 'Refund') || line.refund_number as refund_id,
        replace(line.line_id, 'LineItem', 'RefundLineItem') as refund_line_id,
        line.order_id,
        line.line_id,
        line.variant_id,
        line.returned_quantity as quantity,
        line.returned_quantity * line.unit_cents as given_cents,
        line.discount_cents * line.returned_quantity // line.quantity as less_cents,
        line.tax_cents * line.returned_quantity // line.quantity as tax_back_cents,
        if(line.refund_number = 1, placed.refunded_at, placed.refunded_again_at) as known_at,
    from shopify_order_line as line
    inner join shopify_order as placed on line.order_id = placed.order_id
    where line.refund_number is not null
)

select
    refund_id,
    refund_line_id,
    order_id,
    line_id,
    variant_id,
    quantity,
    given_cents as gross_cents,
    less_cents as discount_cents,
    tax_back_cents as tax_cents,
    given_cents - less_cents + tax_back_cents as net_cents,
    known_at,
from given_back
order by refund_id, refund_line_id;

create or replace temp table shopify_refund as
select
    line.refund_id,
    line.order_id,
    line.known_at,
    sum(line.discount_cents)::bigint as discount_cents,
    sum(line.tax_cents)::bigint as tax_cents,
    -- Who cancels gets the shipping back as well.
    sum(line.net_cents)::bigint + any_value(if(placed.is_cancelled, placed.shipping_cents, 0))
        as net_cents,
from shopify_refund_line as line
inner join shopify_order as placed on line.order_id = placed.order_id
group by line.refund_id, line.order_id, line.known_at
order by line.refund_id;

-- What counts as sold and as given back, as the company's books have it.
create or replace temp table shopify_sale as
select
    order_id,
    if(source_name = 'web', 'online', 'store') as channel,
    sold_at as ordered_at,
    -- It counts once it is paid.
    paid_at as known_at,
    false as is_return,
    gross_cents + shipping_cents as gross_cents,
    discount_cents,
    tax_cents,
    net_cents,
    null as source_order_id,
from shopify_order
where paid_at is not null
union all by name
select
    refund.refund_id as order_id,
    if(placed.source_name = 'web', 'online', 'store') as channel,
    refund.known_at as ordered_at,
    refund.known_at,
    true as is_return,
    -(refund.net_cents + refund.discount_cents - refund.tax_cents) as gross_cents,
    -refund.discount_cents as discount_cents,
    -refund.tax_cents as tax_cents,
    -refund.net_cents as net_cents,
    refund.order_id as source_order_id,
from shopify_refund as refund
inner join shopify_order as placed on refund.order_id = placed.order_id;

create or replace temp table shopify_sale_line as
select
    sale.order_id,
    sale.ordered_at,
    sale.known_at,
    false as is_return,
    line.variant_id,
    line.quantity,
    line.net_cents,
from shopify_sale as sale
inner join shopify_order_line as line on sale.order_id = line.order_id
union all by name
select
    refund_id as order_id,
    known_at as ordered_at,
    known_at,
    true as is_return,
    variant_id,
    -quantity as quantity,
    -net_cents as net_cents,
from shopify_refund_line;
