with

objects as (
    select *
    from {{ accepted_versions(ref('base_square__catalog'), ['item_id_square']) }} as catalog
),

categories as (
    select * from objects where object_type = 'CATEGORY' and is_current
),

-- A deleted variation is gone from its item, so all versions of the item are looked through.
variations as (
    select
        *,
        unnest(variations) as variation
    from objects
    where object_type = 'ITEM'
),

ranked as (
    select
        *,
        row_number() over (
            partition by variation.variation_id_square
            order by pulled_at desc, load_id desc, page_index desc, row_index desc
        ) as recency
    from variations
),

renamed as (
    select
        ranked.variation.variation_id_square as product_id_square,
        ranked.item_id_square,
        ranked.product_name,
        ranked.variation.variation_name as variation_name,
        ranked.variation.sku as sku,
        categories.category_name,
        ranked.variation.currency_code as currency_code,
        {{ minor_units_to_amount('ranked.variation.price_minor', 'ranked.variation.currency_code') }}
            as price_amount,
        coalesce(ranked.is_deleted, false) or not ranked.is_current as is_deleted,
        ranked.updated_at,
        ranked.load_id,
        ranked.pulled_at
    from ranked
    left join categories
        on ranked.category_id = categories.item_id_square
    where ranked.recency = 1
)

select * from renamed
