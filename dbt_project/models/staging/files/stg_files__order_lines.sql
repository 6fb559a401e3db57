{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_line_id_files',
    post_hook="{{ mark_processed(['files.orders']) }}",
) }}

with

source as (
    select * from {{ file_rows(ref('base_files__orders'), 'files.orders') }} as file_rows
),

-- A file gives the price of one, or what was paid for the line, or both.
priced as (
    select
        *,
        cast(quantity * unit_price_amount as decimal(18, 4)) as list_amount,
        coalesce(discount_amount, 0) as line_discount_amount,
        coalesce(tax_amount, 0) as line_tax_amount
    from source
),

paid as (
    select
        *,
        coalesce(net_amount, list_amount - line_discount_amount + line_tax_amount)
            as line_net_amount
    from priced
),

renamed as (
    select
        row_id as order_line_id_files,
        concat(feed_name, ':', order_id) as order_id_files,
        feed_name,
        file_name,
        row_number,
        line_id,
        product_id,
        product_name,
        feed_name || ':' || source_order_id as source_order_id_files,
        customer_number,
        customer_issuer,
        loyalty_number,
        email,
        phone_number,
        location_name,
        country,
        sales_channel,
        currency_code,
        quantity,
        unit_price_amount,
        cast(line_net_amount + line_discount_amount - line_tax_amount as decimal(18, 4))
            as gross_amount,
        cast(line_discount_amount as decimal(18, 4)) as discount_amount,
        cast(line_tax_amount as decimal(18, 4)) as tax_amount,
        cast(line_net_amount as decimal(18, 4)) as net_amount,
        coalesce(is_return, quantity < 0) as is_return,
        is_deleted,
        ordered_at,
        load_id,
        pulled_at
    from paid
)

select * from renamed
