-- Where things are sold and what is sold.
create table location as
select
    code('L', 12, 'location', place.number) as location_id,
    place.location_name,
    place.street_address,
    -- Which some give at the till for want of one of their own.
    '+1212555010' || place.number as phone,
    place.city,
    place.region,
    place.postal_code,
    'US' as country_code,
    place.time_zone,
    'USD' as currency_code,
    place.number = 6 as is_online,
    place.number as number,
    -- Tax in hundredths of a per cent.
    place.tax_rate,
    moment(0, -86400 * (400 + place.number)) as created_at,
from (
    values
    (0, 'New York Store', '12 Mercer Street', 'New York', 'NY', '10001', 'America/New_York', 888),
    (1, 'Boston Store', '41 Newbury Street', 'Boston', 'MA', '02108', 'America/New_York', 625),
    (2, 'Chicago Store', '7 Wabash Avenue', 'Chicago', 'IL', '60601', 'America/Chicago', 1025),
    (3, 'Austin Store', '230 Congress Avenue', 'Austin', 'TX', '73301', 'America/Chicago', 825),
    (4, 'Denver Store', '18 Larimer Street', 'Denver', 'CO', '80202', 'America/Denver', 881),
    (5, 'Seattle Store', '95 Pike Street', 'Seattle', 'WA', '98101', 'America/Los_Angeles', 1035),
    (6, 'Online Store', '12 Mercer Street', 'New York', 'NY', '10001', 'America/New_York', 600)
) as place (
    number, location_name, street_address, city, region, postal_code, time_zone, tax_rate
)
order by number;

create table product as
with item as (
    select
        range as item,
        choose('material', ['Linen', 'Wool', 'Cotton', 'Cork', 'Oak', 'Steel', 'Clay'], range)
        || ' '
        || choose('thing', [
            'Scarf', 'Mug', 'Lamp', 'Throw', 'Bowl', 'Tray', 'Bag', 'Vase', 'Apron', 'Clock',
        ], range)
        || ' No. ' || (range + 1) as product_name,
        choose('category', ['Home', 'Kitchen', 'Apparel', 'Garden', 'Gifts'], range)
            as category_name,
        500 + 5 * pick('price', 1900, range) as price_cents,
        -- A tenth appears and a tenth disappears while the calendar runs.
        case
            when range % 10 = 3
                then moment(pick('appears', getvariable('days'), range), 32400)
            else moment(0, 0)
        end as known_at,
        case
            when range % 10 = 7
                then moment(1 + pick('disappears', getvariable('days'), range), 32400)
        end as deleted_at,
    from range(120)
)

select
    code('', 24, 'variation', item.item, size.size) as variation_id,
    code('', 24, 'item', item.item) as item_id,
    item.product_name,
    ['Regular', 'Small', 'Large'][size.size + 1] as variation_name,
    printf('SKU-%04d-%d', item.item, size.size) as sku,
    item.category_name,
    item.price_cents + 250 * size.size as price_cents,
    item.known_at,
    item.deleted_at,
from item, unnest(range(1 + item.item % 3)) as size (size)
order by sku;

-- What can be bought on each day, numbered for drawing from it.
create table shelf as
select
    day.range as day,
    row_number() over (partition by day.range order by product.sku) - 1 as slot,
    count(*) over (partition by day.range) as slots,
    product.variation_id,
    product.product_name,
    product.price_cents,
from range(getvariable('days')) as day
inner join product
    on product.known_at <= moment(day.range, 0)
    and (product.deleted_at is null or product.deleted_at >= moment(day.range + 1, 0));
