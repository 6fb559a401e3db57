-- Records at the tills' customer list that a person has beside their first: typed in anew by a
-- cashier who did not find them.
create table square_duplicate as
with drawn as (
    select
        * exclude (created_at, known_at),
        draw('second record', person_id) as kind,
    from person
    where square_customer_id is not null and draw('has second record', person_id) < 0.05
)

select
    person_id,
    code('', 26, 'square second record', person_id) as customer_id,
    typed(first_name, 'second first name', person_id, 0.2) as first_name,
    typed(last_name, 'second last name', person_id, 0.2) as last_name,
    case
        when kind < 0.3 then null
        -- One's own mark in an address, which comes to the same letter box.
        when kind < 0.5 then replace(email, '@', '+shop@')
        when kind < 0.7 then misspelt(split_part(email, '@', 1), 'second email', person_id)
            || '@' || split_part(email, '@', 2)
        else email
    end as email,
    case
        when kind < 0.4 then phone
        when kind < 0.7 then typed(phone, 'second phone', person_id, 0.5)
    end as phone,
    if(draw('second birthday', person_id) < 0.6, birth_date, null) as birth_date,
    typed(street_address, 'second street', person_id, 0.3) as street_address,
    city,
    region,
    postal_code,
    country_code,
    date_trunc('second', later(
        updated_at, 86400 * (1 + getvariable('days') * draw('second record at', person_id) / 2)
    )) as created_at,
    created_at as known_at,
from drawn
order by person_id;
