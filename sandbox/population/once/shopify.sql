-- The company's second shop, an outlet: where it sells, what, and who has an account there.
create table shopify_location as
select
    'gid://shopify/Location/' || (60000000000 + place.number) as location_id,
    place.*,
    if(place.is_active, '+1614555010' || place.number, null) as phone,
    moment(0, -86400 * (300 - place.number)) as created_at,
from (
    values
    (1, 'Outlet Warehouse', '900 Depot Road', 'Columbus', 'Ohio', 'OH', '43004', true),
    (2, 'Pop-up Store', '3 Alder Street', 'Portland', 'Oregon', 'OR', '97201', true),
    (3, 'Summer Stall', null, 'Portland', 'Oregon', 'OR', '97209', false)
) as place (
    number, location_name, street_address, city, province, province_code, postal_code, is_active
);

create table shopify_variant as
with item as (
    select
        range as item,
        'Outlet ' || choose('outlet thing', ['Throw', 'Rug', 'Lamp', 'Stool', 'Tray'], range)
        || ' ' || (range + 1) as product_title,
        choose('outlet type', ['Home', 'Kitchen', 'Garden'], range) as product_type,
        900 + 10 * pick('outlet price', 800, range) as price_cents,
        case
            when range % 3 = 1
                then date_trunc('second', moment(2 + pick('outlet gone', getvariable('days'), range), 32400))
        end as deleted_at,
    from range(40)
)

select
    'gid://shopify/ProductVariant/' || (40000000000 + 10 * item + size.size) as variant_id,
    'gid://shopify/Product/' || (70000000000 + item) as product_id,
    item.product_title,
    ['Default Title', 'Large'][size.size + 1] as variant_title,
    printf('OUT-%03d-%d', item.item, size.size) as sku,
    item.product_type,
    item.price_cents + 400 * size.size as price_cents,
    moment(0, -86400 * 30) as known_at,
    -- Either the whole product went, or just one of its sizes.
    case when item.item % 2 = 0 or size.size = 1 then item.deleted_at end as deleted_at,
    item.item % 2 = 0 as goes_with_product,
from item, unnest(range(1 + item.item % 2)) as size (size)
order by variant_id;

create table shopify_customer as
select
    person_id,
    'gid://shopify/Customer/' || (8000000000000 + person_id * 7) as customer_id,
    first_name,
    last_name,
    -- Shopify keeps an address in lower case and a number with its country's code, each for one
    -- customer only.
    email,
    if(owns_phone, phone, null) as phone,
    street_address,
    city,
    region,
    postal_code,
    country_code,
    draw('outlet consent', person_id) < 0.5 as is_subscribed,
    date_trunc('second', later(updated_at, 60 + 3600 * draw('outlet account', person_id))) as known_at,
    -- Some withdraw their consent later, and are then updated.
    case
        when draw('outlet consent', person_id) < 0.1
            then date_trunc('second', later(known_at, 86400 * (1 + 5 * draw('outlet leaves', person_id))))
    end as unsubscribed_at,
from person
where (email is not null or phone is not null and owns_phone) and draw('outlet customer', person_id) < 0.5
order by person_id;
