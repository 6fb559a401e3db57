-- Attributed and unattributed together are all orders and all money, day by day.
with orders as (
    select
        cast(ordered_at as date) as report_date,
        currency_code,
        sum(case when is_refund then 0 else 1 end) as order_count,
        sum(net_amount) as net_amount
    from {{ ref('fct_order') }}
    group by cast(ordered_at as date), currency_code
),

credited as (
    select
        report_date,
        currency_code,
        sum(conversions_attributed) as order_count,
        sum(attributed_amount) as net_amount
    from {{ ref('rpt_channel_performance') }}
    group by report_date, currency_code
),

final as (
    select
        coalesce(orders.report_date, credited.report_date) as report_date,
        orders.order_count,
        credited.order_count as credited_count,
        orders.net_amount,
        credited.net_amount as credited_amount
    from orders
    full outer join credited
        on
            orders.report_date = credited.report_date
            and orders.currency_code = credited.currency_code
    where
        coalesce(orders.order_count, 0) <> coalesce(credited.order_count, 0)
        or coalesce(orders.net_amount, 0) <> coalesce(credited.net_amount, 0)
)

select * from final
