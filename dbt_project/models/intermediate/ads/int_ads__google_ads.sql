with ad_performance as (
    select * from {{ ref('stg_google_ads__ad_performance') }}
),

final as (
    select
        'google_ads' as platform,
        account_id_google_ads as account_id,
        campaign_id_google_ads as campaign_id,
        ad_id_google_ads as ad_id,
        report_date,
        report_timezone,
        currency_code,
        impressions,
        clicks,
        cast(null as bigint) as reach,
        spend_amount,
        conversions_platform_reported,
        conversions_value_amount,
        pulled_at,
        load_id,
        is_current
    from ad_performance
)

select * from final
