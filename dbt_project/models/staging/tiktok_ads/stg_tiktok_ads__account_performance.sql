with

source as (
    select * from {{ current_version(
        ref('base_tiktok_ads__account_performance'), ['account_id_tiktok', 'report_day_at']
    ) }} as account_performance
),

renamed as (
    select
        account_id_tiktok,
        cast(report_day_at as date) as report_date,
        currency_code,
        impressions,
        clicks,
        spend as spend_amount,
        purchases as conversions_platform_reported,
        purchases_value as conversions_value_amount,
        load_id,
        pulled_at
    from source
)

select * from renamed
