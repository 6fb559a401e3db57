with ad_performance as (
    select * from {{ ref('stg_meta_ads__ad_performance') }}
),

final as (
    select
        'meta_ads' as platform,
        account_id_meta as account_id,
        campaign_id_meta as campaign_id,
        ad_id_meta as ad_id,
        report_date,
        report_timezone,
        currency_code,
        impressions,
        clicks,
        reach,
        spend_amount,
        conversions_platform_reported,
        conversions_value_amount,
        pulled_at,
        load_id,
        is_current
    from ad_performance
)

select * from final
