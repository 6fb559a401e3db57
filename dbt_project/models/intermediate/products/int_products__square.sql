with catalog_items as (
    select * from {{ ref('stg_square__catalog_items') }}
),

final as (
    select
        product_id_square as product_id,
        item_id_square as item_id,
        product_name,
        variation_name,
        sku,
        category_name,
        price_amount,
        currency_code,
        is_deleted
    from catalog_items
)

select * from final
