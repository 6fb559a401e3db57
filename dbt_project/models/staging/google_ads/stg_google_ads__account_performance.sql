with

source as (
    select * from {{ current_version(
        ref('base_google_ads__account_performance'), ['account_id_google_ads', 'report_date']
    ) }} as account_performance
),

renamed as (
    select
        account_id_google_ads,
        report_date,
        report_timezone,
        currency_code,
        impressions,
        clicks,
        {{ micros_to_amount('cost_micros') }} as spend_amount,
        conversions as conversions_platform_reported,
        cast(conversions_value as decimal(18, 4)) as conversions_value_amount,
        load_id,
        pulled_at
    from source
)

select * from renamed
