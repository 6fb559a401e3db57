{{ config(meta={'rows': 'usage_records', 'key': ['category', 'report_date']}) }}

{%- set columns = [
    ['account_id_twilio', 'account_sid', 'text', 'required'],
    ['category', 'category', 'text', 'required'],
    ['category_name', 'description', 'text'],
    ['report_date', 'start_date', 'date', 'required'],
    ['end_date', 'end_date', 'date', 'required'],
    ['usage_count', 'count', 'decimal(18, 6)'],
    ['usage_count_unit', 'count_unit', 'text'],
    ['usage_quantity', 'usage', 'decimal(18, 6)'],
    ['usage_unit', 'usage_unit', 'text'],
    ['price', 'price', 'decimal(18, 6)'],
    ['currency_code', 'price_unit', 'text'],
    ['stated_at', 'as_of', 'timestamp'],
] -%}

{{ base_rows(source('twilio', 'usage_records'), columns) }}
