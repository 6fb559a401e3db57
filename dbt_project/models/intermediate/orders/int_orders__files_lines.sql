with order_lines as (
    select * from {{ ref('stg_files__order_lines') }}
),

final as (
    select
        order_line_id_files as order_line_id,
        order_id_files as order_id,
        feed_name || ':' || product_id as product_id,
        product_name,
        quantity,
        gross_amount,
        discount_amount,
        tax_amount,
        net_amount,
        currency_code,
        is_return as is_refund
    from order_lines
    where not is_deleted
)

select * from final
