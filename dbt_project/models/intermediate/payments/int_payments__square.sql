with payments as (
    select * from {{ ref('stg_square__payments') }}
),

final as (
    select
        payment_id_square as payment_id,
        'square_payment' as payment_source,
        order_id_square as order_id,
        case when customer_id_square is not null then 'customer_id_square' end as identifier_type,
        customer_id_square as identifier_value,
        card_fingerprint,
        paid_at,
        load_id
    from payments
    where payment_status in ('APPROVED', 'COMPLETED')
)

select * from final
