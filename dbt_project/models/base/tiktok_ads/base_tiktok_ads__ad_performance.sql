{#- TikTok writes '-' where a metric does not apply to an ad. -#}
{{ config(meta={
    'rows': 'data.list',
    'key': ['ad_id_tiktok', 'report_day_at'],
    'missing': '-',
}) }}

{%- set columns = [
    ['account_id_tiktok', 'metrics.advertiser_id', 'text', 'required'],
    ['campaign_id_tiktok', 'metrics.campaign_id', 'text', 'required'],
    ['ad_group_id_tiktok', 'metrics.adgroup_id', 'text', 'required'],
    ['ad_id_tiktok', 'dimensions.ad_id', 'text', 'required'],
    ['currency_code', 'metrics.currency', 'text', 'required'],
    ['impressions', 'metrics.impressions', 'bigint', 'required'],
    ['clicks', 'metrics.clicks', 'bigint', 'required'],
    ['reach', 'metrics.reach', 'bigint'],
    ['spend', 'metrics.spend', 'decimal(18, 4)', 'required'],
    ['conversions', 'metrics.conversion', 'decimal(18, 4)'],
    ['purchases', 'metrics.complete_payment', 'decimal(18, 4)'],
    ['purchases_value', 'metrics.total_complete_payment_rate', 'decimal(18, 4)'],
    ['report_day_at', 'dimensions.stat_time_day', 'timestamp', 'required'],
] -%}

{{ base_rows(source('tiktok_ads', 'ad_performance'), columns) }}
