with payments as (
    select * from {{ ref('stg_square__payments') }}
),

final as (
    select distinct
        {{ identifier_id("'customer_id_square'", 'customer_id_square') }} as identifier_id,
        'card' as share_type,
        card_fingerprint as shared_key
    from payments
    where customer_id_square is not null and card_fingerprint is not null
)

select * from final
