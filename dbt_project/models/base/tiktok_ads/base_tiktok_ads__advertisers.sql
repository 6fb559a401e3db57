{{ config(meta={'rows': 'data.list', 'key': ['account_id_tiktok']}) }}

{%- set columns = [
    ['account_id_tiktok', 'advertiser_id', 'text', 'required'],
    ['account_name', 'name', 'text'],
    ['currency_code', 'currency', 'text', 'required'],
    ['report_timezone', 'timezone', 'text', 'required'],
    ['display_timezone', 'display_timezone', 'text'],
    ['account_status', 'status', 'text'],
] -%}

{{ base_rows(source('tiktok_ads', 'advertisers'), columns) }}
