-- For a stretch of days: sessions (30 minutes of inactivity end one; a gap equal to the limit does
-- not) and the events the site's tracker sends.
create temp table if not exists open_session as
select
    ''::text as session_id, ''::text as device_id, 0::bigint as person_id,
    current_timestamp::timestamp as started_at, current_timestamp::timestamp as ended_at,
    ''::text as source, ''::text as medium, ''::text as campaign, ''::text as content,
    ''::text as click_id, ''::text as click_network, 0::bigint as page_views, false as is_bot,
limit 0;

create or replace temp table seen_visit as
with part as (
    select
        session_id as visit_key,
        session_id,
        * exclude (session_id),
    from open_session
    union all by name
    select
        visit_key,
        as_uuid(token('session', visit_key)) as session_id,
        device_id, person_id, started_at, ended_at, source, medium, campaign, content, click_id,
        click_network, page_views, is_bot,
    from visit
    where not is_untracked
),

spaced as (
    select
        *,
        max(ended_at) over (
            partition by device_id order by started_at, visit_key
            rows between unbounded preceding and 1 preceding
        ) as previous_end,
    from part
),

numbered as (
    select
        *,
        sum((previous_end is null or started_at > previous_end + interval 30 minute)::integer)
            over (partition by device_id order by started_at, visit_key) as session_number,
    from spaced
)

select
    * exclude (session_id, session_number, previous_end),
    first_value(session_id) over (
        partition by device_id, session_number order by started_at, visit_key
    ) as session_id,
from numbered;

create or replace temp table every_session as
select
    session_id,
    any_value(device_id) as device_id,
    arg_min(person_id, (started_at, visit_key)) as person_id,
    min(started_at) as started_at,
    max(ended_at) as ended_at,
    arg_min_null(source, (started_at, visit_key)) as source,
    arg_min_null(medium, (started_at, visit_key)) as medium,
    arg_min_null(campaign, (started_at, visit_key)) as campaign,
    arg_min_null(content, (started_at, visit_key)) as content,
    arg_min_null(click_id, (started_at, visit_key)) as click_id,
    arg_min_null(click_network, (started_at, visit_key)) as click_network,
    sum(page_views)::bigint as page_views,
    bool_or(is_bot) as is_bot,
from seen_visit
group by session_id;

-- What a visit of the next stretch may still continue waits for it.
create or replace temp table open_session as
from every_session
where
    getvariable('until_day') < getvariable('days')
    and ended_at > moment(getvariable('until_day'), -1800);

create or replace temp table session as
from every_session
where session_id not in (select session_id from open_session)
order by started_at, session_id;

-- Events are laid out narrow and meet the wide visit last: they are many, and their texts long.
create or replace temp table web_event as
with tracked as (
    select
        visit.*,
        seen_visit.session_id,
        device.network_user_id,
        device.user_agent,
        device.os_family,
        device.browser_family,
        device.device_kind,
        purchase.net_cents,
        sha256(visit.email) as email_hash,
    from visit
    inner join seen_visit on visit.visit_key = seen_visit.visit_key
    inner join (
        select distinct on (device_id) * from device order by device_id, person_id
    ) as device
        on visit.device_id = device.device_id
    left join purchase on visit.order_id = purchase.order_id
),

page as (
    select
        visit_key,
        nth.range as nth,
        nth.range * step_ms + if(has_pause and nth.range >= 2, 1800000 - step_ms, 0) as offset_ms,
        nth.range = page_views - 1 as is_last,
        is_bot,
        has_pause,
        has_cart,
        buys,
        lingers,
    from tracked, range(page_views) as nth
),

event as (
    select visit_key, nth, is_last, 'page_view' as event_name, offset_ms from page
    union all
    -- The heartbeat that says the page is still being read; none in the middle of a pause.
    select visit_key, nth, is_last, 'page_ping', offset_ms + 10000
    from page
    where
        not is_bot
        and if(
            is_last, lingers and not buys, not has_pause and draw('ping', visit_key, nth) < 0.4
        )
    union all
    select visit_key, nth, is_last, 'struct', offset_ms + 5000
    from page
    where has_cart and if(has_pause, is_last, nth = 1)
    union all
    select visit_key, nth, is_last, 'transaction', offset_ms + 15000
    from page
    where buys and is_last
)

select
    as_uuid(token('web event', event.visit_key, event.event_name || event.nth)) as event_id,
    tracked.session_id,
    tracked.device_id,
    event.event_name,
    tracked.started_at + to_milliseconds(event.offset_ms) as occurred_at,
    later(occurred_at, tracked.late_hours * 3600 + 0.2) as collected_at,
    -- Enriched files cover six hours each and appear ten minutes after them.
    time_bucket(interval 6 hour, collected_at) + interval '6 hours 10 minutes' as known_at,
    case
        when event.nth = 0 then tracked.landing_url
        when tracked.buys and event.is_last then 'https://shop.example.com/checkout/thanks'
        else 'https://shop.example.com/products/' || pick('page', 120, event.visit_key, event.nth)
    end as page_url,
    -- The path begins after the scheme and host.
    split_part(substr(page_url, 25), '?', 1) as page_path,
    if(event.nth = 0, tracked.referrer, 'https://shop.example.com/') as referrer,
    event.nth = 0 as is_landing,
    if(is_landing, tracked.source, null) as source,
    if(is_landing, tracked.medium, null) as medium,
    if(is_landing, tracked.campaign, null) as campaign,
    if(is_landing, tracked.content, null) as content,
    if(is_landing, tracked.click_id, null) as click_id,
    if(is_landing, tracked.click_network, null) as click_network,
    tracked.network_user_id,
    tracked.person_id,
    -- Logged in from the second page on, or from the first where there is only one.
    -- A faulty page of the shop's hashes an e-mail it does not have.
    case
        when tracked.logs_in and (event.nth > 0 or event.is_last) then tracked.email_hash
        when not tracked.is_bot and draw('faulty hash', event.visit_key) < 0.01 then sha256('')
    end as user_id,
    if(event.event_name = 'transaction', tracked.web_transaction_id, null) as transaction_id,
    if(event.event_name = 'transaction', tracked.net_cents, null) as transaction_cents,
    tracked.user_agent,
    tracked.os_family,
    tracked.browser_family,
    tracked.device_kind,
from event
inner join tracked on event.visit_key = tracked.visit_key;
