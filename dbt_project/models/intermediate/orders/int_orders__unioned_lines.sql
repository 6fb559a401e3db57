with unioned as (
    select * from {{ ref('int_orders__square_lines') }}
    union all
    select * from {{ ref('int_orders__files_lines') }}
    union all
    select * from {{ ref('int_orders__shopify_lines') }}
    -- A feed of orders adds itself here: union all select * from its int_orders__<feed>_lines.
),

final as (
    select
        order_line_id,
        order_id,
        product_id,
        product_name,
        cast(quantity as {{ amount_type() }}) as quantity,
        cast(gross_amount as {{ amount_type() }}) as gross_amount,
        cast(discount_amount as {{ amount_type() }}) as discount_amount,
        cast(tax_amount as {{ amount_type() }}) as tax_amount,
        cast(net_amount as {{ amount_type() }}) as net_amount,
        currency_code,
        is_refund
    from unioned
)

select * from final
