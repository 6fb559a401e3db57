{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_rows(
        'order_id in ' ~ changed_conversions()
    ) }}",
    post_hook=[
        "{{ record_customers() }}",
        "{{ record_read(['int_touchpoints', 'int_web__transactions']) }}",
        "{{ mark_new_loads() }}",
    ],
) }}

with orders as (
    select * from {{ ref('fct_order') }}
),

touchpoints as (
    select * from {{ ref('fct_touchpoint') }}
    where
        touch_class = 'engaged'
        and not is_machine
        and customer_id is not null
),

channels as (
    select * from {{ ref('dim_channel') }}
),

-- A refund takes back the credit of what was bought, so it has the path of the purchase.
conversions as (
    select
        orders.order_id,
        orders.ordered_at,
        orders.channel as order_channel,
        order_channels.channel_group as order_channel_group,
        orders.net_amount,
        orders.currency_code,
        orders.is_refund,
        coalesce(purchases.customer_id, orders.customer_id) as customer_id,
        coalesce(purchases.ordered_at, orders.ordered_at) as converted_at
    from orders
    left join orders as purchases
        on orders.source_order_id = purchases.order_id
    left join channels as order_channels
        on orders.channel = order_channels.channel
    {% if is_incremental() %}
        where orders.order_id in {{ changed_conversions() }}
    {% endif %}
),

paths as (
    select
        conversions.order_id,
        conversions.order_channel_group,
        touchpoints.touchpoint_id,
        touchpoints.channel,
        touchpoints.campaign_id,
        touchpoints.occurred_at,
        channels.channel_group,
        row_number() over (
            partition by conversions.order_id
            order by
                case when touchpoints.channel = 'direct_web' then 1 else 0 end,
                touchpoints.occurred_at desc,
                touchpoints.confidence desc,
                touchpoints.touchpoint_id
        ) as last_non_direct_rank
    from conversions
    inner join touchpoints
        on
            conversions.customer_id = touchpoints.customer_id
            and touchpoints.occurred_at <= conversions.converted_at
            and touchpoints.occurred_at >= {{ dbt.dateadd(
                'day', '-1 * ' ~ var('attribution_lookback_days'), 'conversions.converted_at'
            ) }}
    left join channels on touchpoints.channel = channels.channel
),

path_sizes as (
    select
        paths.order_id,
        cast(count(*) as bigint) as path_touch_count,
        -- The channel of the sale is one of them.
        cast(
            count(distinct paths.channel_group) + 1
            - max(case when paths.channel_group = paths.order_channel_group then 1 else 0 end)
            as bigint
        ) as path_channel_group_count
    from paths
    group by paths.order_id
),

final as (
    select
        conversions.order_id,
        'last_non_direct' as attribution_model,
        paths.touchpoint_id,
        coalesce(paths.channel, 'unattributed') as channel,
        paths.campaign_id,
        paths.occurred_at as touched_at,
        conversions.ordered_at,
        conversions.order_channel,
        conversions.customer_id,
        cast(1 as {{ amount_type() }}) as credit,
        conversions.net_amount as attributed_amount,
        conversions.currency_code,
        conversions.is_refund,
        coalesce(path_sizes.path_touch_count, 0) as path_touch_count,
        coalesce(path_sizes.path_channel_group_count, 1) as path_channel_group_count
    from conversions
    left join paths
        on
            conversions.order_id = paths.order_id
            and paths.last_non_direct_rank = 1
    left join path_sizes
        on conversions.order_id = path_sizes.order_id
)

select * from final
