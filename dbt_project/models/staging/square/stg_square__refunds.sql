with

source as (
    select * from {{ current_version(ref('base_square__refunds'), ['refund_id_square']) }} as refunds
),

renamed as (
    select
        refund_id_square,
        payment_id_square,
        order_id_square,
        location_id_square,
        refund_status,
        refund_reason,
        currency_code,
        {{ minor_units_to_amount('amount_minor', 'currency_code') }} as refund_amount,
        refunded_at,
        updated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
