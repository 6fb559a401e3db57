{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_rows(
        'order_id in ' ~ changed_orders()
    ) }}",
    post_hook=[
        "{{ follow_customers() }}",
        "{{ record_customers() }}",
        "{{ record_read(['int_web__transactions']) }}",
        "{{ mark_new_loads() }}",
    ],
) }}

-- depends_on: {{ ref('int_web__transactions') }}

with orders as (
    select * from {{ ref('int_orders__identified') }}
    where
        is_final
        {% if is_incremental() %}
            and order_id in {{ changed_orders() }}
        {% endif %}
),

customer_identifiers as (
    select * from {{ source('identity', 'customer_identifiers') }}
),

final as (
    select
        orders.order_id,
        customer_identifiers.customer_id,
        orders.ordered_at,
        orders.channel,
        orders.location_id,
        orders.gross_amount,
        orders.net_amount,
        orders.currency_code,
        orders.is_refund,
        orders.discount_amount,
        orders.tax_amount,
        orders.source_order_id,
        orders.order_source,
        orders.identifier_id
    from orders
    left join customer_identifiers
        on orders.identifier_id = customer_identifiers.identifier_id
)

select * from final
