{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_rows(
        'ad_day_id in ' ~ newly_loaded_rows('int_ads__unioned', 'ad_day_id')
    ) }}",
    post_hook="{{ mark_new_loads() }}",
) }}

with ads as (
    select * from {{ ref('int_ads__unioned') }}
    {% if is_incremental() %}
        where ad_day_id in {{ newly_loaded_rows('int_ads__unioned', 'ad_day_id') }}
    {% endif %}
),

restatement_windows as (
    select * from {{ ref('restatement_windows') }}
),

final as (
    select
        ads.platform,
        ads.account_id,
        ads.campaign_id,
        ads.ad_id,
        ads.report_date,
        ads.impressions,
        ads.clicks,
        ads.spend_amount,
        ads.currency_code,
        ads.conversions_platform_reported,
        ads.pulled_at,
        cast({{ dbt.dateadd(
            'day', 'restatement_windows.restatement_days', 'ads.report_date'
        ) }} as date)
        < cast(ads.pulled_at as date) as is_settled,
        ads.conversions_value_amount,
        ads.reach,
        ads.report_timezone,
        ads.ad_day_id,
        {{ text_key(['ads.ad_day_id', 'cast(ads.pulled_at as ' ~ dbt.type_string() ~ ')']) }}
            as ad_day_version_id,
        ads.is_current
    from ads
    left join restatement_windows
        on ads.platform = restatement_windows.platform
)

select * from final
