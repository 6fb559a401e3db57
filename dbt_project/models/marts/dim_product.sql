with products as (
    select * from {{ ref('int_products__unioned') }}
),

-- A sale may name a product before the vendor has shown it.
sold as (
    select
        product_id,
        max(product_name) as product_name
    from {{ ref('int_orders__unioned_lines') }}
    where product_id is not null
    group by product_id
),

final as (
    select
        coalesce(products.product_id, sold.product_id) as product_id,
        products.item_id,
        coalesce(products.product_name, sold.product_name) as product_name,
        products.variation_name,
        products.sku,
        products.category_name,
        products.price_amount,
        products.currency_code,
        coalesce(products.is_deleted, false) as is_deleted,
        products.product_id is null as is_inferred
    from products
    full outer join sold
        on products.product_id = sold.product_id
)

select * from final
