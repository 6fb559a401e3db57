-- For a stretch of days: what reaches the company as files only. Mailings and what became of them,
-- calls on advertised numbers, people through the doors, loyalty cards signed for on paper.
create or replace temp table files_mail as
with mailing as (
    select range as day
    from range(getvariable('from_day'), getvariable('until_day'))
    where range % 14 = 1
),

addressed as (
    select
        mailing.day,
        person.person_id,
        person.loyalty_number,
        person.phone,
        person.home_store,
        moment(mailing.day, 36000 + 60 * pick('franking', 120, person.person_id, mailing.day))
            as mailed_at,
        draw('wrong address', person.person_id, mailing.day) < 0.05 as is_returned,
    from mailing
    inner join person
        on person.loyalty_number is not null
        and person.updated_at < moment(mailing.day, 0)
        and draw('mail audience', person.person_id, mailing.day) < 0.5
)

select
    concat('P', day, '-', person_id) as piece_id,
    'Postcard ' || strftime(moment(day, 0), '%Y-%m-%d') as mailing_name,
    choose('card version', ['Card A', 'Card B'], person_id, day) as version_name,
    code('C', 9, 'coupon', person_id, day) as coupon_code,
    person_id,
    loyalty_number,
    phone,
    home_store,
    mailed_at,
    is_returned,
    case when is_returned
        then date_trunc('day', later(mailed_at, 86400 * (1 + 3 * draw('post', person_id, day))))
    end as returned_at,
    not is_returned and draw('coupon', person_id, day) < 0.15 as is_redeemed,
    case when is_redeemed then date_trunc('day', mailed_at)
        + to_days((1 + pick('coupon day', 8, person_id, day))::integer)
        + to_milliseconds((till_second('coupon time', person_id, day) * 1000)::bigint)
    end as redeemed_at,
    week_known_at(mailed_at) as known_at,
    day,
from addressed
order by piece_id;

create or replace temp table files_call as
select
    token('call', person.person_id, day.range) as call_id,
    person.person_id,
    -- Some withhold their number.
    case when draw('withheld', person.person_id, day.range) >= 0.15 then person.phone end as phone,
    choose('dialled', ['print', 'radio'], person.person_id, day.range) as medium,
    if(month(moment(day.range, 0)) < 3, 'Winter warmers', 'Spring begins') as campaign_name,
    date_trunc('second', moment(day.range, waking_second('call', person.person_id, day.range)))
        as called_at,
    20 + pick('call length', 600, person.person_id, day.range) as seconds,
    week_known_at(called_at) as known_at,
from person
cross join range(getvariable('from_day'), getvariable('until_day')) as day
where
    person.phone is not null
    and person.updated_at < moment(day.range, 0)
    and draw('calls', person.person_id, day.range) < 0.003
order by called_at, call_id;

create or replace temp table files_store_visit as
select
    location.location_id,
    location.location_name,
    moment(day.range, 54000 + 3600 * hour.range) as counted_from_at,
    20 + pick('entries', 180, location.location_id, day.range * 24 + hour.range) as entries,
    20 + pick('exits', 180, location.location_id, day.range * 24 + hour.range) as exits,
    week_known_at(counted_from_at) as known_at,
from location
cross join range(getvariable('from_day'), getvariable('until_day')) as day
cross join range(8) as hour
where not location.is_online
order by counted_from_at, location_id;

create or replace temp table files_signup as
select
    person_id,
    loyalty_number,
    first_name,
    last_name,
    email_as_typed,
    phone_as_typed,
    city,
    postal_code,
    draw('newsletter box', person_id) < 0.4 as wants_newsletter,
    draw('text box', person_id) < 0.2 as wants_texts,
    date_trunc('second', created_at) as signed_up_at,
    week_known_at(signed_up_at) as known_at,
from person
where
    loyalty_number is not null
    and arrival_day >= getvariable('from_day')
    and arrival_day < getvariable('until_day')
order by signed_up_at, person_id;
