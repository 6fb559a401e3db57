with

source as (
    select * from {{ current_version(ref('base_shopify__shop'), ['shop_id_shopify']) }} as shops
),

renamed as (
    select
        shop_id_shopify,
        shop_name,
        shop_domain,
        currency_code,
        time_zone,
        has_taxes_included,
        plan_name,
        created_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
