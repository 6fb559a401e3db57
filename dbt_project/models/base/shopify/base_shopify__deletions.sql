{{ config(meta={'rows': 'data.events.nodes', 'key': ['event_id_shopify']}) }}

{%- set columns = [
    ['event_id_shopify', 'id', 'text', 'required'],
    ['event_action', 'action', 'text', 'required'],
    ['subject_id_shopify', 'subjectId', 'text', 'required'],
    ['subject_type', 'subjectType', 'text', 'required'],
    ['deleted_at', 'createdAt', 'timestamp', 'required'],
] -%}

{{ base_rows(source('shopify', 'deletions'), columns) }}
