with order_lines as (
    select * from {{ ref('stg_shopify__order_lines') }}
),

refund_lines as (
    select * from {{ ref('stg_shopify__refund_lines') }}
),

final as (
    select
        order_line_id_shopify as order_line_id,
        order_id_shopify as order_id,
        product_id_shopify as product_id,
        product_name,
        quantity,
        gross_amount,
        discount_amount,
        tax_amount,
        net_amount,
        currency_code,
        false as is_refund
    from order_lines
    union all
    select
        refund_line_id,
        refund_id_shopify,
        product_id_shopify,
        product_name,
        quantity,
        gross_amount,
        discount_amount,
        tax_amount,
        net_amount,
        currency_code,
        true
    from refund_lines
)

select * from final
