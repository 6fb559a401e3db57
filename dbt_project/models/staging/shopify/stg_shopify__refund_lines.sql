{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='refund_id_shopify',
    post_hook="{{ mark_processed(['shopify.refunds']) }}",
) }}

with

source as (
    select *
    from {{ current_version(
        ref('base_shopify__refunds'), ['refund_id_shopify'], ['shopify.refunds'],
        known_in=ref('base_shopify__refunds')
    ) }} as refunds
),

lines as (
    select
        refund_id_shopify,
        order_id_shopify,
        currency_code,
        has_taxes_included,
        load_id,
        pulled_at,
        unnest(refund_lines) as line
    from source
),

priced as (
    select
        *,
        line.unit_amount * line.quantity - line.subtotal_amount as given_discount_amount,
        line.subtotal_amount
        + case when has_taxes_included then 0 else line.tax_amount end as paid_amount
    from lines
),

renamed as (
    select
        -- A line given back in one refund is in it once.
        concat(refund_id_shopify, ':', line.line_id_shopify) as refund_line_id,
        refund_id_shopify,
        order_id_shopify,
        line.line_id_shopify as order_line_id_shopify,
        line.product_id_shopify as product_id_shopify,
        line.product_name as product_name,
        line.restock_type as restock_type,
        currency_code,
        -line.quantity as quantity,
        cast(
            -(paid_amount + given_discount_amount - line.tax_amount) as {{ amount_type() }}
        ) as gross_amount,
        cast(-given_discount_amount as {{ amount_type() }}) as discount_amount,
        cast(-line.tax_amount as {{ amount_type() }}) as tax_amount,
        cast(-paid_amount as {{ amount_type() }}) as net_amount,
        load_id,
        pulled_at
    from priced
)

select * from renamed
