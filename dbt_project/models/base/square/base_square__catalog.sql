{{ config(meta={
    'rows': 'objects',
    'key': ['item_id_square'],
    'empty_page_keys': ['cursor', 'latest_time'],
}) }}

{%- set columns = [
    ['item_id_square', 'id', 'text', 'required'],
    ['object_type', 'type', 'text', 'required'],
    ['product_name', 'item_data?.name', 'text'],
    ['category_id', 'item_data?.categories[0].id', 'text'],
    ['category_name', 'category_data?.name', 'text'],
    ['object_version', 'version', 'bigint'],
    ['is_deleted', 'is_deleted', 'boolean'],
    ['updated_at', 'updated_at', 'timestamp', 'required'],
    ['variations', 'item_data?.variations', 'list', [
        ['variation_id_square', 'id', 'text', 'required'],
        ['variation_name', 'item_variation_data.name', 'text'],
        ['sku', 'item_variation_data.sku', 'text'],
        ['price_minor', 'item_variation_data.price_money.amount', 'bigint'],
        ['currency_code', 'item_variation_data.price_money.currency', 'text'],
    ]],
] -%}

{{ base_rows(source('square', 'catalog'), columns) }}
