{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='payment_id_square',
    post_hook="{{ mark_processed(['square.payments']) }}",
) }}

with

source as (
    select * from {{ current_version(ref('base_square__payments'), ['payment_id_square'], ['square.payments']) }} as payments
),

renamed as (
    select
        payment_id_square,
        order_id_square,
        customer_id_square,
        location_id_square,
        payment_status,
        source_type,
        card_brand,
        card_fingerprint,
        currency_code,
        {{ minor_units_to_amount('amount_minor', 'currency_code') }} as amount,
        {{ minor_units_to_amount('tip_minor', 'currency_code') }} as tip_amount,
        {{ minor_units_to_amount('total_minor', 'currency_code') }} as total_amount,
        paid_at,
        updated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
