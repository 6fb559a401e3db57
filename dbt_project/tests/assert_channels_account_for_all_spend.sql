-- No spend is lost or moved to another day between ads, offline activity and messages on one side
-- and the channels on the other. What is stated counts up, what is reported down.
with moves as (
    select report_date, currency_code, spend_amount
    from {{ ref('fct_ad_performance') }}
    union all
    select activity_date, currency_code, spend_amount
    from {{ ref('int_offline__activity_days') }}
    union all
    select report_date, currency_code, spend_amount
    from {{ ref('int_message_costs__unioned') }}
    union all
    select report_date, currency_code, -1 * spend_amount
    from {{ ref('rpt_channel_performance') }}
),

final as (
    select
        report_date,
        currency_code,
        sum(spend_amount) as missing_amount
    from moves
    group by report_date, currency_code
    having coalesce(sum(spend_amount), 0) <> 0
)

select * from final
