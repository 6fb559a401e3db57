-- For a stretch of days: what was bought online and at the till, and what came back.
create or replace temp table basket as
with online as (
    select
        visit.order_id,
        visit.person_id,
        6 as location_number,
        'online' as channel,
        later(visit.bought_at, 1 + 3 * draw('order wait', visit.order_id)) as ordered_at,
        'email' as identified_by,
        visit.web_transaction_id,
    from visit
    where visit.buys
),

store as (
    select
        code('', 26, 'store order', person.person_id, day.range) as order_id,
        person.person_id,
        if(draw('away', person.person_id, day.range) < 0.15,
            pick('other store', 6, person.person_id, day.range), person.home_store)
            as location_number,
        'store' as channel,
        moment(day.range, till_second('till time', person.person_id, day.range)) as ordered_at,
        draw('identified', person.person_id, day.range) as manner,
        case
            when person.square_customer_id is null or person.arrival_day >= day.range then 'none'
            when person.loyalty_number is not null and manner < 0.6 then 'loyalty'
            when person.phone is not null and manner < 0.75 then 'phone'
            when person.email is not null and manner < 0.85 then 'email'
            else 'none'
        end as identified_by,
    from person, range(getvariable('from_day'), getvariable('until_day')) as day
    where draw('shops', person.person_id, day.range) < 0.015
)

select
    every.*,
    location.location_id,
    location.tax_rate,
    location.currency_code,
    if(every.identified_by = 'none', null, person.square_customer_id) as square_customer_id,
    date_diff('day', getvariable('start')::timestamp, every.ordered_at) as day,
    draw('returned', every.order_id) < 0.06 as is_returned,
    -- A till that was offline uploads up to 72 hours late, with the old time of sale.
    case
        when not is_returned and every.channel = 'store' and draw('offline', every.order_id) < 0.02
            then later(every.ordered_at, 3600 + 255600 * draw('upload', every.order_id))
        else later(every.ordered_at, 2)
    end as known_at,
    later(
        date_trunc('day', every.ordered_at)
        + to_days(1 + pick('days until return', 20, every.order_id)::integer),
        till_second('return time', every.order_id)
    ) as returned_at,
    draw('discounted', every.order_id) < 0.2 as is_discounted,
    every.channel = 'store' and draw('cash', every.order_id) < 0.15 as is_cash,
    not is_returned and draw('split', every.order_id) < 0.03 as is_split,
from (from online union all by name from store) as every
inner join location on every.location_number = location.number
inner join person on every.person_id = person.person_id;

create or replace temp table purchase_line as
with sold as (
    select
        basket.*,
        line.range as line,
        1 + if(draw('several', basket.order_id, line.range) < 0.2,
            1 + pick('quantity', 2, basket.order_id, line.range), 0) as quantity,
        pick('article', 1000000007, basket.order_id, line.range) as article,
    from basket, range(1 + pick('lines', 4, basket.order_id)) as line
),

priced as (
    select
        sold.order_id,
        sold.line,
        sold.is_returned,
        substr(token('line', sold.order_id, sold.line), 1, 22) as line_uid,
        shelf.variation_id,
        shelf.product_name,
        sold.quantity,
        shelf.price_cents as unit_cents,
        sold.quantity * shelf.price_cents as gross_cents,
        if(sold.is_discounted, (gross_cents * 10 + 50) // 100, 0) as discount_cents,
        ((gross_cents - discount_cents) * sold.tax_rate + 5000) // 10000 as tax_cents,
        gross_cents - discount_cents + tax_cents as net_cents,
    from sold
    -- The last day's shelf serves orders whose visit ran past midnight of the calendar's end.
    inner join shelf
        on least(sold.day, getvariable('days') - 1) = shelf.day
        and sold.article % shelf.slots = shelf.slot
),

brought_back as (
    select
        *,
        1 + pick('quantity returned', quantity, order_id, line) as units,
    from priced
    where is_returned and (line = 0 or draw('line returned', order_id, line) < 0.5)
)

select
    order_id,
    line_uid,
    variation_id,
    product_name,
    quantity,
    unit_cents,
    gross_cents,
    discount_cents,
    tax_cents,
    net_cents,
    false as is_return,
    null as source_line_uid,
    order_id as source_order_id,
from priced
union all by name
select
    code('', 26, 'return', order_id) as order_id,
    substr(token('return line', order_id, line), 1, 22) as line_uid,
    variation_id,
    product_name,
    -units as quantity,
    unit_cents,
    -units * unit_cents as gross_cents,
    -(discount_cents * units // quantity) as discount_cents,
    -(tax_cents * units // quantity) as tax_cents,
    -- Spelt out: a bare name would be the sold line's column, not the alias above.
    -units * unit_cents + discount_cents * units // quantity - tax_cents * units // quantity
        as net_cents,
    true as is_return,
    line_uid as source_line_uid,
    order_id as source_order_id,
from brought_back;

create or replace temp table purchase as
with total as (
    select
        order_id,
        is_return,
        source_order_id,
        sum(gross_cents)::bigint as gross_cents,
        sum(discount_cents)::bigint as discount_cents,
        sum(tax_cents)::bigint as tax_cents,
        sum(net_cents)::bigint as net_cents,
    from purchase_line
    group by order_id, is_return, source_order_id
)

select
    total.order_id,
    basket.person_id,
    basket.location_id,
    basket.channel,
    if(total.is_return, basket.returned_at, basket.ordered_at) as ordered_at,
    if(total.is_return, later(basket.returned_at, 2), basket.known_at) as known_at,
    basket.identified_by,
    basket.square_customer_id,
    if(total.is_return, null, basket.web_transaction_id) as web_transaction_id,
    total.gross_cents,
    total.discount_cents,
    total.tax_cents,
    total.net_cents,
    basket.currency_code,
    total.is_return,
    if(total.is_return, total.source_order_id, null) as source_order_id,
from total
inner join basket on total.source_order_id = basket.order_id
order by ordered_at, total.order_id;

-- A line is known with its order.
create or replace temp table purchase_line as
select
    purchase_line.*,
    purchase.known_at,
from purchase_line
inner join purchase on purchase_line.order_id = purchase.order_id
order by purchase_line.order_id, purchase_line.line_uid;

create or replace temp table payment as
select
    code('', 26, 'payment', basket.order_id, part.range) as payment_id,
    basket.order_id,
    purchase.ordered_at as paid_at,
    purchase.known_at,
    case
        when not basket.is_split then purchase.net_cents
        when part.range = 0 then purchase.net_cents // 2
        else purchase.net_cents - purchase.net_cents // 2
    end as cents,
    if(basket.is_cash, 'CASH', 'CARD') as source_type,
    -- People pay with one of two cards; the second part of a split is on the other one.
    if(basket.is_cash, null, 'sq-1-' || token('card', basket.person_id, (
        (draw('card', basket.order_id) < 0.2)::integer + part.range
    ) % 2)) as card_fingerprint,
    'COMPLETED' as status,
from basket
inner join purchase on basket.order_id = purchase.order_id
cross join range(2) as part
where part.range = 0 or basket.is_split
order by paid_at, payment_id;

create or replace temp table refund as
select
    code('', 26, 'refund', purchase.order_id) as refund_id,
    payment.payment_id,
    purchase.order_id,
    purchase.ordered_at as refunded_at,
    purchase.known_at,
    -purchase.net_cents as cents,
    choose('reason', ['Did not fit', 'Damaged', 'Changed mind', ''], purchase.order_id) as reason,
from purchase
inner join payment on purchase.source_order_id = payment.order_id
where purchase.is_return
order by refunded_at, refund_id;
