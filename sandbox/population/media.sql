-- Advertisements, e-mail campaigns and posts: what the company says, and when.
create table ad as
with platform as (
    from (values
        ('google_ads', 24, 0, '4815162342', 'Throughline Search', 20000000000, 150000000000,
            700000000000),
        ('meta_ads', 20, 1000, '208150623400017', 'Throughline Social', 120200000000000000,
            120210000000000000, 120220000000000000),
        ('tiktok_ads', 12, 2000, '7012345678901234567', 'Throughline Video', 1800000000000000000,
            1810000000000000000, 1820000000000000000)
    ) as platform (
        platform, ads, first_unit, account_id, account_name, first_campaign_id, first_group_id,
        first_ad_id
    )
),

slot as (
    select
        platform.*,
        number.range // 4 as campaign,
        number.range // 2 as ad_group,
        number.range as number,
    from platform, range(24) as number
    where number.range < platform.ads
),

named as (
    select
        *,
        number + first_unit as unit,
        platform || campaign as campaign_key,
        choose('promotion', [
            'Brand', 'Spring Sale', 'New Arrivals', 'Gifts', 'Clearance', 'Prospecting',
        ], platform, campaign) || ' ' || (campaign + 1) as promotion,
        -- On TikTok somebody tidies up: one ad goes, and later a whole campaign.
        case
            when platform <> 'tiktok_ads' then null
            when campaign = 2 then getvariable('days') * 4 // 5
            when number = 5 then getvariable('days') * 3 // 5
        end as deleted_day,
    from slot
)

