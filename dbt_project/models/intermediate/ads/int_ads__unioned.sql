with unioned as (
    select * from {{ ref('int_ads__google_ads') }}
    union all
    select * from {{ ref('int_ads__meta_ads') }}
    union all
    select * from {{ ref('int_ads__tiktok_ads') }}
),

final as (
    select
        {{ text_key([
            'platform', 'account_id', 'ad_id', 'cast(report_date as ' ~ dbt.type_string() ~ ')',
        ]) }} as ad_day_id,
        platform,
        account_id,
        campaign_id,
        ad_id,
        report_date,
        report_timezone,
        currency_code,
        cast(impressions as bigint) as impressions,
        cast(clicks as bigint) as clicks,
        cast(reach as bigint) as reach,
        cast(spend_amount as {{ amount_type() }}) as spend_amount,
        cast(conversions_platform_reported as {{ amount_type() }}) as conversions_platform_reported,
        cast(conversions_value_amount as {{ amount_type() }}) as conversions_value_amount,
        pulled_at,
        load_id,
        is_current
    from unioned
)

select * from final
