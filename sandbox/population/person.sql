-- One row per person the company may come to know, and the devices they use.
create table person as
with placed as (
    select
        range as person_id,
        -- Every tenth lives with the one before; some of these were given their parent's name.
        range % 10 = 1 as is_second_of_home,
        is_second_of_home and range // 10 % 8 = 3 as is_namesake,
        if(is_second_of_home, range - 1, range) as home,
        if(is_namesake, range - 1, range) as named_after,
        if(is_namesake or is_second_of_home and draw('keeps name', range) < 0.7, range - 1, range)
            as family,
    from range(getvariable('people'))
),

drawn as (
    select
        placed.*,
        person_id as range,
        choose('first name', [
            'Ada', 'Ben', 'Carla', 'Dan', 'Elif', 'Femi', 'Grace', 'Hugo', 'Ines', 'Jonas', 'Kaya',
            'Liam', 'Mei', 'Noah', 'Olga', 'Priya', 'Quinn', 'Rosa', 'Sami', 'Tara', 'Umar',
            'Vera', 'Will', 'Ximena', 'Yuki', 'Zoë',
        ], named_after) as first_name,
        choose('last name', [
            'Abbott', 'Baker', 'Castillo', 'Diaz', 'Eriksen', 'Fischer', 'Garcia', 'Haddad',
            'Ito', 'Jansen', 'Kowalski', 'Lopez', 'Müller', 'Nguyen', 'O''Neil', 'Patel', 'Qureshi',
            'Rossi', 'Silva', 'Tanaka', 'Usman', 'Volkov', 'Walker', 'Xu', 'Young', 'Zhang',
        ], family) as last_name,
        date '1938-01-01' + pick('birth', 24000, range)::integer as birth_date,
        case
            -- What a firm's people have sent to work.
            when draw('office', home) < 0.05 then '350 Market Plaza'
            else concat(
                1 + pick('house', 180, home), ' ',
                choose('street', [
                    'Alder', 'Birch', 'Cedar', 'Chestnut', 'Church', 'Dogwood', 'Elm', 'Fairview',
                    'Garden', 'Hickory', 'Highland', 'Jefferson', 'Juniper', 'Lake', 'Laurel',
                    'Linden', 'Magnolia', 'Main', 'Maple', 'Meadow', 'Mill', 'Oak', 'Orchard',
                    'Park', 'Pine', 'Poplar', 'Ridge', 'River', 'School', 'Spruce', 'Sycamore',
                    'Union', 'Valley', 'Walnut', 'Washington', 'Willow',
                ], home),
                ' ', choose('street kind', ['Street', 'Avenue', 'Road', 'Lane'], home)
            )
        end as street_address,
        draw('has email', range) < 0.78 as has_email,
        draw('has phone', range) < 0.6 as has_phone,
        draw('has loyalty', range) < 0.42 as has_loyalty,
        -- Day of the calendar on which the company first learns of the person; -1 for before it.
        case
            when draw('is known before', range) < 0.7 then -1
            else pick('arrival day', getvariable('days'), range)
        end as arrival_day,
        -- A bijection below a prime, so that numbers look scattered and never meet.
        (range * 48271 + 1) % 2147483647 as scattered,
        pick('home store', 6, home) as home_store,
        1 + (draw('second device', range) < 0.55)::integer
        + (draw('third device', range) < 0.15)::integer as device_count,
        draw('apple mail', range) < 0.4 as uses_apple_mail,
        draw('scanner', range) < 0.06 as has_scanner,
        draw('blocks tracking', range) < 0.05 as blocks_tracking,
    from placed
),

