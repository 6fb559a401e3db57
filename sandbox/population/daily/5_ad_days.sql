-- For a stretch of days: what the advertising platforms say of each day, and say again later.
create or replace temp table ad_day as
with tracked as (
    select day, ad_id, count(*) as followed,
    from ad_click
    group by day, ad_id
),

settled as (
    select
        ad_slot.platform,
        ad_slot.ad_id,
        ad_slot.day,
        ad_slot.objective,
        coalesce(tracked.followed, 0) as tracked_clicks,
        tracked_clicks + tracked_clicks // 5 + pick('other clicks', 4, ad_slot.unit, ad_slot.day)
            as clicks,
        clicks * (15 + pick('exposures', 50, ad_slot.unit, ad_slot.day))
        + 5 + pick('more exposures', 400, ad_slot.unit, ad_slot.day) as impressions,
        clicks * (250000 + pick('price of a click', 125, ad_slot.unit, ad_slot.day) * 10000)
        + if(ad_slot.platform = 'google_ads', 0, impressions * 2000) as spend_micros,
        draw('conversion', ad_slot.unit, ad_slot.day) as luck,
        ad_slot.unit,
    from ad_slot
    left join tracked on ad_slot.day = tracked.day and ad_slot.ad_id = tracked.ad_id
    where
        ad_slot.day >= getvariable('from_day') and ad_slot.day < getvariable('until_day')
        -- Days without a single impression have no row at the vendor's.
        and (tracked_clicks > 0 or draw('silent', ad_slot.unit, ad_slot.day) >= 0.05)
),

stated as (
    select
        settled.*,
        age.age,
        moment(settled.day + age.age, 7200) as known_at,
        1 - exp(-age.age / 5.0) as share,
        clicks * (0.02 + 0.06 * luck) * share as expected,
        -- The others count whole purchases: chance, the same at every age, decides over the fraction.
        -- Of an ad that is to be watched TikTok counts none.
        case
            when platform = 'google_ads' then round(expected, 2)
            when objective = 'VIDEO_VIEWS' then 0
            else floor(expected + draw('whole', settled.unit, settled.day))
        end as conversions_now,
        round(
            conversions_now * (3000 + pick('basket', 6000, settled.unit, settled.day)) / 100.0, 2
        ) as conversions_value_now,
        -- Spend settles after a day.
        if(age.age = 1, spend_micros * 98 // 100, spend_micros) // 10000 * 10000 as spend_now,
    from settled,
        (values (1), (2), (3), (4), (6), (8), (11), (15), (20), (27)) as age (age)
),

changed as (
    select
        *,
        (conversions_now, conversions_value_now, spend_now) is distinct from lag(
            (conversions_now, conversions_value_now, spend_now)
        ) over (partition by ad_id, day order by age) as is_news,
    from stated
)

select
    platform,
    ad_id,
    (getvariable('start')::timestamp + to_days(day::integer))::date as report_date,
    known_at,
    impressions,
    clicks,
    spend_now as spend_micros,
    conversions_now as conversions,
    conversions_value_now as conversions_value,
from changed
where is_news and known_at <= moment(getvariable('days') + 1, 0)
order by report_date, platform, ad_id, known_at;
