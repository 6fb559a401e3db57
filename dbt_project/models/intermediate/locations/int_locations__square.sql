with locations as (
    select * from {{ ref('stg_square__locations') }}
),

final as (
    select
        location_id_square as location_id,
        location_name,
        location_type,
        location_status,
        phone_number,
        street_address,
        city,
        region,
        postal_code,
        country_code,
        time_zone,
        currency_code
    from locations
)

select * from final
