with order_lines as (
    select * from {{ ref('stg_square__order_lines') }}
),

final as (
    select
        order_line_id_square as order_line_id,
        order_id_square as order_id,
        product_id_square as product_id,
        product_name,
        quantity,
        gross_amount,
        discount_amount,
        tax_amount,
        net_amount,
        currency_code,
        is_return as is_refund
    from order_lines
)

select * from final
