-- For a stretch of days: orders of the outlet's online store and of the tills of its pop-up store.
create or replace temp table outlet_basket as
with drawn as (
    select
        person.person_id,
        person.email as person_email,
        day.range as day,
        unnest(['web', 'pos']) as source_name,
    from person, range(getvariable('from_day'), getvariable('until_day')) as day
    where person.arrival_day < day.range
),

sale as (
    select
        *,
        (day * getvariable('people') + person_id) * 2 + (source_name = 'pos')::int as serial,
        date_trunc('second', moment(day, if(
            source_name = 'web',
            waking_second('outlet web', person_id, day), till_second('outlet till', person_id, day)
        ))) as sold_at,
    from drawn
    where
        (
            source_name = 'web' and person_email is not null
            and draw('outlet buys', person_id, day) < 0.018
        ) or (source_name = 'pos' and draw('outlet drops in', person_id, day) < 0.01)
),

marked as (
    select
        sale.*,
        customer.customer_id,
        draw('outlet kind', serial) as kind,
        draw('outlet return', serial) as return_kind,
        source_name = 'web' and kind < 0.06 as is_test,
        source_name = 'web' and kind between 0.06 and 0.12 as is_voided,
        source_name = 'web' and kind between 0.12 and 0.18 as is_deposit,
        source_name = 'web' and kind between 0.18 and 0.26 as is_cancelled,
        -- A till that was offline sends its orders up to three days late.
        date_trunc('second', case
            when source_name = 'pos' and kind < 0.08
                then later(sold_at, 3600 + 250000 * draw('outlet upload', serial))
            else later(sold_at, 3)
        end) as known_at,
    from sale
    left join shopify_customer as customer
        on
            sale.person_id = customer.person_id
            and customer.known_at < sale.sold_at
            and draw('outlet guest', sale.serial) < if(sale.source_name = 'web', 0.75, 0.6)
)

select
    *,
    case
        when is_voided or is_test then null
        when is_deposit
            then date_trunc('second', later(known_at, 86400 * (1 + 2 * draw('outlet paid', serial))))
        else known_at
    end as paid_at,
    case
        when is_voided or is_cancelled
            then date_trunc('second', later(known_at, 3600 * (1 + 20 * draw('outlet regret', serial))))
    end as cancelled_at,
    case
        when is_cancelled then cancelled_at
        when not (is_voided or is_test) and return_kind < 0.15
            then date_trunc('second', later(paid_at, 86400 * (1 + 9 * draw('outlet back', serial))))
    end as refunded_at,
    -- What follows after the first parcel back.
    case
        when not is_cancelled and return_kind < 0.06
            then date_trunc('second', later(refunded_at, 86400 * 1.5))
    end as refunded_again_at,
    case
        when source_name = 'web'
            then date_trunc('second', later(known_at, 3600 * (1 + 30 * draw('outlet journey', serial))))
    end as journey_ready_at,
from marked;

create or replace temp table shopify_order_line as
with drawn as (
    select
        basket.*,
        line.range as line,
        1 + pick('outlet quantity', 3, basket.serial, line.range) as quantity,
        pick('outlet article', 1000000007, basket.serial, line.range) as article,
    from outlet_basket as basket, range(
        -- A few clear out a whole shelf.
        if(draw('outlet shelf', basket.serial) < 0.03, 63, 1 + pick('outlet lines', 4, basket.serial))
    ) as line
),

shelf as (
    select *, row_number() over (order by variant_id) - 1 as slot, count(*) over () as slots
    from shopify_variant
    where deleted_at is null
),

priced as (
    select
        drawn.*,
        shelf.variant_id,
        shelf.product_id,
        shelf.product_title,
        shelf.variant_title,
        shelf.sku,
        shelf.price_cents as unit_cents,
        drawn.quantity * unit_cents as gross_cents,
        if(draw('outlet code', drawn.serial) < 0.3, (gross_cents * 15 + 50) // 100, 0)
            as discount_cents,
        ((gross_cents - discount_cents) * if(drawn.source_name = 'pos', 775, 575) + 5000) // 10000
            as tax_cents,
    from drawn
    inner join shelf on drawn.article % shelf.slots = shelf.slot
)

select
    'gid://shopify/Order/' || (5000000000000 + serial) as order_id,
    'gid://shopify/LineItem/' || (13000000000000 + serial * 100 + line) as line_id,
    line,
    variant_id,
    product_id,
    product_title,
    variant_title,
    sku,
    quantity,
    unit_cents,
    gross_cents,
    discount_cents,
    tax_cents,
    gross_cents - discount_cents + tax_cents as net_cents,
    -- Which of its refunds takes it back, and how much of it.
    case
        when is_cancelled then 1
        when refunded_at is null then null
        when line = 0 then 1
        when refunded_again_at is not null then 2
    end as refund_number,
    case
        when is_cancelled then quantity
        when refund_number is not null then 1 + pick('outlet units', quantity, serial, line)
    end as returned_quantity,
from priced
order by order_id, line;

create or replace temp table shopify_order as
select
    'gid://shopify/Order/' || (5000000000000 + basket.serial) as order_id,
    basket.serial + 1001 as number,
    basket.* exclude (serial, kind, return_kind, day, person_email)
        replace (if(total.comes_back_again, basket.refunded_again_at, null) as refunded_again_at),
    case when basket.source_name = 'web' or basket.customer_id is not null then basket.person_email end
        as email,
    total.gross_cents,
    total.discount_cents,
    total.tax_cents,
    if(basket.source_name = 'web' and total.gross_cents < 6000, 595, 0) as shipping_cents,
    total.net_cents + shipping_cents as net_cents,
    choose('outlet first source', ['google', 'direct', 'facebook', 'newsletter'], basket.serial)
        as first_source,
    choose('outlet last source', ['direct', 'newsletter', 'google'], basket.serial) as last_source,
from outlet_basket as basket
inner join (
    select
        order_id,
        sum(gross_cents)::bigint as gross_cents,
        sum(discount_cents)::bigint as discount_cents,
        sum(tax_cents)::bigint as tax_cents,
        sum(net_cents)::bigint as net_cents,
        coalesce(bool_or(refund_number = 2), false) as comes_back_again,
    from shopify_order_line
    group by order_id
) as total on 'gid://shopify/Order/' || (5000000000000 + basket.serial) = total.order_id
order by order_id;
