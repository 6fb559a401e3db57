{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_id_square',
    post_hook="{{ mark_processed(['square.orders']) }}",
) }}

with

source as (
    select *
    from {{ current_version(ref('base_square__orders'), ['order_id_square'], ['square.orders']) }}
        as orders
),

-- Net amounts are sales less returns. Totals leave returns out.
totalled as (
    select
        *,
        coalesce(net_total_minor, total_minor) as paid_minor,
        coalesce(net_tax_minor, tax_minor, 0) as paid_tax_minor,
        coalesce(net_discount_minor, discount_minor, 0) as paid_discount_minor,
        coalesce(net_currency_code, currency_code) as paid_currency_code
    from source
),

renamed as (
    select
        order_id_square,
        location_id_square,
        web_transaction_id,
        source_name,
        customer_id_square,
        order_state,
        returns[1].source_order_id_square as source_order_id_square,
        paid_currency_code as currency_code,
        {{ minor_units_to_amount(
            'paid_minor + paid_discount_minor - paid_tax_minor', 'paid_currency_code'
        ) }} as gross_amount,
        {{ minor_units_to_amount('paid_discount_minor', 'paid_currency_code') }} as discount_amount,
        {{ minor_units_to_amount('paid_tax_minor', 'paid_currency_code') }} as tax_amount,
        {{ minor_units_to_amount('paid_minor', 'paid_currency_code') }} as net_amount,
        coalesce(len(line_items), 0) = 0 and coalesce(len(returns), 0) > 0 as is_return,
        ordered_at,
        updated_at,
        closed_at,
        load_id,
        pulled_at
    from totalled
)

select * from renamed
