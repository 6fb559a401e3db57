-- For a stretch of days: the visits that Google Analytics measured, with what it makes of them. A
-- visit is shown hours after it ended, and some a day later; where it came from is often found out
-- later still, and until then it is booked as not set.
create or replace temp table ga4_session as
with consented as (
    select
        visit.*,
        purchase.net_cents,
        timezone('America/New_York', timezone('UTC', visit.started_at)) as local_at,
        case
            when visit.source is not null then visit.source
            when visit.referrer like '%google.com/%' then 'google'
            when visit.referrer is not null then split_part(visit.referrer, '/', 3)
            else '(direct)'
        end as session_source,
        case
            when visit.source is not null then visit.medium
            when visit.referrer like '%google.com/%' then 'organic'
            when visit.referrer is not null then 'referral'
            else '(none)'
        end as session_medium,
    from visit
    left join purchase on visit.order_id = purchase.order_id
    where
        not visit.is_bot
        and not visit.is_untracked
        and draw('analytics consent', visit.device_id) < 0.8
)

select
    consented.visit_key as session_id,
    consented.device_id as client_id,
    consented.local_at::date as report_date,
    consented.session_source as source,
    consented.session_medium as medium,
    case
        when ga4_day.has_other_row and draw('rare campaign', consented.campaign) < 0.3
            then '(other)'
        when consented.campaign is not null then consented.campaign
        when consented.session_medium = 'organic' then '(organic)'
        when consented.session_medium = 'referral' then '(referral)'
        else '(direct)'
    end as campaign_name,
    -- Only Google's own campaigns are known by their ids.
    case
        when campaign_name[1] = '(' then campaign_name
        when consented.session_source = 'google' then consented.campaign
        else '(not set)'
    end as campaign_id,
    case consented.session_medium
        when 'cpc' then 'Paid Search'
        when 'paid_social' then 'Paid Social'
        when 'email' then 'Email'
        when 'social' then 'Organic Social'
        when 'organic' then 'Organic Search'
        when 'referral' then 'Referral'
        when '(none)' then 'Direct'
        else 'Unassigned'
    end as channel_group,
    case
        when ga4_day.has_other_row and draw('rare page', consented.landing_url) < 0.3
            then '(other)'
        else split_part(substr(consented.landing_url, 25), '?', 1)
    end as landing_page,
    consented.page_views,
    consented.page_views >= 2 or consented.lingers as is_engaged,
    draw('first visit', consented.visit_key) < 0.3 as is_first_visit,
    consented.has_cart,
    consented.buys,
    if(consented.buys, consented.net_cents, 0) as revenue_cents,
    -- Shown in four to twelve hours; one in twenty a day or two later.
    later(
        consented.ended_at,
        if(draw('analytics late', consented.visit_key) < 0.05, 86400, 14400)
        + 28800 * draw('analytics delay', consented.visit_key)
    ) as known_at,
    later(
        known_at,
        if(draw('attributed late', consented.visit_key) < 0.1, 64800, 0)
    ) as attributed_at,
from consented
inner join ga4_day on consented.local_at::date = ga4_day.report_date
order by known_at, session_id;