select
    platform,
    account_id,
    account_name,
    (first_campaign_id + pick('campaign number', 900000000, platform, campaign) * 10 + campaign)::varchar
        as campaign_id,
    promotion as campaign_name,
    if(
        platform = 'google_ads',
        ['SEARCH', 'SEARCH', 'PERFORMANCE_MAX', 'VIDEO', 'DISPLAY', 'SHOPPING'][campaign + 1],
        'paid_social'
    ) as channel_type,
    case platform
        when 'meta_ads' then [
            'OUTCOME_SALES', 'OUTCOME_TRAFFIC', 'OUTCOME_SALES', 'OUTCOME_AWARENESS', 'OUTCOME_SALES',
        ][campaign + 1]
        when 'tiktok_ads' then ['WEB_CONVERSIONS', 'TRAFFIC', 'VIDEO_VIEWS'][campaign + 1]
    end as objective,
    (first_group_id + pick('group number', 900000000, platform, ad_group) * 100 + ad_group)::varchar
        as ad_group_id,
    promotion || ' / Group ' || (ad_group + 1) as ad_group_name,
    (first_ad_id + pick('ad number', 900000000, platform, number) * 100 + number)::varchar as ad_id,
    promotion || ' / Ad ' || (number + 1) as ad_name,
    'https://shop.example.com/collections/' || choose('landing', [
        'home', 'kitchen', 'apparel', 'garden', 'gifts',
    ], unit) as final_url,
    'USD' as currency_code,
    -- The platforms' days are UTC days here, so that spend, clicks and visits fall on the same one.
    'Etc/UTC' as report_timezone,
    moment(0, -86400 * 30 + unit) as created_at,
    moment(deleted_day, 32400) as deleted_at,
    deleted_day is not null and campaign = 2 as is_campaign_deleted,
    -- A third of the campaigns run for a part of the calendar only.
    case
        when draw('flight', campaign_key) < 0.33
            then pick('flight start', getvariable('days') // 2 + 1, campaign_key)
        else 0
    end as first_day,
    least(
        coalesce(deleted_day, getvariable('days')),
        case
            when draw('flight', campaign_key) < 0.33
                then first_day + 1 + pick('flight length', getvariable('days') // 2 + 1, campaign_key)
            else getvariable('days')
        end
    ) as last_day,
    unit,
from named
order by platform, number;

-- What runs on each day, numbered for drawing from it.
create table ad_slot as
select
    day.range as day,
    row_number() over (partition by day.range order by ad.unit) - 1 as slot,
    count(*) over (partition by day.range) as slots,
    ad.platform,
    ad.ad_id,
    ad.campaign_id,
    ad.final_url,
    ad.objective,
    ad.unit,
from range(getvariable('days')) as day
inner join ad on day.range between ad.first_day and ad.last_day;

create table email_campaign as
with drawn as (
    select
        range as campaign,
        -- Six mailings a week.
        range + range // 6 as day,
        moment(range + range // 6, 50400 + 900 * pick('send time', 24, range)) as sent_at,
        choose('theme', [
            'Weekly picks', 'New in', 'Last chance', 'Members first', 'Back in stock', 'Our story',
        ], range) as theme,
    from range(getvariable('days'))
)

select
    code('01', 24, 'email campaign', campaign) as campaign_id,
    code('01', 24, 'email message', campaign) as message_id,
    theme || ' ' || strftime(sent_at, '%Y-%m-%d') as campaign_name,
    theme || choose('call', [': see what is new', ' — just for you', ', this week only'], campaign)
        as subject,
    greatest(sent_at - interval 2 day, moment(0, 600)) as created_at,
    created_at as known_at,
    sent_at,
    campaign,
    day,
    0.4 + 0.4 * draw('audience share', campaign) as audience_share,
from drawn
where day < getvariable('days')
order by campaign;

-- Who leaves, and with which campaign: the first one that reaches them once they have had enough.
create table unsubscribe as
select
    person.person_id,
    min(email_campaign.campaign) as campaign,
from person
inner join email_campaign
    on email_campaign.day >= pick('leaving day', getvariable('days'), person.person_id)
    and email_campaign.sent_at > person.updated_at
    and in_audience(person.person_id, email_campaign.campaign, email_campaign.audience_share)
    and not does_bounce(person.person_id, email_campaign.campaign)
where person.klaviyo_profile_id is not null and draw('leaves', person.person_id) < 0.08
group by person.person_id;

create table post as
select
    if(network = 'facebook', '101550023400019', '178414000000000' || lpad(number::varchar, 4, '0'))
    || if(network = 'facebook', '_' || (122100000000000000 + number * 7919)::varchar, '') as post_id,
    network,
    if(network = 'facebook', '101550023400019', '17841400008460056') as account_id,
    moment(day, 57600 + 60 * pick('post minute', 240, network, number)) as posted_at,
    posted_at as known_at,
    choose('post', [
        'New in the shop today.', 'Behind the scenes at the workshop.', 'Which one is yours?',
        'Weekend hours: ten to six.', 'Made by hand, one at a time.',
    ], network, number) || ' #' || (number + 1) as message,
    if(
        network = 'facebook',
        'https://www.facebook.com/throughline/posts/' || number,
        'https://www.instagram.com/p/' || substr(token('permalink', number), 1, 11) || '/'
    ) as permalink_url,
    day,
    number,
from (
    select
        network.network,
        range as number,
        range * if(network.network = 'facebook', 2, 1) as day,
    from (values ('facebook'), ('instagram')) as network (network), range(getvariable('days'))
)
where day < getvariable('days')
order by network, number;

create table post_day as
with final_count as (
    select
        *,
        200 + pick('post views', 200 + getvariable('people') // 2, network, number) as all_views,
    from post
),

grown as (
    select
        final_count.*,
        age.range as age,
        floor(all_views * (1 - exp(-(1 + age.range) / 2.5)))::bigint as seen,
    from final_count, range(31) as age
    where final_count.day + age.range < getvariable('days')
)

select
    post_id,
    network,
    (getvariable('start')::timestamp + to_days((day + age)::integer))::date as day,
    -- Shown from the small hours of the next day on.
    moment(day + age + 1, 7200) as known_at,
    seen as views,
    seen * 7 // 10 as reach,
    seen * 3 // 100 as clicks,
    seen * 5 // 100 as reactions,
    seen // 150 as comments,
    seen // 220 as shares,
    seen // 120 as saves,
from grown
order by post_id, day;
