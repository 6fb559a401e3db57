with ad_performance as (
    select * from {{ ref('stg_tiktok_ads__ad_performance') }}
),

final as (
    select
        'tiktok_ads' as platform,
        account_id_tiktok as account_id,
        campaign_id_tiktok as campaign_id,
        ad_id_tiktok as ad_id,
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
