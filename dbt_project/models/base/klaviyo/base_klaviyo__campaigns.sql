{{ config(meta={'rows': 'data', 'key': ['campaign_id_klaviyo']}) }}

{%- set columns = [
    ['campaign_id_klaviyo', 'id', 'text', 'required'],
    ['message_id_klaviyo', 'relationships.campaign-messages.data[0].id', 'text'],
    ['campaign_name', 'attributes.name', 'text', 'required'],
    ['campaign_status', 'attributes.status', 'text', 'required'],
    ['sent_at', 'attributes.send_time', 'timestamp'],
    ['created_at', 'attributes.created_at', 'timestamp', 'required'],
    ['scheduled_at', 'attributes.scheduled_at', 'timestamp'],
    ['updated_at', 'attributes.updated_at', 'timestamp', 'required'],
] -%}

{{ base_rows(source('klaviyo', 'campaigns'), columns) }}
