with

source as (
    select * from {{ current_version(ref('base_square__locations'), ['location_id_square']) }} as locations
),

renamed as (
    select
        location_id_square,
        location_name,
        phone_number,
        street_address,
        city,
        region,
        postal_code,
        country_code,
        time_zone,
        currency_code,
        location_status,
        location_type,
        created_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
