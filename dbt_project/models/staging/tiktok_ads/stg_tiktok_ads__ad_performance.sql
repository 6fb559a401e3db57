with

source as (
    select *
    from {{ accepted_versions(
        ref('base_tiktok_ads__ad_performance'), ['ad_id_tiktok', 'report_day_at']
    ) }} as ad_performance
),

-- A report carries no time zone: it is the advertiser's.
advertisers as (
    select * from {{ ref('stg_tiktok_ads__advertisers') }}
),

renamed as (
    select
        source.account_id_tiktok,
        source.campaign_id_tiktok,
        source.ad_group_id_tiktok,
        source.ad_id_tiktok,
        source.currency_code,
        advertisers.report_timezone,
        source.impressions,
        source.clicks,
        source.reach,
        source.spend as spend_amount,
        source.purchases as conversions_platform_reported,
        source.purchases_value as conversions_value_amount,
        cast(source.report_day_at as date) as report_date,
        source.load_id,
        source.pulled_at,
        source.is_current
    from source
    left join advertisers
        on source.account_id_tiktok = advertisers.account_id_tiktok
)

select * from renamed
