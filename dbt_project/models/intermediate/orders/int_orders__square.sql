with orders as (
    select * from {{ ref('stg_square__orders') }}
),

final as (
    select
        order_id_square as order_id,
        'square' as order_source,
        case
            when source_name = 'Online Store' then 'online_store'
            else 'store'
        end as channel,
        location_id_square as location_id,
        case when customer_id_square is not null then 'customer_id_square' end as identifier_type,
        customer_id_square as identifier_value,
        web_transaction_id,
        source_order_id_square as source_order_id,
        ordered_at,
        gross_amount,
        discount_amount,
        tax_amount,
        net_amount,
        currency_code,
        is_return as is_refund,
        order_state = 'COMPLETED' as is_final,
        load_id
    from orders
)

select * from final
