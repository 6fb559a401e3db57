{#- Shopify has one time zone and one currency, those of the shop. -#}

with locations as (
    select * from {{ ref('stg_shopify__locations') }}
),

shops as (
    select * from {{ ref('stg_shopify__shops') }}
),

final as (
    select
        locations.location_id_shopify as location_id,
        locations.location_name,
        case when locations.is_fulfillment_service then 'FULFILLMENT_SERVICE' else 'PHYSICAL' end
            as location_type,
        case when locations.is_active then 'ACTIVE' else 'INACTIVE' end as location_status,
        locations.phone_number,
        locations.street_address,
        locations.city,
        locations.region,
        locations.postal_code,
        locations.country_code,
        shops.time_zone,
        shops.currency_code
    from locations
    left join shops
        on true
)

select * from final
