{#- A variant's price is in the shop's currency. -#}

with variants as (
    select * from {{ ref('stg_shopify__product_variants') }}
),

shops as (
    select * from {{ ref('stg_shopify__shops') }}
),

final as (
    select
        variants.product_id_shopify as product_id,
        variants.item_id_shopify as item_id,
        variants.product_name,
        -- What Shopify calls the one variant of a product without options.
        nullif(variants.variation_name, 'Default Title') as variation_name,
        variants.sku,
        nullif(variants.category_name, '') as category_name,
        variants.price_amount,
        shops.currency_code,
        variants.is_deleted
    from variants
    left join shops
        on true
)

select * from final
