{{ config(meta={'rows': '', 'key': ['shop_id_shopify']}) }}

{%- set columns = [
    ['shop_id_shopify', 'data.shop.id', 'text', 'required'],
    ['shop_name', 'data.shop.name', 'text', 'required'],
    ['shop_domain', 'data.shop.myshopifyDomain', 'text', 'required'],
    ['currency_code', 'data.shop.currencyCode', 'text', 'required'],
    ['time_zone', 'data.shop.ianaTimezone', 'text', 'required'],
    ['has_taxes_included', 'data.shop.taxesIncluded', 'boolean'],
    ['plan_name', 'data.shop.plan.publicDisplayName', 'text'],
    ['created_at', 'data.shop.createdAt', 'timestamp'],
    ['updated_at', 'data.shop.updatedAt', 'timestamp'],
] -%}

{{ base_rows(source('shopify', 'shop'), columns) }}
