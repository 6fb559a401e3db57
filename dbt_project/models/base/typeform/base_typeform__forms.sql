{{ config(meta={'rows': 'items', 'key': ['form_id_typeform']}) }}

{%- set columns = [
    ['form_id_typeform', 'id', 'text', 'required'],
    ['form_title', 'title', 'text', 'required'],
    ['form_type', 'type', 'text'],
    ['created_at', 'created_at', 'timestamp'],
    ['updated_at', 'last_updated_at', 'timestamp'],
] -%}

{{ base_rows(source('typeform', 'forms'), columns) }}
