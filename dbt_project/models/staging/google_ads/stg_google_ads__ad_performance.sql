with

source as (
    select * from {{ accepted_versions(ref('base_google_ads__ad_performance'), ['ad_id_google_ads', 'report_date']) }} as ad_performance
),

renamed as (
    select
        account_id_google_ads,
        campaign_id_google_ads,
        ad_group_id_google_ads,
        ad_id_google_ads,
        currency_code,
        report_timezone,
        impressions,
        clicks,
        {{ micros_to_amount('cost_micros') }} as spend_amount,
        conversions as conversions_platform_reported,
        -- Modelled by the vendor, in more digits than any currency has.
        cast(conversions_value as decimal(18, 4)) as conversions_value_amount,
        report_date,
        load_id,
        pulled_at,
        is_current
    from source
)

select * from renamed
