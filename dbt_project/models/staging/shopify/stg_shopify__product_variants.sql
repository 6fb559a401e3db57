with

source as (
    select * from {{ current_version(ref('base_shopify__products'), ['product_id_shopify']) }} as products
),

-- What is deleted is gone from the list; what was last said of it stays here.
deleted as (
    select
        subject_id_shopify,
        max(deleted_at) as deleted_at
    from {{ ref('stg_shopify__deletions') }}
    where subject_type in ('PRODUCT', 'PRODUCT_VARIANT')
    group by subject_id_shopify
),

renamed as (
    select
        source.product_id_shopify,
        source.item_id_shopify,
        source.product_name,
        source.variation_name,
        source.sku,
        source.barcode,
        source.category_name,
        source.vendor_name,
        source.product_status,
        source.is_gift_card,
        source.price_amount,
        coalesce(variant_deleted.deleted_at, product_deleted.deleted_at) is not null as is_deleted,
        coalesce(variant_deleted.deleted_at, product_deleted.deleted_at) as deleted_at,
        source.updated_at,
        source.load_id,
        source.pulled_at
    from source
    left join deleted as variant_deleted
        on source.product_id_shopify = variant_deleted.subject_id_shopify
    left join deleted as product_deleted
        on source.item_id_shopify = product_deleted.subject_id_shopify
)

select * from renamed
