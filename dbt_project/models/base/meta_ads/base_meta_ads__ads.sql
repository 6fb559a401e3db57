{{ config(meta={'rows': 'data', 'key': ['ad_id_meta']}) }}

{%- set columns = [
    ['ad_id_meta', 'id', 'text', 'required'],
    ['ad_set_id_meta', 'adset_id', 'text', 'required'],
    ['campaign_id_meta', 'campaign_id', 'text', 'required'],
    ['account_id_meta', 'account_id', 'text', 'required'],
    ['ad_name', 'name', 'text', 'required'],
    ['ad_status', 'status', 'text', 'required'],
    ['created_at', 'created_time', 'timestamp'],
    ['updated_at', 'updated_time', 'timestamp'],
] -%}

{{ base_rows(source('meta_ads', 'ads'), columns) }}
