with unioned as (
    select * from {{ ref('int_products__square') }}
    union all
    select * from {{ ref('int_products__shopify') }}
    -- A feed of products adds itself here: union all select * from its int_products__<feed>.
),

final as (
    select
        product_id,
        item_id,
        product_name,
        variation_name,
        sku,
        category_name,
        cast(price_amount as {{ amount_type() }}) as price_amount,
        currency_code,
        is_deleted
    from unioned
)

select * from final
