{{ config(meta={
    'rows': 'data.list',
    'key': ['account_id_tiktok', 'report_day_at'],
    'missing': '-',
}) }}

{%- set columns = [
    ['account_id_tiktok', 'dimensions.advertiser_id', 'text', 'required'],
    ['currency_code', 'metrics.currency', 'text', 'required'],
    ['impressions', 'metrics.impressions', 'bigint', 'required'],
    ['clicks', 'metrics.clicks', 'bigint', 'required'],
    ['reach', 'metrics.reach', 'bigint'],
    ['spend', 'metrics.spend', 'decimal(18, 4)', 'required'],
    ['purchases', 'metrics.complete_payment', 'decimal(18, 4)'],
    ['purchases_value', 'metrics.total_complete_payment_rate', 'decimal(18, 4)'],
    ['report_day_at', 'dimensions.stat_time_day', 'timestamp', 'required'],
] -%}

{{ base_rows(source('tiktok_ads', 'account_performance'), columns) }}
