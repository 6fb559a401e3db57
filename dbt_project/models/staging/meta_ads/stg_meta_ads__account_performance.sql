with

source as (
    select * from {{ current_version(
        ref('base_meta_ads__account_performance'), ['account_id_meta', 'report_date']
    ) }} as account_performance
),

renamed as (
    select
        account_id_meta,
        report_date,
        currency_code,
        impressions,
        clicks,
        reach,
        spend as spend_amount,
        {{ named_value('actions', 'action_type', 'purchase', 'action_count') }}
            as conversions_platform_reported,
        {{ named_value('action_values', 'action_type', 'purchase', 'action_amount') }}
            as conversions_value_amount,
        load_id,
        pulled_at
    from source
)

select * from renamed
