-- A list of catalogue readers, typed in from paper cards without e-mail, phone or loyalty card.
create table files_reader as
select
    person_id,
    'K' || lpad(((person_id * 7919 + 11) % 1000003)::varchar, 7, '0') as reader_number,
    typed(first_name, 'card first name', person_id, 0.1) as first_name,
    typed(last_name, 'card last name', person_id, 0.1) as last_name,
    typed(street_address, 'card street', person_id, 0.15) as street_address,
    city,
    region,
    if(draw('card zip', person_id) < 0.03, postal_code[1:3] || postal_code[5:5] || postal_code[4:4],
        postal_code) as postal_code,
    case
        when draw('card birthday', person_id) < 0.15 then null
        -- Day and month the wrong way round, where both can be.
        when draw('card birthday', person_id) < 0.2 and day(birth_date) <= 12
            then make_date(year(birth_date), day(birth_date), month(birth_date))
        else birth_date
    end as birth_date,
    case
        when draw('card handle', person_id) < 0.01 then 'x:throughline'
        when draw('card handle', person_id) < 0.25 then 'x:' || handle(first_name, person_id)
    end as social_handle,
    -- The list's keeper hashes what it may not pass on, and what is not there.
    case
        when draw('card hash', person_id) < 0.2 then upper(sha256(coalesce(lower(email), '')))
    end as email_sha256,
    pick('card day', getvariable('days'), person_id) as signed_day,
    date_trunc('second', moment(signed_day, 43200)) as signed_up_at,
    week_known_at(signed_up_at) as known_at,
from person
where draw('reads catalogue', person_id) < 0.2
order by signed_up_at, person_id;
