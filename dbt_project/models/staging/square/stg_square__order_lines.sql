{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_id_square',
    post_hook="{{ mark_processed(['square.orders']) }}",
) }}

with

source as (
    -- An order without lines is not in this model, so base says which orders are known.
    select *
    from {{ current_version(
        ref('base_square__orders'), ['order_id_square'], ['square.orders'],
        known_in=ref('base_square__orders')
    ) }} as orders
),

sold as (
    select
        order_id_square,
        load_id,
        pulled_at,
        unnest(line_items) as line
    from source
),

order_returns as (
    select
        order_id_square,
        load_id,
        pulled_at,
        unnest(returns) as order_return
    from source
),

returned as (
    select
        order_id_square,
        load_id,
        pulled_at,
        unnest(order_return.return_line_items) as line
    from order_returns
),

lines as (
    select order_id_square, load_id, pulled_at, false as is_return, 1 as sign,
        line.line_uid, line.product_id_square, line.product_name, line.quantity,
        line.gross_minor, line.discount_minor, line.tax_minor, line.total_minor, line.currency_code
    from sold
    union all
    select order_id_square, load_id, pulled_at, true as is_return, -1 as sign,
        line.line_uid, line.product_id_square, line.product_name, line.quantity,
        line.gross_minor, line.discount_minor, line.tax_minor, line.total_minor, line.currency_code
    from returned
),

renamed as (
    select
        concat(order_id_square, ':', line_uid) as order_line_id_square,
        order_id_square,
        line_uid,
        product_id_square,
        product_name,
        currency_code,
        cast(sign * quantity as decimal(18, 5)) as quantity,
        {{ minor_units_to_amount('sign * gross_minor', 'currency_code') }} as gross_amount,
        {{ minor_units_to_amount('sign * discount_minor', 'currency_code') }} as discount_amount,
        {{ minor_units_to_amount('sign * tax_minor', 'currency_code') }} as tax_amount,
        {{ minor_units_to_amount('sign * total_minor', 'currency_code') }} as net_amount,
        is_return,
        load_id,
        pulled_at
    from lines
)

select * from renamed
