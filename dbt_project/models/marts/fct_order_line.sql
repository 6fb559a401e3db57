{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_rows(
        'order_id in ' ~ changed_orders()
    ) }}",
    post_hook=["{{ record_read(['int_web__transactions']) }}", "{{ mark_new_loads() }}"],
) }}

-- depends_on: {{ ref('int_web__transactions') }}

with order_lines as (
    select * from {{ ref('int_orders__unioned_lines') }}
    {% if is_incremental() %}
        where order_id in {{ changed_orders() }}
    {% endif %}
),

orders as (
    select * from {{ ref('int_orders__unioned') }} where is_final
),

final as (
    select
        order_lines.order_line_id,
        order_lines.order_id,
        orders.ordered_at,
        orders.channel,
        orders.location_id,
        order_lines.product_id,
        order_lines.quantity,
        order_lines.gross_amount,
        order_lines.discount_amount,
        order_lines.tax_amount,
        order_lines.net_amount,
        order_lines.currency_code,
        order_lines.is_refund
    from order_lines
    inner join orders
        on order_lines.order_id = orders.order_id
)

select * from final
