with touchpoints as (
    select
        touchpoints.customer_id,
        cast({{ dbt.date_trunc('month', 'touchpoints.occurred_at') }} as date) as calendar_month,
        channels.channel_group
    from {{ ref('fct_touchpoint') }} as touchpoints
    inner join {{ ref('dim_channel') }} as channels
        on touchpoints.channel = channels.channel
    where
        touchpoints.touch_class in ('engaged', 'responded')
        and not touchpoints.is_machine
        and touchpoints.customer_id is not null
        and touchpoints.channel <> 'unassigned'
),

orders as (
    select
        orders.order_id,
        orders.customer_id,
        cast({{ dbt.date_trunc('month', 'orders.ordered_at') }} as date) as calendar_month,
        channels.channel_group,
        attribution.path_channel_group_count
    from {{ ref('fct_order') }} as orders
    inner join {{ ref('dim_channel') }} as channels
        on orders.channel = channels.channel
    left join {{ ref('rpt_attribution') }} as attribution
        on orders.order_id = attribution.order_id
    where not orders.is_refund
),

used as (
    select customer_id, calendar_month, channel_group from touchpoints
    union
    select customer_id, calendar_month, channel_group from orders where customer_id is not null
),

customers as (
    select
        customer_id,
        calendar_month,
        count(*) as channel_group_count
    from used
    group by customer_id, calendar_month
),

customers_per_month as (
    select
        calendar_month,
        cast(count(*) as bigint) as customer_count,
        cast(sum(case when channel_group_count >= 2 then 1 else 0 end) as bigint)
            as multichannel_customer_count
    from customers
    group by calendar_month
),

orders_per_month as (
    select
        calendar_month,
        cast(count(*) as bigint) as order_count,
        cast(sum(case when path_channel_group_count >= 2 then 1 else 0 end) as bigint)
            as multichannel_order_count
    from orders
    group by calendar_month
),

final as (
    select
        coalesce(customers_per_month.calendar_month, orders_per_month.calendar_month)
            as calendar_month,
        coalesce(customers_per_month.customer_count, 0) as customer_count,
        coalesce(customers_per_month.multichannel_customer_count, 0)
            as multichannel_customer_count,
        cast(
            customers_per_month.multichannel_customer_count * 1.0
            / nullif(customers_per_month.customer_count, 0) as decimal(9, 6)
        ) as multichannel_customer_share,
        coalesce(orders_per_month.order_count, 0) as order_count,
        coalesce(orders_per_month.multichannel_order_count, 0) as multichannel_order_count,
        cast(
            orders_per_month.multichannel_order_count * 1.0
            / nullif(orders_per_month.order_count, 0) as decimal(9, 6)
        ) as multichannel_order_share
    from customers_per_month
    full outer join orders_per_month
        on customers_per_month.calendar_month = orders_per_month.calendar_month
)

select * from final
