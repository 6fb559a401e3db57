{{ config(meta={'rows': 'data.list', 'key': ['campaign_id_tiktok']}) }}

{%- set columns = [
    ['campaign_id_tiktok', 'campaign_id', 'text', 'required'],
    ['account_id_tiktok', 'advertiser_id', 'text', 'required'],
    ['campaign_name', 'campaign_name', 'text', 'required'],
    ['objective', 'objective_type', 'text'],
    ['operation_status', 'operation_status', 'text'],
    ['campaign_status', 'secondary_status', 'text', 'required'],
    ['created_at', 'create_time', 'timestamp'],
    ['updated_at', 'modify_time', 'timestamp'],
] -%}

{{ base_rows(source('tiktok_ads', 'campaigns'), columns) }}
