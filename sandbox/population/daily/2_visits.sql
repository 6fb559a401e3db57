-- For a stretch of days: visits to the shop's site, each with all it takes to lay out its events.
create or replace temp table visit as
with landing as (
    select
        'a' || ad_click.click_id as visit_key,
        ad_click.device_id,
        ad_click.person_id,
        ad_click.day,
        later(ad_click.clicked_at, 1 + 2 * draw('landing', ad_click.click_id)) as started_at,
        network.source,
        network.medium,
        ad_click.campaign_id as campaign,
        ad_click.ad_id as content,
        ad_click.click_id,
        network.click_network,
        network.referrer,
        ad_click.final_url || '?utm_source=' || network.source || '&utm_medium=' || network.medium
        || '&utm_campaign=' || campaign || '&utm_content=' || content
        || '&' || network.click_parameter || '=' || ad_click.click_id as landing_url,
    from ad_click
    inner join (values
        ('google_ads', 'google', 'cpc', 'Google', 'https://www.google.com/', 'gclid'),
        ('meta_ads', 'facebook', 'paid_social', 'Facebook', 'https://l.facebook.com/', 'fbclid'),
        ('tiktok_ads', 'tiktok', 'paid_social', 'TikTok', 'https://www.tiktok.com/', 'ttclid')
    ) as network (platform, source, medium, click_network, referrer, click_parameter)
        on ad_click.platform = network.platform
    -- Some leave before the page has counted them.
    where draw('reaches site', ad_click.click_id) < 0.9

    union all by name

    select
        'e' || event_id as visit_key,
        date_diff('day', getvariable('start')::timestamp, occurred_at) as day,
        own_device(person_id, pick('mail device', device_count, event_id), day) as device_id,
        person_id,
        later(occurred_at, 1 + 3 * draw('landing', event_id)) as started_at,
        'klaviyo' as source,
        'email' as medium,
        campaign_id as campaign,
        message_id as content,
        url as landing_url,
    from email_click
    where
        occurred_at >= moment(getvariable('from_day'), 0)
        and later(occurred_at, 4) < moment(getvariable('until_day'), 0)

    union all by name

    select
        concat('d', person_id, ':', visitor.day) as visit_key,
        own_device(
            person_id, pick('visit device', device_count, person_id, visitor.day), visitor.day
        ) as device_id,
        person_id,
        visitor.day,
        kind < 0.12 and post.post_id is not null as is_social,
        moment(visitor.day, waking_second('visit time', person_id, visitor.day)) as started_at,
        case when is_social then post.network end as source,
        case when is_social then 'social' end as medium,
        case when is_social then 'organic' end as campaign,
        case when is_social then post.post_id end as content,
        case
            when is_social then 'https://l.' || post.network || '.com/'
            when kind < 0.42 then 'https://www.google.com/'
            when kind < 0.5 then 'https://blog.example.org/best-gifts'
        end as referrer,
        'https://shop.example.com/' || case
            when is_social then
                'collections/new?utm_source=' || post.network
                || '&utm_medium=social&utm_campaign=organic&utm_content=' || post.post_id
            else choose('entry page', ['', '', 'collections/home', 'stories/workshop'], person_id, visitor.day)
        end as landing_url,
    from (
        select
            person.person_id,
            person.device_count,
            day.range as day,
            draw('visit kind', person.person_id, day.range) as kind,
            choose('post network', ['facebook', 'instagram'], person.person_id, day.range) as network,
        from person, range(getvariable('from_day'), getvariable('until_day')) as day
        where draw('visits', person.person_id, day.range) < 0.08
    ) as visitor
    asof left join post
        on visitor.network = post.network and visitor.day >= post.day + 1

    union all by name

    -- A tablet two people of a household share: each has hours of their own.
    select
        concat('t', person_id, ':', day.range) as visit_key,
        as_uuid(token('shared tablet', person_id // 10)) as device_id,
        person_id,
        day.range as day,
        moment(day.range, if(person_id % 10 = 0, 36000, 68400) + 7200 * draw('tablet', person_id, day.range))
            as started_at,
        'https://shop.example.com/' as landing_url,
    from person, range(getvariable('from_day'), getvariable('until_day')) as day
    where person_id % 10 < 2 and draw('tablet visit', person_id, day.range) < 0.05

    union all by name

    -- A kiosk in a store, where anybody may look up an article.
    select
        concat('k', person_id, ':', day.range) as visit_key,
        as_uuid(token('kiosk', home_store)) as device_id,
        person_id,
        day.range as day,
        moment(day.range, 54000 + 25000 * draw('kiosk time', person_id, day.range)) as started_at,
        'https://shop.example.com/' as landing_url,
    from person, range(getvariable('from_day'), getvariable('until_day')) as day
    where draw('kiosk', person_id) < 0.01 and draw('kiosk visit', person_id, day.range) < 0.1

    union all by name

    select
        concat('b', bot.range, ':', day.range) as visit_key,
        as_uuid(token('bot', bot.range)) as device_id,
        null as person_id,
        day.range as day,
        moment(day.range, 80000 * draw('bot time', bot.range, day.range)) as started_at,
        'https://shop.example.com/' as landing_url,
    from range(3) as bot, range(getvariable('from_day'), getvariable('until_day')) as day
),

shaped as (
    select
        landing.*,
        visit_key[1] = 'b' as is_bot,
        coalesce(person.blocks_tracking, false) as is_untracked,
        person.email,
        -- Known to the shop since an earlier day.
        coalesce(person.arrival_day < landing.day, false) as is_known,
        case
            when is_bot then 200
            else 1 + least(11, floor(-ln(1 - draw('pages', visit_key)) * 3))::bigint
        end as page_views,
        if(is_bot, 3000, 20000 + pick('pace', 100000, visit_key)) as step_ms,
        -- A pause of exactly the session limit, after the second page.
        not is_bot and page_views >= 3 and draw('pause', visit_key) < 0.01 as has_pause,
        -- Collected hours late, the device having been offline.
        case
            when not is_bot and draw('offline', visit_key) < 0.01
                then 1 + 19 * draw('offline hours', visit_key)
            else 0
        end as late_hours,
        is_known and draw('logs in', visit_key) < 0.35 and email is not null as logs_in,
        is_known and email is not null and page_views >= 3
        and visit_key[1] not in ('k', 't') and draw('buys', visit_key) < 0.09 as buys,
        not is_bot and page_views >= 2 and (buys or draw('cart', visit_key) < 0.2) as has_cart,
        not is_bot and draw('lingers', visit_key) < 0.5 as lingers,
    from landing
    left join person on landing.person_id = person.person_id
),

timed as (
    select
        * replace (logs_in or buys as logs_in),
        started_at + to_milliseconds(
            (page_views - 1) * step_ms
            + if(has_pause, 1800000 - step_ms, 0)
            + case
                when buys then 15000
                when lingers then 10000
                when has_cart and (has_pause or page_views = 2) then 5000
                else 0
            end
        ) as ended_at,
    from shaped
),

-- Back one second after the limit: a session of its own.
returned as (
    select
        * exclude (source, medium, campaign, content, click_id, click_network, referrer) replace (
            'r' || visit_key as visit_key,
            later(ended_at, 1801) as started_at,
            'https://shop.example.com/' as landing_url,
            1 as page_views,
            20000 as step_ms,
            false as has_pause,
            false as buys,
            false as has_cart,
            false as lingers,
            later(ended_at, 1801) as ended_at
        ),
    from timed
    where
        not is_bot
        and draw('returns', visit_key) < 0.01
        and later(ended_at, 1801) < moment(getvariable('until_day'), 0)
)

select
    *,
    case when buys then code('', 26, 'online order', visit_key) end as order_id,
    case when buys then code('W', 12, 'web transaction', visit_key) end as web_transaction_id,
    started_at + to_milliseconds(
        (page_views - 1) * step_ms + if(has_pause, 1800000 - step_ms, 0) + 15000
    ) as bought_at,
from (from timed union all by name from returned)
order by started_at, visit_key;
