{{ config(meta={'rows': '', 'key': ['account_id_meta']}) }}

{%- set columns = [
    ['account_id_meta', 'account_id', 'text', 'required'],
    ['account_name', 'name', 'text'],
    ['currency_code', 'currency', 'text', 'required'],
    ['report_timezone', 'timezone_name', 'text', 'required'],
] -%}

{{ base_rows(source('meta_ads', 'accounts'), columns) }}
