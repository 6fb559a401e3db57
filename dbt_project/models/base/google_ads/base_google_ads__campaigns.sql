{{ config(meta={
    'rows': 'results',
    'key': ['campaign_id_google_ads'],
    'empty_page_keys': ['fieldMask', 'requestId', 'queryResourceConsumption', 'totalResultsCount'],
}) }}

{%- set columns = [
    ['account_id_google_ads', 'customer.id', 'text', 'required'],
    ['campaign_id_google_ads', 'campaign.id', 'text', 'required'],
    ['campaign_name', 'campaign.name', 'text', 'required'],
    ['campaign_status', 'campaign.status', 'text', 'required'],
    ['advertising_channel_type', 'campaign.advertisingChannelType', 'text', 'required'],
    ['currency_code', 'customer.currencyCode', 'text', 'required'],
    ['report_timezone', 'customer.timeZone', 'text', 'required'],
] -%}

{{ base_rows(source('google_ads', 'campaigns'), columns) }}
