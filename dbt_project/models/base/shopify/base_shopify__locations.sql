{{ config(meta={'rows': 'data.locations.nodes', 'key': ['location_id_shopify']}) }}

{%- set columns = [
    ['location_id_shopify', 'id', 'text', 'required'],
    ['location_name', 'name', 'text', 'required'],
    ['is_active', 'isActive', 'boolean', 'required'],
    ['is_fulfillment_service', 'isFulfillmentService', 'boolean'],
    ['has_online_fulfillment', 'fulfillsOnlineOrders', 'boolean'],
    ['phone_number', 'address?.phone', 'text'],
    ['street_address', 'address?.address1', 'text'],
    ['city', 'address?.city', 'text'],
    ['region', 'address?.provinceCode', 'text'],
    ['postal_code', 'address?.zip', 'text'],
    ['country_code', 'address?.countryCode', 'text'],
    ['created_at', 'createdAt', 'timestamp'],
    ['updated_at', 'updatedAt', 'timestamp'],
] -%}

{{ base_rows(source('shopify', 'locations'), columns) }}
