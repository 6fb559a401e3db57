-- No spend is lost between the ads and the channels.
with stated as (
    select report_date, currency_code, sum(spend_amount) as spend_amount
    from {{ ref('fct_ad_performance') }}
    group by report_date, currency_code
),

reported as (
    select report_date, currency_code, sum(spend_amount) as spend_amount
    from {{ ref('rpt_channel_performance') }}
    group by report_date, currency_code
),

final as (
    select
        stated.report_date,
        stated.spend_amount,
        reported.spend_amount as reported_amount
    from stated
    left join reported
        on
            stated.report_date = reported.report_date
            and stated.currency_code = reported.currency_code
    where stated.spend_amount <> coalesce(reported.spend_amount, 0)
)

select * from final
