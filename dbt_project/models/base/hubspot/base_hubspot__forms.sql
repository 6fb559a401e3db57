{{ config(meta={'rows': 'results', 'key': ['form_id_hubspot']}) }}

{%- set columns = [
    ['form_id_hubspot', 'id', 'text', 'required'],
    ['form_name', 'name', 'text', 'required'],
    ['form_type', 'formType', 'text', 'required'],
    ['is_archived', 'archived', 'boolean'],
    ['archived_at', 'archivedAt', 'timestamp'],
    ['created_at', 'createdAt', 'timestamp', 'required'],
    ['updated_at', 'updatedAt', 'timestamp'],
] -%}

{{ base_rows(source('hubspot', 'forms'), columns) }}
