with unioned as (
    select * from {{ ref('int_orders__square') }}
    union all
    select * from {{ ref('int_orders__files') }}
    union all
    select * from {{ ref('int_orders__shopify') }}
    -- A feed of orders adds itself here: union all select * from its int_orders__<feed>.
),

final as (
    select
        order_id,
        order_source,
        channel,
        location_id,
        identifier_type,
        identifier_value,
        web_transaction_id,
        source_order_id,
        ordered_at,
        cast(gross_amount as {{ amount_type() }}) as gross_amount,
        cast(discount_amount as {{ amount_type() }}) as discount_amount,
        cast(tax_amount as {{ amount_type() }}) as tax_amount,
        cast(net_amount as {{ amount_type() }}) as net_amount,
        currency_code,
        is_refund,
        is_final,
        load_id
    from unioned
)

select * from final
