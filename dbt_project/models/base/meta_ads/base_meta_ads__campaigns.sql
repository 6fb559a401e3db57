{{ config(meta={'rows': 'data', 'key': ['campaign_id_meta']}) }}

{%- set columns = [
    ['campaign_id_meta', 'id', 'text', 'required'],
    ['account_id_meta', 'account_id', 'text', 'required'],
    ['campaign_name', 'name', 'text', 'required'],
    ['campaign_status', 'status', 'text', 'required'],
    ['objective', 'objective', 'text'],
    ['created_at', 'created_time', 'timestamp'],
    ['updated_at', 'updated_time', 'timestamp'],
] -%}

{{ base_rows(source('meta_ads', 'campaigns'), columns) }}
