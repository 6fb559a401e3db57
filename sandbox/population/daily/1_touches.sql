-- For a stretch of days: clicks on advertisements, e-mails and what became of them.
create or replace temp table ad_click as
with clicked as (
    select
        person.person_id,
        day.range as day,
        pick('clicks on ad', ad_slot.slots, person.person_id, day.range) as slot,
        person.device_count,
    from person
    cross join range(getvariable('from_day'), getvariable('until_day')) as day
    inner join ad_slot on ad_slot.day = day.range and ad_slot.slot = 0
    where draw('clicks an ad', person.person_id, day.range) < 0.02
)

select
    case ad_slot.platform when 'google_ads' then 'Cj0KCQ' when 'meta_ads' then 'IwAR' else 'E.C.P' end
    || token('click', clicked.person_id, clicked.day) as click_id,
    ad_slot.platform,
    ad_slot.ad_id,
    ad_slot.campaign_id,
    ad_slot.final_url,
    clicked.person_id,
    own_device(
        clicked.person_id,
        pick('click device', clicked.device_count, clicked.person_id, clicked.day),
        clicked.day
    ) as device_id,
    moment(clicked.day, waking_second('click time', clicked.person_id, clicked.day)) as clicked_at,
    clicked.day,
from clicked
inner join ad_slot on clicked.day = ad_slot.day and clicked.slot = ad_slot.slot
order by clicked_at, click_id;

create or replace temp table message as
select
    token('message', person.person_id, email_campaign.campaign) as message_key,
    email_campaign.campaign_id,
    email_campaign.message_id,
    person.person_id,
    person.klaviyo_profile_id,
    date_trunc('second', later(
        email_campaign.sent_at, 1200 * draw('send', person.person_id, email_campaign.campaign)
    )) as sent_at,
    does_bounce(person.person_id, email_campaign.campaign) as is_bounced,
    person.email,
    person.device_count,
    person.uses_apple_mail,
    person.has_scanner,
    unsubscribe.campaign is not distinct from email_campaign.campaign
    and unsubscribe.campaign is not null as is_last,
    email_campaign.campaign,
from email_campaign
inner join person
    on person.klaviyo_profile_id is not null
    and person.updated_at < email_campaign.sent_at
    and in_audience(person.person_id, email_campaign.campaign, email_campaign.audience_share)
left join unsubscribe on person.person_id = unsubscribe.person_id
where
    email_campaign.day >= getvariable('from_day')
    and email_campaign.day < getvariable('until_day')
    and email_campaign.campaign <= coalesce(unsubscribe.campaign, email_campaign.campaign)
order by sent_at, message_key;

create or replace temp table message_event as
with delivered as (
    select
        *,
        later(sent_at, 1 + 59 * draw('delivery', message_key)) as received_at,
        -- Reading: an exponential wait of four hours on average, three days at most.
        draw('reads', message_key) < 0.32 as is_read,
        least(-ln(1 - draw('reading', message_key)) * 14400, 250000) as reading_seconds,
    from message
    where not is_bounced
),

read as (
    select
        *,
        later(received_at, 30 + reading_seconds) as read_at,
        draw('clicks', message_key) < 0.2 as is_clicked,
        pick('link', 3, message_key) as link,
    from delivered
    where is_read
),

event as (
    select message_key, 'Bounced Email' as metric_name, later(sent_at, 2) as occurred_at, 0 as nth,
        false as is_machine, null::bigint as link
    from message where is_bounced
    union all
    select message_key, 'Received Email', received_at, 0, false, null from delivered
    union all
    -- Apple's mail servers fetch the pixel whether or not anybody reads.
    select message_key, 'Opened Email', later(received_at, 1800 * draw('prefetch', message_key)),
        0, true, null
    from delivered where uses_apple_mail and draw('prefetched', message_key) < 0.9
    union all
    -- Behind such a prefetch the real reading stays unseen.
    select message_key, 'Opened Email', read_at, 1, false, null
    from read where not uses_apple_mail
    union all
    select message_key, 'Opened Email', later(read_at, 600 + 40000 * draw('again', message_key)),
        2, false, null
    from read where not uses_apple_mail and draw('reads again', message_key) < 0.2
    union all
    select message_key, 'Clicked Email', later(read_at, 5 + 115 * draw('click wait', message_key)),
        0, false, link
    from read where is_clicked
    union all
    select message_key, 'Clicked Email', later(read_at, 200 + 900 * draw('second wait', message_key)),
        1, false, (link + 1) % 3
    from read where is_clicked and draw('second click', message_key) < 0.2
    union all
    -- A security scanner follows every link within seconds of delivery.
    select message_key, 'Clicked Email',
        later(received_at, 1 + 5 * draw('scan', message_key, link.range)), 2 + link.range, true,
        link.range
    from delivered, range(3) as link
    where has_scanner
    union all
    select message_key, 'Unsubscribed',
        later(received_at, 120 + 7000 * draw('unsubscribing', message_key)), 0, false, null
    from delivered where is_last
    union all
    select message_key, 'Marked Email as Spam',
        later(received_at, 60 + 20000 * draw('complaint', message_key)), 0, false, null
    from delivered where draw('complains', message_key) < 0.001
)

select
    token('message event', event.message_key, event.metric_name || event.nth) as event_id,
    event.message_key,
    event.metric_name,
    date_trunc('second', event.occurred_at) as occurred_at,
    -- One in a hundred shows up hours late.
    later(
        date_trunc('second', event.occurred_at),
        if(
            draw('late', event.message_key, event.metric_name) < 0.01,
            3600 + 68400 * draw('lateness', event.message_key),
            2
        )
    ) as known_at,
    event.is_machine,
    case when event.link is not null then concat(
        'https://shop.example.com/',
        ['collections/new', 'collections/gifts', 'stories/workshop'][event.link + 1],
        '?utm_source=klaviyo&utm_medium=email&utm_campaign=', message.campaign_id,
        '&utm_content=', message.message_id,
        '&_kx=', token('kx', event.message_key)
    ) end as url,
    message.campaign_id,
    message.message_id,
    message.person_id,
    message.device_count,
    message.klaviyo_profile_id,
    message.email,
from event
inner join message on event.message_key = message.message_key
order by occurred_at, event_id;

-- A message is known once its delivery or its bounce is.
create or replace temp table message as
select
    message.*,
    message_event.known_at,
from message
inner join message_event
    on message.message_key = message_event.message_key
    and message_event.metric_name in ('Received Email', 'Bounced Email')
order by message.sent_at, message.message_key;

-- Human clicks wait here until the stretch in which they happen.
create temp table if not exists email_click as from message_event limit 0;
delete from email_click where occurred_at < moment(getvariable('from_day'), 0);
insert into email_click
from message_event
where metric_name = 'Clicked Email' and not is_machine;
