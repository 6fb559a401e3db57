with

source as (
    select *
    from {{ accepted_versions(ref('base_meta_ads__ad_performance'), ['ad_id_meta', 'report_date']) }}
        as ad_performance
),

-- Insights carry no time zone: it is the account's.
accounts as (
    select * from {{ current_version(ref('base_meta_ads__accounts'), ['account_id_meta']) }} as accounts
),

renamed as (
    select
        source.account_id_meta,
        source.campaign_id_meta,
        source.ad_set_id_meta,
        source.ad_id_meta,
        source.currency_code,
        accounts.report_timezone,
        source.impressions,
        source.clicks,
        source.reach,
        source.spend as spend_amount,
        {{ named_value('source.actions', 'action_type', 'purchase', 'action_count') }}
            as conversions_platform_reported,
        {{ named_value('source.action_values', 'action_type', 'purchase', 'action_amount') }}
            as conversions_value_amount,
        source.report_date,
        source.load_id,
        source.pulled_at,
        source.is_current
    from source
    left join accounts
        on source.account_id_meta = accounts.account_id_meta
)

select * from renamed
