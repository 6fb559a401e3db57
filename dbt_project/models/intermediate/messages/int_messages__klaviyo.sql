with events as (
    select * from {{ ref('stg_klaviyo__events') }}
),

metrics as (
    select * from {{ ref('stg_klaviyo__metrics') }}
),

campaigns as (
    select * from {{ ref('stg_klaviyo__campaigns') }}
),

final as (
    select
        events.event_id_klaviyo as event_id,
        'klaviyo' as platform,
        'email' as channel,
        events.message_id_klaviyo as message_id,
        campaigns.campaign_id_klaviyo as campaign_id,
        'profile_id_klaviyo' as identifier_type,
        events.profile_id_klaviyo as identifier_value,
        case metrics.metric_name
            when 'Received Email' then 'delivered'
            when 'Bounced Email' then 'bounced'
            when 'Opened Email' then 'opened'
            when 'Clicked Email' then 'clicked'
            when 'Unsubscribed' then 'unsubscribed'
            when 'Unsubscribed from Email Marketing' then 'unsubscribed'
            when 'Marked Email as Spam' then 'complained'
        end as event_type,
        events.occurred_at,
        events.url,
        coalesce(events.is_apple_privacy_open, false) as is_privacy_open,
        events.bounce_type,
        events.load_id,
        metrics.load_id as mapping_load_id
    from events
    inner join metrics
        on events.metric_id_klaviyo = metrics.metric_id_klaviyo
    left join campaigns
        on events.message_id_klaviyo = campaigns.message_id_klaviyo
    where
        events.message_id_klaviyo is not null
        and events.profile_id_klaviyo is not null
)

select * from final
where event_type is not null
