{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='refund_id_shopify',
    post_hook="{{ mark_processed(['shopify.refunds']) }}",
) }}

with

source as (
    select *
    from {{ current_version(
        ref('base_shopify__refunds'), ['refund_id_shopify'], ['shopify.refunds']
    ) }} as refunds
),

summed as (
    select
        *,
        {{ sum_of_elements('refund_lines', 'tax_amount') }} as line_tax_amount,
        {{ sum_of_elements('refund_lines', 'unit_amount * item.quantity') }}
        - {{ sum_of_elements('refund_lines', 'subtotal_amount') }} as line_discount_amount
    from source
),

-- What went back in money, which may be more than the lines (shipping) or less (a fee kept).
renamed as (
    select
        refund_id_shopify,
        order_id_shopify,
        source_name,
        customer_id_shopify,
        location_id_shopify,
        -- An empty text names nobody.
        nullif(trim(email), '') as email,
        nullif(trim(phone_number), '') as phone_number,
        financial_status,
        refund_note,
        is_test,
        currency_code,
        cast(
            -(refunded_amount + line_discount_amount - line_tax_amount) as {{ amount_type() }}
        ) as gross_amount,
        cast(-line_discount_amount as {{ amount_type() }}) as discount_amount,
        cast(-line_tax_amount as {{ amount_type() }}) as tax_amount,
        cast(-refunded_amount as {{ amount_type() }}) as net_amount,
        refunded_at,
        updated_at,
        load_id,
        pulled_at
    from summed
)

select * from renamed
