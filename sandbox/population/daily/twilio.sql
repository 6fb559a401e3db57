-- For a stretch of days: text messages out and in, and what became of each.
create or replace temp table twilio_message as
with mailed as (
    select
        text_key(person.person_id, twilio_mailing.mailing) as message_key,
        'outbound-api' as direction,
        person.person_id,
        person.phone,
        twilio_mailing.service_number,
        twilio_mailing.body,
        later(
            twilio_mailing.sent_at, 1800 * draw('text send', person.person_id, twilio_mailing.mailing)
        ) as created_at,
        twilio_leaver.mailing is not distinct from twilio_mailing.mailing
        and twilio_leaver.mailing is not null as is_last,
    from twilio_mailing
    inner join person
        on person.phone is not null
        and person.owns_phone
        and reads_texts(person.person_id)
        and person.updated_at < twilio_mailing.sent_at
        and gets_text(person.person_id, twilio_mailing.mailing)
    left join twilio_leaver on person.person_id = twilio_leaver.person_id
    where
        twilio_mailing.day >= getvariable('from_day')
        and twilio_mailing.day < getvariable('until_day')
        and twilio_mailing.mailing <= coalesce(twilio_leaver.mailing, twilio_mailing.mailing)
),

order_updates as (
    select
        token('order text', purchase.order_id) as message_key,
        'outbound-api' as direction,
        person.person_id,
        person.phone,
        2 as service_number,
        'Your order ' || purchase.order_id || ' is on its way.' as body,
        later(purchase.ordered_at, 3600 + 36000 * draw('dispatch', purchase.order_id)) as created_at,
        false as is_last,
    from purchase
    inner join person on purchase.person_id = person.person_id
    where purchase.channel = 'online' and not purchase.is_return and person.phone is not null
),

outbound as (
    select
        *,
        text_outcome(message_key) as outcome,
    from (from mailed union all by name from order_updates)
),

-- Some answer a mailing: they leave, want help, or say something. One who left may come back.
inbound as (
    select
        token('text answer', answered.message_key, answer.word) as message_key,
        'inbound' as direction,
        answered.person_id,
        answered.phone,
        answered.service_number,
        answer.word as body,
        later(
            answered.created_at, 60 + 5000 * draw('answer', answered.message_key, answer.word)
            + if(answer.word = 'START', 90000, 0)
        ) as created_at,
        false as is_last,
        'received' as outcome,
    from outbound as answered
    cross join (values ('STOP'), ('START'), ('Help'), ('Sounds good, see you there!'))
        as answer (word)
    where
        answered.outcome = 'delivered'
        and answered.service_number < 2
        and case answer.word
            when 'STOP' then answered.is_last
            when 'START' then answered.is_last and draw('comes back', answered.message_key) < 0.2
            else not answered.is_last
            and draw('answers', answered.message_key, answer.word) < 0.015
        end
),

-- Twilio itself confirms a STOP.
confirmed as (
    select
        token('text confirmation', message_key) as message_key,
        'outbound-reply' as direction,
        person_id,
        phone,
        service_number,
        'You have successfully been unsubscribed. You will not receive any more messages from this '
        || 'number. Reply START to resubscribe.' as body,
        later(created_at, 1) as created_at,
        false as is_last,
        'delivered' as outcome,
    from inbound
    where body = 'STOP'
),

timed as (
    select
        * replace (date_trunc('second', created_at) as created_at),
        -- Twilio keeps whole seconds.
        date_trunc('second', later(created_at, 1 + 3 * draw('text queue', message_key))) as sent_at,
        1 + (length(body) - 1) // 153 as segments,
    from (from outbound union all by name from inbound union all by name from confirmed)
)

select
    'SM' || timed.message_key as message_sid,
    timed.direction,
    timed.person_id,
    timed.phone,
    twilio_service.service_sid,
    twilio_service.sender,
    timed.body,
    timed.created_at,
    timed.sent_at,
    timed.outcome,
    -- A receipt comes within seconds, or hours later where the phone was off; some never.
    case
        when timed.outcome in ('sent', 'received') then timed.sent_at
        when draw('phone off', timed.message_key) < 0.06
            then date_trunc('second', later(timed.sent_at, 3600 + 90000 * draw('off', timed.message_key)))
        else later(timed.sent_at, 2 + pick('receipt', 20, timed.message_key))
    end as outcome_at,
    case timed.outcome
        when 'failed' then 30007
        when 'undelivered' then choose('text error', [30003, 30005, 30006], timed.message_key)
    end as error_code,
    timed.segments,
    -- What failed at Twilio costs nothing; all else is billed, and late.
    case when timed.outcome <> 'failed' then (0.0079 * timed.segments)::decimal(10, 5) end as price,
    case when timed.outcome <> 'failed' then date_trunc('second', later(
        timed.sent_at,
        if(draw('billed late', timed.message_key) < 0.2, 40000 + 120000 * draw('bill', timed.message_key), 900)
    )) end as billed_at,
    -- Shown from the moment it is sent.
    timed.sent_at as known_at,
from timed
inner join twilio_service on timed.service_number = twilio_service.number
order by timed.sent_at, message_sid;
