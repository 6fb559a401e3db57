-- No spend is lost between ads, offline activity and messages on one side and the channels on the
-- other.
with spent as (
    select currency_code, spend_amount from {{ ref('fct_ad_performance') }}
    union all
    select currency_code, spend_amount from {{ ref('fct_offline_activity') }}
    union all
    select currency_code, spend_amount from {{ ref('int_message_costs__unioned') }}
),

stated as (
    select currency_code, sum(spend_amount) as spend_amount
    from spent
    where spend_amount is not null
    group by currency_code
),

reported as (
    select currency_code, sum(spend_amount) as spend_amount
    from {{ ref('rpt_channel_performance') }}
    group by currency_code
),

final as (
    select
        stated.currency_code,
        stated.spend_amount,
        reported.spend_amount as reported_amount
    from stated
    left join reported
        on stated.currency_code = reported.currency_code
    where stated.spend_amount <> coalesce(reported.spend_amount, 0)
)

select * from final
