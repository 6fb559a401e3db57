{{ config(meta={'rows': 'data.list', 'key': ['ad_id_tiktok']}) }}

{%- set columns = [
    ['ad_id_tiktok', 'ad_id', 'text', 'required'],
    ['ad_group_id_tiktok', 'adgroup_id', 'text', 'required'],
    ['campaign_id_tiktok', 'campaign_id', 'text', 'required'],
    ['account_id_tiktok', 'advertiser_id', 'text', 'required'],
    ['ad_group_name', 'adgroup_name', 'text'],
    ['ad_name', 'ad_name', 'text'],
    ['ad_type', 'ad_format', 'text'],
    ['final_url', 'landing_page_url', 'text'],
    ['operation_status', 'operation_status', 'text'],
    ['ad_status', 'secondary_status', 'text', 'required'],
    ['created_at', 'create_time', 'timestamp'],
    ['updated_at', 'modify_time', 'timestamp'],
] -%}

{{ base_rows(source('tiktok_ads', 'ads'), columns) }}
