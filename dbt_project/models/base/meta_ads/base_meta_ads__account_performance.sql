{{ config(meta={'rows': 'data', 'key': ['account_id_meta', 'report_date']}) }}

{%- set columns = [
    ['account_id_meta', 'account_id', 'text', 'required'],
    ['currency_code', 'account_currency', 'text', 'required'],
    ['impressions', 'impressions', 'bigint', 'required'],
    ['clicks', 'clicks', 'bigint', 'required'],
    ['reach', 'reach', 'bigint'],
    ['spend', 'spend', 'decimal(18, 4)', 'required'],
    ['actions', 'actions', 'list', [
        ['action_type', 'action_type', 'text', 'required'],
        ['action_count', 'value', 'decimal(18, 4)', 'required'],
    ]],
    ['action_values', 'action_values', 'list', [
        ['action_type', 'action_type', 'text', 'required'],
        ['action_amount', 'value', 'decimal(18, 4)', 'required'],
    ]],
    ['report_date', 'date_start', 'date', 'required'],
    ['report_end_date', 'date_stop', 'date'],
] -%}

{{ base_rows(source('meta_ads', 'account_performance'), columns) }}
