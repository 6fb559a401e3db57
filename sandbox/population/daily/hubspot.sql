-- For a stretch of days: forms sent in before a guide is shown, and trade letters with their events.
create or replace temp table hubspot_submission as
with sent as (
    select
        person.person_id,
        person.email,
        person.email_as_typed,
        person.first_name,
        day.range as day,
        pick('form', 3, person.person_id, day.range) as form_number,
        moment(day.range, waking_second('form time', person.person_id, day.range)) as submitted_at,
        own_device(
            person.person_id,
            pick('form device', person.device_count, person.person_id, day.range),
            day.range
        ) as device_id,
    from person, range(getvariable('from_day'), getvariable('until_day')) as day
    where person.email is not null and draw('wants a guide', person.person_id, day.range) < 0.02
)

select
    as_uuid(token('submission', sent.person_id, sent.day)) as submission_id,
    hubspot_form.form_id,
    hubspot_form.form_name,
    sent.person_id,
    sent.email,
    sent.email_as_typed,
    sent.first_name,
    -- HubSpot's own cookie of the browser, where the form hands it over in a hidden field.
    case when hubspot_form.has_hidden_cookie then md5(sent.device_id) end as hubspot_cookie,
    'https://shop.example.com/' || hubspot_form.page || '?utm_source=guide&name='
    || sent.first_name as page_url,
    date_trunc('millisecond', sent.submitted_at) as submitted_at,
    date_trunc('millisecond', later(sent.submitted_at, 5)) as known_at,
from sent
inner join hubspot_form on sent.form_number = hubspot_form.number
where sent.submitted_at < coalesce(hubspot_form.archived_at, sent.submitted_at + interval 1 day)
order by submitted_at, submission_id;

create or replace temp table hubspot_message as
select
    token('letter', hubspot_contact.person_id, hubspot_mailing.mailing) as message_key,
    hubspot_contact.person_id,
    hubspot_contact.contact_id,
    hubspot_contact.email,
    hubspot_mailing.mailing,
    hubspot_mailing.email_campaign_id,
    hubspot_mailing.email_id,
    hubspot_mailing.subject,
    date_trunc('second', later(
        hubspot_mailing.sent_at,
        600 * draw('letter send', hubspot_contact.person_id, hubspot_mailing.mailing)
    )) as sent_at,
    case
        when draw('letter dropped', hubspot_contact.person_id, hubspot_mailing.mailing) < 0.01
            then 'dropped'
        when draw('letter bounces', hubspot_contact.person_id, hubspot_mailing.mailing) <= 0.03
            then 'bounced'
        else 'delivered'
    end as outcome,
    hubspot_leaver.mailing is not distinct from hubspot_mailing.mailing
    and hubspot_leaver.mailing is not null as is_last,
from hubspot_mailing
inner join hubspot_contact
    on hubspot_contact.updated_at < hubspot_mailing.sent_at
    and coalesce(hubspot_contact.archived_at, hubspot_mailing.sent_at) >= hubspot_mailing.sent_at
    and gets_letter(hubspot_contact.person_id, hubspot_mailing.mailing)
left join hubspot_leaver on hubspot_contact.person_id = hubspot_leaver.person_id
where
    hubspot_mailing.day >= getvariable('from_day')
    and hubspot_mailing.day < getvariable('until_day')
    and hubspot_mailing.mailing <= coalesce(hubspot_leaver.mailing, hubspot_mailing.mailing)
order by sent_at, message_key;

create or replace temp table hubspot_event as
with received as (
    select
        *,
        later(sent_at, 1 + 40 * draw('letter delivery', message_key)) as received_at,
        draw('reads letter', message_key) < 0.4 as is_read,
        draw('follows letter', message_key) < 0.25 as is_followed,
        5 + 60000 * draw('letter reading', message_key) as reading_seconds,
    from hubspot_message
    where outcome = 'delivered'
),

event as (
    select message_key, 'SENT' as event_type, sent_at as occurred_at, 0 as nth, false as is_filtered,
    from hubspot_message
    union all by name
    select message_key, 'DROPPED' as event_type, later(sent_at, 1) as occurred_at, 0 as nth,
        false as is_filtered,
    from hubspot_message where outcome = 'dropped'
    union all by name
    select message_key, 'BOUNCE' as event_type, later(sent_at, 3) as occurred_at, 0 as nth,
        false as is_filtered,
    from hubspot_message where outcome = 'bounced'
    union all by name
    select message_key, 'DELIVERED' as event_type, received_at as occurred_at, 0 as nth,
        false as is_filtered,
    from received
    union all by name
    select message_key, 'OPEN' as event_type, later(received_at, reading_seconds) as occurred_at,
        0 as nth, false as is_filtered,
    from received where is_read
    union all by name
    -- HubSpot marks what a mail server or a scanner did.
    select message_key, 'OPEN' as event_type, later(received_at, 2) as occurred_at, 1 as nth,
        true as is_filtered,
    from received where draw('letter prefetched', message_key) < 0.3
    union all by name
    select message_key, 'CLICK' as event_type, later(received_at, reading_seconds + 40) as occurred_at,
        0 as nth, false as is_filtered,
    from received where is_read and is_followed
    union all by name
    select message_key, 'CLICK' as event_type, later(received_at, 20) as occurred_at, 1 as nth,
        true as is_filtered,
    from received where draw('letter scanned', message_key) < 0.04
    union all by name
    select message_key, 'STATUSCHANGE' as event_type,
        later(received_at, 90 + 3000 * draw('letter left', message_key)) as occurred_at, 0 as nth,
        false as is_filtered,
    from received where is_last
    union all by name
    select message_key, 'SPAMREPORT' as event_type, later(received_at, 4000) as occurred_at,
        0 as nth, false as is_filtered,
    from received where draw('letter is spam', message_key) < 0.004
)

select
    as_uuid(token('letter event', event.message_key, event.event_type || event.nth)) as event_id,
    event.message_key,
    event.event_type,
    date_trunc('millisecond', event.occurred_at) as occurred_at,
    date_trunc('millisecond', later(
        event.occurred_at, if(draw('letter event late', event.message_key, event.nth) < 0.02, 40000, 3)
    )) as known_at,
    event.is_filtered,
    hubspot_message.person_id,
    hubspot_message.email,
    hubspot_message.email_campaign_id,
    hubspot_message.subject,
    hubspot_message.sent_at,
    hubspot_message.outcome,
from event
inner join hubspot_message on event.message_key = hubspot_message.message_key
order by occurred_at, event_id;
