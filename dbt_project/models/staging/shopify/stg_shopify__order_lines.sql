{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_id_shopify',
    post_hook="{{ mark_processed(['shopify.orders']) }}",
) }}

with

source as (
    -- An order without lines is not in this model, so base says which orders are known.
    select *
    from {{ current_version(
        ref('base_shopify__orders'), ['order_id_shopify'], ['shopify.orders'],
        known_in=ref('base_shopify__orders')
    ) }} as orders
),

lines as (
    select
        order_id_shopify,
        has_taxes_included,
        load_id,
        pulled_at,
        unnest(line_items) as line
    from source
),

summed as (
    select
        *,
        {{ sum_of_elements('line.discounts', 'amount') }} as discount_amount,
        {{ sum_of_elements('line.taxes', 'amount') }} as tax_amount
    from lines
),

renamed as (
    select
        line.line_id_shopify as order_line_id_shopify,
        order_id_shopify,
        line.product_id_shopify as product_id_shopify,
        line.product_name as product_name,
        line.variation_name as variation_name,
        line.sku as sku,
        line.is_gift_card as is_gift_card,
        line.currency_code as currency_code,
        line.quantity as quantity,
        line.current_quantity as current_quantity,
        -- A price holds the tax where the shop says so.
        cast(
            line.price_amount - case when has_taxes_included then tax_amount else 0 end
            as {{ amount_type() }}
        ) as gross_amount,
        cast(discount_amount as {{ amount_type() }}) as discount_amount,
        cast(tax_amount as {{ amount_type() }}) as tax_amount,
        cast(
            line.price_amount - discount_amount
            + case when has_taxes_included then 0 else tax_amount end
            as {{ amount_type() }}
        ) as net_amount,
        load_id,
        pulled_at
    from summed
)

select * from renamed
