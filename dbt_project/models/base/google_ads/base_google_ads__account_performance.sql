{{ config(meta={
    'rows': 'results',
    'key': ['account_id_google_ads', 'report_date'],
    'empty_page_keys': ['fieldMask', 'requestId', 'queryResourceConsumption', 'totalResultsCount'],
}) }}

{%- set columns = [
    ['account_id_google_ads', 'customer.id', 'text', 'required'],
    ['currency_code', 'customer.currencyCode', 'text', 'required'],
    ['report_timezone', 'customer.timeZone', 'text', 'required'],
    ['impressions', 'metrics.impressions', 'bigint', 'required'],
    ['clicks', 'metrics.clicks', 'bigint', 'required'],
    ['cost_micros', 'metrics.costMicros', 'bigint', 'required'],
    ['conversions', 'metrics.conversions', 'double', 'required'],
    ['conversions_value', 'metrics.conversionsValue', 'double'],
    ['report_date', 'segments.date', 'date', 'required'],
] -%}

{{ base_rows(source('google_ads', 'account_performance'), columns) }}
