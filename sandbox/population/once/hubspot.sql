-- What the company keeps in HubSpot: contacts, forms before its guides, and a trade letter.
create table hubspot_contact as
with drawn as (
    select
        person.*,
        (person.person_id + 1) * 151 + 1001 as number,
        draw('hubspot contact', person.person_id) < 0.45 as is_imported,
        draw('hubspot change', person.person_id) as change,
    from person
    where person.email is not null
)

select
    number::varchar as contact_id,
    person_id,
    first_name,
    last_name,
    email,
    -- The phone is typed in by whoever talks to the customer, some time later.
    phone_as_typed as phone,
    case
        -- Whoever is asked for a name in a network and has none gives the company's.
        when draw('x handle', person_id) < 0.01 then '@throughline'
        when draw('x handle', person_id) < 0.15 then '@' || handle(first_name, person_id)
        when draw('x handle', person_id) < 0.3
            then 'https://x.com/' || lower(handle(first_name, person_id))
    end as social_handle,
    city,
    region,
    postal_code,
    created_at,
    updated_at,
    case
        when change < 0.3 then later(
            updated_at, 3600 + 86400 * getvariable('days') * draw('hubspot changed', person_id)
        )
    end as changed_at,
    case
        when change > 0.97 then later(
            updated_at, 86400 * getvariable('days') * draw('hubspot archived', person_id)
        )
    end as archived_at,
    updated_at as known_at,
from drawn
where is_imported
order by person_id;

create table hubspot_form as
select
    as_uuid(token('hubspot form', form.number)) as form_id,
    form.form_name,
    form.page,
    form.has_hidden_cookie,
    moment(0, -86400 * (60 - form.number)) as created_at,
    case when form.is_archived then moment(getvariable('days') // 2, 36000) end as archived_at,
    moment(0, 0) as known_at,
    form.number,
from (
    values
    (0, 'Gift guide', 'guides/gift-guide', true, false),
    (1, 'How to care for wool', 'guides/wool-care', false, false),
    (2, 'Winter lookbook', 'guides/lookbook', false, true)
) as form (number, form_name, page, has_hidden_cookie, is_archived)
order by form.number;

create table hubspot_mailing as
select
    range as mailing,
    (5200000000 + range * 7919 + 11)::varchar as email_id,
    (98000000 + range * 104729)::varchar as email_campaign_id,
    range * 3 + 1 as day,
    'Trade letter ' || (range + 1) as email_name,
    'What the workshop did this week, no. ' || (range + 1) as subject,
    moment(range * 3 + 1, 50000 + 3600 * draw('trade letter', range)) as sent_at,
    sent_at - interval 1 day as created_at,
    greatest(sent_at - interval 1 day, moment(0, 60)) as known_at,
from range(getvariable('days'))
where range * 3 + 1 < getvariable('days')
order by mailing;

create macro gets_letter(person_id, mailing) as draw('gets letter', person_id, mailing) < 0.6;

-- Who unsubscribes, and with which letter: the first that reaches them once they have had enough.
create table hubspot_leaver as
select
    hubspot_contact.person_id,
    min(hubspot_mailing.mailing) as mailing,
from hubspot_contact
inner join hubspot_mailing
    on hubspot_mailing.day >= pick('letter leaving day', getvariable('days'), hubspot_contact.person_id)
    and hubspot_mailing.sent_at > hubspot_contact.updated_at
    and gets_letter(hubspot_contact.person_id, hubspot_mailing.mailing)
    and draw('letter bounces', hubspot_contact.person_id, hubspot_mailing.mailing) > 0.03
where draw('leaves letters', hubspot_contact.person_id) < 0.1
group by hubspot_contact.person_id
order by hubspot_contact.person_id;
