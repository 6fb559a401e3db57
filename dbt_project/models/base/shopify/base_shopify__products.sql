{{ config(meta={'rows': 'data.productVariants.nodes', 'key': ['product_id_shopify']}) }}

{%- set columns = [
    ['product_id_shopify', 'id', 'text', 'required'],
    ['item_id_shopify', 'product.id', 'text', 'required'],
    ['product_name', 'product.title', 'text', 'required'],
    ['variation_name', 'title', 'text'],
    ['sku', 'sku', 'text'],
    ['barcode', 'barcode', 'text'],
    ['category_name', 'product.productType', 'text'],
    ['vendor_name', 'product.vendor', 'text'],
    ['product_status', 'product.status', 'text'],
    ['is_gift_card', 'product.isGiftCard', 'boolean'],
    ['price_amount', 'price', 'decimal(18, 4)', 'required'],
    ['created_at', 'createdAt', 'timestamp'],
    ['updated_at', 'updatedAt', 'timestamp', 'required'],
] -%}

{{ base_rows(source('shopify', 'products'), columns) }}
