with ad_performance as (
    select
        ad_performance.report_date,
        campaigns.channel,
        ad_performance.currency_code,
        ad_performance.spend_amount,
        ad_performance.impressions,
        ad_performance.clicks,
        ad_performance.conversions_platform_reported
    from {{ ref('fct_ad_performance') }} as ad_performance
    left join {{ ref('dim_campaign') }} as campaigns
        on ad_performance.campaign_id = campaigns.campaign_id
),

offline_days as (
    select * from {{ ref('int_offline__activity_days') }}
),

message_costs as (
    select * from {{ ref('int_message_costs__unioned') }}
),

attribution as (
    select * from {{ ref('rpt_attribution') }} where attribution_model = 'last_non_direct'
),

unioned as (
    select
        report_date,
        coalesce(channel, 'unassigned') as channel,
        currency_code,
        spend_amount,
        impressions,
        clicks,
        conversions_platform_reported,
        cast(null as {{ amount_type() }}) as orders_attributed,
        cast(null as {{ amount_type() }}) as attributed_amount
    from ad_performance
    union all
    select
        activity_date,
        channel,
        currency_code,
        spend_amount,
        cast(null as bigint),
        cast(null as bigint),
        cast(null as {{ amount_type() }}),
        cast(null as {{ amount_type() }}),
        cast(null as {{ amount_type() }})
    from offline_days
    union all
    select
        report_date,
        channel,
        currency_code,
        spend_amount,
        cast(null as bigint),
        cast(null as bigint),
        cast(null as {{ amount_type() }}),
        cast(null as {{ amount_type() }}),
        cast(null as {{ amount_type() }})
    from message_costs
    union all
    select
        cast(ordered_at as date) as report_date,
        channel,
        currency_code,
        cast(null as {{ amount_type() }}),
        cast(null as bigint),
        cast(null as bigint),
        cast(null as {{ amount_type() }}),
        case when is_refund then 0 else credit end as orders_attributed,
        attributed_amount
    from attribution
),

final as (
    select
        report_date,
        channel,
        currency_code,
        'last_non_direct' as attribution_model,
        -- Nothing was spent where nothing was stated: ROAS is then not defined.
        cast(coalesce(sum(spend_amount), 0) as {{ amount_type() }}) as spend_amount,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(conversions_platform_reported) as {{ amount_type() }})
            as conversions_platform_reported,
        cast(coalesce(sum(orders_attributed), 0) as {{ amount_type() }}) as conversions_attributed,
        cast(coalesce(sum(attributed_amount), 0) as {{ amount_type() }}) as attributed_amount,
        cast(
            coalesce(sum(attributed_amount), 0) / nullif(sum(spend_amount), 0)
            as {{ amount_type() }}
        ) as roas,
        {{ text_key([
            'cast(report_date as ' ~ dbt.type_string() ~ ')', 'channel', 'currency_code',
        ]) }} as channel_day_id
    from unioned
    group by report_date, channel, currency_code
)

select * from final
