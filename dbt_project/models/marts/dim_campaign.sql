with campaigns as (
    select * from {{ ref('int_campaigns__unioned') }} where campaign_id is not null
),

channel_rules as (
    select * from {{ ref('channel_rules') }} where rule_type = 'campaign' and match_detail = '*'
),

-- Named by an ad's figures, a message or a touch, and not shown by any platform.
named as (
    select
        platform,
        account_id,
        campaign_id
    from {{ ref('int_ads__unioned') }}
    where campaign_id is not null
    union all
    -- What bounced is no touch.
    select
        platform,
        cast(null as {{ dbt.type_string() }}),
        campaign_id
    from {{ ref('int_messages__events') }}
    where
        campaign_id is not null
        and event_type not in ('withdrawn', 'moved')
    union all
    select
        cast(null as {{ dbt.type_string() }}),
        cast(null as {{ dbt.type_string() }}),
        campaign_id
    from {{ ref('int_touchpoints') }}
    where
        campaign_id is not null
        and not is_withdrawn
    union all
    select
        cast(null as {{ dbt.type_string() }}),
        cast(null as {{ dbt.type_string() }}),
        utm_campaign
    from {{ ref('int_web__entries') }}
    where
        utm_campaign is not null
        and session_status <> 'superseded'
    union all
    select
        cast(null as {{ dbt.type_string() }}),
        cast(null as {{ dbt.type_string() }}),
        campaign_id
    from {{ ref('int_web_reports__unioned') }}
    where campaign_id is not null
),

inferred as (
    select
        max(platform) as platform,
        max(account_id) as account_id,
        campaign_id
    from named
    where campaign_id not in (select campaign_id from campaigns)
    group by campaign_id
),

final as (
    select
        campaign_id,
        platform,
        account_id,
        campaign_name,
        campaign_status,
        campaign_type,
        channel,
        sent_at,
        false as is_inferred
    from campaigns
    union all
    select
        inferred.campaign_id,
        inferred.platform,
        inferred.account_id,
        inferred.campaign_id as campaign_name,
        cast(null as {{ dbt.type_string() }}) as campaign_status,
        cast(null as {{ dbt.type_string() }}) as campaign_type,
        coalesce(channel_rules.channel, 'unassigned') as channel,
        cast(null as timestamp) as sent_at,
        true as is_inferred
    from inferred
    left join channel_rules
        on inferred.platform = channel_rules.match_value
)

select * from final
