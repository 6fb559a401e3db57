with

source as (
    select * from {{ current_version(ref('base_shopify__locations'), ['location_id_shopify']) }} as locations
),

renamed as (
    select
        location_id_shopify,
        location_name,
        is_active,
        is_fulfillment_service,
        has_online_fulfillment,
        phone_number,
        street_address,
        city,
        region,
        postal_code,
        country_code,
        created_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
