{{ config(meta={
    'rows': 'results',
    'key': ['ad_id_google_ads'],
    'empty_page_keys': ['fieldMask', 'requestId', 'queryResourceConsumption', 'totalResultsCount'],
}) }}

{%- set columns = [
    ['account_id_google_ads', 'customer.id', 'text', 'required'],
    ['campaign_id_google_ads', 'campaign.id', 'text', 'required'],
    ['ad_group_id_google_ads', 'adGroup.id', 'text', 'required'],
    ['ad_group_name', 'adGroup.name', 'text'],
    ['ad_id_google_ads', 'adGroupAd.ad.id', 'text', 'required'],
    ['ad_name', 'adGroupAd.ad.name', 'text'],
    ['ad_type', 'adGroupAd.ad.type', 'text'],
    ['ad_status', 'adGroupAd.status', 'text', 'required'],
    ['final_url', 'adGroupAd.ad.finalUrls[0]', 'text'],
] -%}

{{ base_rows(source('google_ads', 'ads'), columns) }}
