with locations as (
    select * from {{ ref('int_locations__unioned') }}
),

-- A sale may name a place before the vendor has shown it.
sold_at as (
    select distinct location_id
    from {{ ref('int_orders__unioned') }}
    where location_id is not null
),

final as (
    select
        coalesce(locations.location_id, sold_at.location_id) as location_id,
        locations.location_name,
        locations.location_type,
        locations.location_status,
        locations.phone_number,
        locations.street_address,
        locations.city,
        locations.region,
        locations.postal_code,
        locations.country_code,
        locations.time_zone,
        locations.currency_code,
        locations.location_id is null as is_inferred
    from locations
    full outer join sold_at
        on locations.location_id = sold_at.location_id
)

select * from final
