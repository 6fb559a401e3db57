{{ config(meta={'rows': 'data', 'key': ['metric_id_klaviyo']}) }}

{%- set columns = [
    ['metric_id_klaviyo', 'id', 'text', 'required'],
    ['metric_name', 'attributes.name', 'text', 'required'],
    ['integration_name', 'attributes.integration?.name', 'text'],
    ['created_at', 'attributes.created', 'timestamp'],
    ['updated_at', 'attributes.updated', 'timestamp'],
] -%}

{{ base_rows(source('klaviyo', 'metrics'), columns) }}
