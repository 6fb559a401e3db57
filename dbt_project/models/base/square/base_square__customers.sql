{{ config(meta={
    'rows': 'customers',
    'key': ['customer_id_square'],
    'empty_page_keys': ['cursor'],
}) }}

{%- set columns = [
    ['customer_id_square', 'id', 'text', 'required'],
    ['loyalty_number', 'reference_id', 'text'],
    ['email', 'email_address', 'text'],
    ['phone_number', 'phone_number', 'text'],
    ['first_name', 'given_name', 'text'],
    ['last_name', 'family_name', 'text'],
    ['street_address', 'address?.address_line_1', 'text'],
    ['city', 'address?.locality', 'text'],
    ['postal_code', 'address?.postal_code', 'text'],
    ['country_code', 'address?.country', 'text'],
    ['birth_date', 'birthday', 'date'],
    ['created_at', 'created_at', 'timestamp', 'required'],
    ['updated_at', 'updated_at', 'timestamp', 'required'],
] -%}

{{ base_rows(source('square', 'customers'), columns) }}
