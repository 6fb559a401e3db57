{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='order_id_shopify',
    post_hook="{{ mark_processed(['shopify.orders']) }}",
) }}

with

source as (
    select *
    from {{ current_version(ref('base_shopify__orders'), ['order_id_shopify'], ['shopify.orders']) }}
        as orders
),

renamed as (
    select
        order_id_shopify,
        order_number,
        order_name,
        source_name,
        customer_id_shopify,
        location_id_shopify,
        -- An empty text names nobody.
        nullif(trim(email), '') as email,
        nullif(trim(phone_number), '') as phone_number,
        financial_status,
        fulfillment_status,
        cancel_reason,
        is_test,
        country_code,
        region,
        city,
        currency_code,
        -- The total includes tax, shipping and tips.
        cast(
            total_amount + coalesce(discount_amount, 0) - coalesce(tax_amount, 0)
            as {{ amount_type() }}
        ) as gross_amount,
        cast(coalesce(discount_amount, 0) as {{ amount_type() }}) as discount_amount,
        cast(coalesce(tax_amount, 0) as {{ amount_type() }}) as tax_amount,
        total_amount as net_amount,
        shipping_amount,
        tip_amount,
        current_total_amount,
        refunded_amount,
        net_payment_amount,
        presentment_currency_code,
        presentment_total_amount,
        is_journey_ready,
        customer_order_index,
        days_to_conversion,
        first_visit_at,
        first_visit_source,
        first_visit_landing_page,
        first_visit_referrer_url,
        first_utm_source,
        first_utm_medium,
        first_utm_campaign,
        first_utm_content,
        first_utm_term,
        last_visit_at,
        last_visit_source,
        last_visit_landing_page,
        last_visit_referrer_url,
        last_utm_source,
        last_utm_medium,
        last_utm_campaign,
        last_utm_content,
        last_utm_term,
        ordered_at,
        created_at,
        updated_at,
        cancelled_at,
        closed_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
