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
        case
            when events.message_id_klaviyo is null or events.profile_id_klaviyo is null then null
            when metrics.metric_name = 'Received Email' then 'delivered'
            when metrics.metric_name = 'Bounced Email' then 'bounced'
            when metrics.metric_name = 'Opened Email' then 'opened'
            when metrics.metric_name = 'Clicked Email' then 'clicked'
            when metrics.metric_name = 'Unsubscribed' then 'unsubscribed'
            when metrics.metric_name = 'Unsubscribed from Email Marketing' then 'unsubscribed'
            when metrics.metric_name = 'Marked Email as Spam' then 'complained'
        end as event_type,
        events.occurred_at,
        events.url,
        coalesce(events.is_apple_privacy_open, false) as is_privacy_open,
        events.bounce_type,
        events.load_id,
        metrics.load_id as mapping_load_id
    from events
    left join metrics
        on events.metric_id_klaviyo = metrics.metric_id_klaviyo
    left join campaigns
        on events.message_id_klaviyo = campaigns.message_id_klaviyo
)

select * from final
