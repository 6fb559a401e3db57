{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_rows(
        'ad_day_id in ' ~ newly_loaded_rows('int_ads__unioned', 'ad_day_id')
    ) }}",
    post_hook=["{{ settle_ad_days() }}", "{{ mark_new_loads() }}"],
) }}

with ads as (
    select * from {{ ref('int_ads__unioned') }}
    where
        is_current
        {% if is_incremental() %}
            and ad_day_id in {{ newly_loaded_rows('int_ads__unioned', 'ad_day_id') }}
        {% endif %}
),

final as (
    select
        platform,
        account_id,
        campaign_id,
        ad_id,
        report_date,
        impressions,
        clicks,
        spend_amount,
        currency_code,
        conversions_platform_reported,
        pulled_at,
        -- The post-hook settles what the pulls have left behind.
        false as is_settled,
        conversions_value_amount,
        reach,
        report_timezone,
        ad_day_id
    from ads
)

select * from final
