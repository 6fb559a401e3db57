with unioned as (
    select * from {{ ref('int_campaigns__google_ads') }}
    union all
    select * from {{ ref('int_campaigns__meta_ads') }}
    union all
    select * from {{ ref('int_campaigns__tiktok_ads') }}
    union all
    select * from {{ ref('int_campaigns__klaviyo') }}
    union all
    select * from {{ ref('int_campaigns__files') }}
    union all
    select * from {{ ref('int_campaigns__mailchimp') }}
    union all
    select * from {{ ref('int_campaigns__twilio') }}
    union all
    select * from {{ ref('int_campaigns__hubspot') }}
),

channel_rules as (
    select * from {{ ref('channel_rules') }} where rule_type = 'campaign'
),

final as (
    select
        unioned.platform,
        unioned.account_id,
        unioned.campaign_id,
        unioned.message_id,
        unioned.campaign_name,
        unioned.campaign_status,
        unioned.campaign_type,
        unioned.sent_at,
        coalesce(exact_rules.channel, platform_rules.channel, 'unassigned') as channel,
        unioned.load_id
    from unioned
    left join channel_rules as exact_rules
        on
            unioned.platform = exact_rules.match_value
            and unioned.campaign_type = exact_rules.match_detail
    left join channel_rules as platform_rules
        on
            unioned.platform = platform_rules.match_value
            and platform_rules.match_detail = '*'
)

select * from final
