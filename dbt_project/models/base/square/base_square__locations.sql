{{ config(meta={
    'rows': 'locations',
    'key': ['location_id_square'],
    'empty_page_keys': ['cursor'],
}) }}

{%- set columns = [
    ['location_id_square', 'id', 'text', 'required'],
    ['location_name', 'name', 'text', 'required'],
    ['phone_number', 'phone_number', 'text'],
    ['street_address', 'address?.address_line_1', 'text'],
    ['city', 'address?.locality', 'text'],
    ['region', 'address?.administrative_district_level_1', 'text'],
    ['postal_code', 'address?.postal_code', 'text'],
    ['country_code', 'country', 'text'],
    ['time_zone', 'timezone', 'text', 'required'],
    ['currency_code', 'currency', 'text', 'required'],
    ['location_status', 'status', 'text'],
    ['location_type', 'type', 'text'],
    ['created_at', 'created_at', 'timestamp'],
] -%}

{{ base_rows(source('square', 'locations'), columns) }}