named as (
    select
        *,
        case when has_email then concat(
            lower(first_name)[1:1], '.', regexp_replace(lower(strip_accents(last_name)), '[^a-z]', ''),
            person_id, '@example.', choose('mail host', ['com', 'com', 'org', 'net'], person_id)
        ) end as email,
        -- Some homes have one number; and a number given up is given to somebody new.
        not (is_second_of_home and range // 10 % 5 = 2) and not (range % 50 = 33 and arrival_day >= 0)
            as owns_phone,
        case when has_phone then '+1' || (
            3000000000 + if(owns_phone, scattered, ((range - 1) * 48271 + 1) % 2147483647)
        ) end as phone,
        case when has_loyalty then 'L' || lpad(scattered::varchar, 10, '0') end as loyalty_number,
        case
            when arrival_day < 0 then moment(0, -86400 * 400 * draw('known for', person_id) - 1)
            else moment(arrival_day, waking_second('arrival', person_id))
        end as created_at,
    from drawn
)

select
    person_id,
    home,
    is_namesake,
    first_name,
    last_name,
    email,
    -- What was typed at a till or a checkout; the same address or number after normalising.
    case
        when draw('typed email', person_id) < 0.15 then ' ' || upper(email[1]) || email[2:]
        else email
    end as email_as_typed,
    phone,
    owns_phone,
    case
        -- Who has none or tells none gives the store's, as a till's clerk will suggest.
        when draw('store phone', person_id) < 0.02 then '(212) 555-010' || home_store
        when draw('typed phone', person_id) < 0.3 then concat(
            '(', phone[3:5], ') ', phone[6:8], '-', phone[9:12]
        )
        else phone
    end as phone_as_typed,
    loyalty_number,
    birth_date,
    street_address,
    case
        when draw('store address', person_id) < 0.01 then [
            '12 Mercer Street', '41 Newbury Street', '7 Wabash Avenue', '230 Congress Avenue',
            '18 Larimer Street', '95 Pike Street',
        ][home_store + 1]
        else street_address
    end as street_as_typed,
    ['New York', 'Boston', 'Chicago', 'Austin', 'Denver', 'Seattle'][home_store + 1] as city,
    ['10001', '02108', '60601', '73301', '80202', '98101'][home_store + 1] as postal_code,
    ['NY', 'MA', 'IL', 'TX', 'CO', 'WA'][home_store + 1] as region,
    'US' as country_code,
    created_at,
    -- The vendors' accounts were opened on the calendar's first day: what is older was imported.
    greatest(created_at, moment(0, 1 + 3600 * draw('import', person_id))) as updated_at,
    updated_at as known_at,
    arrival_day,
    case
        when has_loyalty or (has_email and draw('shop account', person_id) < 0.7)
            then code('', 26, 'square customer', person_id)
    end as square_customer_id,
    case
        when has_email and draw('newsletter', person_id) < 0.9
            then code('01', 24, 'klaviyo profile', person_id)
    end as klaviyo_profile_id,
    home_store,
    device_count,
    uses_apple_mail,
    has_scanner,
    blocks_tracking,
from named
order by person_id;

create table device as
with own as (
    select
        own_device(person_id, slot, 14 * life) as device_id,
        person_id,
        pick('device kind', 5, person_id, slot) as kind,
    from person,
        unnest(range(device_count)) as slots (slot),
        unnest(range(1 + cookie_life(person_id, getvariable('days')))) as lives (life)
),

shared as (
    select
        as_uuid(token('shared tablet', person_id // 10)) as device_id,
        person_id,
        4 as kind,
    from person
    where person_id % 10 < 2
),

kiosk as (
    select
        as_uuid(token('kiosk', home_store)) as device_id,
        person_id,
        5 as kind,
    from person
    where draw('kiosk', person_id) < 0.01
),

bot as (
    select
        as_uuid(token('bot', range)) as device_id,
        null as person_id,
        6 as kind,
    from range(3)
),

every as (
    from own union all by name from shared union all by name from kiosk union all by name from bot
)

select
    device_id,
    as_uuid(token('network user', device_id)) as network_user_id,
    person_id,
    ['phone', 'phone', 'desktop', 'desktop', 'tablet', 'kiosk', 'bot'][kind + 1] as device_kind,
    [
        'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
        'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36',
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
        'Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
        'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
        'Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example.net/about)',
    ][kind + 1] as user_agent,
    ['iOS', 'Android', 'Windows', 'Mac OS X', 'iOS', 'Linux', 'Other'][kind + 1] as os_family,
    [
        'Mobile Safari', 'Chrome Mobile', 'Chrome', 'Safari', 'Mobile Safari', 'Firefox',
        'ExampleBot',
    ][kind + 1] as browser_family,
from every
order by device_id, person_id;
