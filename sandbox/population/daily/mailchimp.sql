-- For a stretch of days: what Mailchimp sent, to whom, and what they did with it.
create or replace temp table mailchimp_message as
select
    mailchimp_campaign.campaign_id,
    mailchimp_campaign.list_id,
    mailchimp_member.member_id,
    mailchimp_member.email_address,
    mailchimp_member.person_id,
    mailchimp_campaign.sent_at,
    token('mailchimp message', mailchimp_member.person_id, mailchimp_campaign.campaign)
        as message_key,
    case
        when mailchimp_ending.campaign = mailchimp_campaign.campaign
            and mailchimp_ending.ending = 'cleaned' then 'hard'
        when draw('mailchimp soft', message_key) < 0.01 then 'soft'
        else 'sent'
    end as status,
    later(mailchimp_campaign.sent_at, 600) as known_at,
    case
        when mailchimp_ending.campaign = mailchimp_campaign.campaign and status <> 'soft'
            then mailchimp_ending.ending
    end as ending,
    mailchimp_member.uses_apple_mail,
    mailchimp_member.has_scanner,
from mailchimp_campaign
inner join mailchimp_member
    on mailchimp_campaign.list_id = mailchimp_member.list_id
    and mailchimp_member.opted_in_at < mailchimp_campaign.sent_at
    and mailchimp_campaign.sent_at
    < coalesce(mailchimp_member.archived_at, mailchimp_campaign.sent_at + interval 1 second)
left join mailchimp_ending
    on mailchimp_member.list_id = mailchimp_ending.list_id
    and mailchimp_member.member_id = mailchimp_ending.member_id
where
    mailchimp_campaign.day >= getvariable('from_day')
    and mailchimp_campaign.day < getvariable('until_day')
    and mailchimp_campaign.sent_at is not null
    and mailchimp_campaign.campaign
    <= coalesce(mailchimp_ending.campaign, mailchimp_campaign.campaign)
order by mailchimp_campaign.sent_at, message_key;

create or replace temp table mailchimp_event as
with delivered as (
    select
        *,
        least(-ln(1 - draw('mailchimp reading', message_key)) * 18000, 240000) as reading_seconds,
        draw('mailchimp reads', message_key) < 0.35 as is_read,
        pick('mailchimp link', 3, message_key) as link,
    from mailchimp_message
    where status = 'sent'
),

event as (
    select message_key, 'bounce' as action, status as detail, later(sent_at, 120) as occurred_at,
        0 as nth, false as is_machine, null::bigint as link
    from mailchimp_message where status <> 'sent'
    union all
    select message_key, 'open', null, later(sent_at, 900 * draw('mailchimp proxy', message_key)),
        0, true, null
    from delivered where uses_apple_mail
    union all
    select message_key, 'open', null, later(sent_at, 60 + reading_seconds), 1, false, null
    from delivered where is_read and not uses_apple_mail
    union all
    select message_key, 'open', null,
        later(sent_at, 4000 + reading_seconds + 9000 * draw('mailchimp again', message_key)),
        2, false, null
    from delivered
    where is_read and not uses_apple_mail and draw('mailchimp twice', message_key) < 0.3
    union all
    select message_key, 'click', null, later(sent_at, 90 + reading_seconds), 0, false, link
    from delivered where is_read and draw('mailchimp clicks', message_key) < 0.25
    union all
    -- A scanner follows two links within seconds.
    select message_key, 'click', null, later(sent_at, 3), 1 + link.range, true, link.range
    from delivered, range(2) as link where has_scanner
    union all
    select message_key, 'unsubscribe', null, later(sent_at, 300 + reading_seconds), 0, false, null
    from delivered where ending = 'unsubscribed'
    union all
    select message_key, 'complaint', null, later(sent_at, 200 + reading_seconds), 0, false, null
    from delivered where ending = 'complained'
)

select
    token('mailchimp event', event.message_key, event.action || event.nth) as event_key,
    event.message_key,
    mailchimp_message.campaign_id,
    mailchimp_message.list_id,
    mailchimp_message.member_id,
    mailchimp_message.email_address,
    mailchimp_message.person_id,
    event.action,
    event.detail,
    date_trunc('second', event.occurred_at) as occurred_at,
    -- One in fifty shows hours late.
    later(
        date_trunc('second', event.occurred_at),
        if(draw('mailchimp late', event.message_key) < 0.02, 40000, 5)
    ) as known_at,
    event.is_machine,
    case when event.link is not null then concat(
        'https://shop.example.com/',
        ['collections/new', 'stories/workshop', 'collections/sale'][event.link + 1],
        '?utm_source=mailchimp&utm_medium=email&utm_campaign=', mailchimp_message.campaign_id
    ) end as url,
from event
inner join mailchimp_message on event.message_key = mailchimp_message.message_key
order by occurred_at, event_key;
