{{ config(meta={'rows': 'services', 'key': ['messaging_service_id_twilio']}) }}

{%- set columns = [
    ['messaging_service_id_twilio', 'sid', 'text', 'required'],
    ['account_id_twilio', 'account_sid', 'text', 'required'],
    ['service_name', 'friendly_name', 'text'],
    ['use_case', 'usecase', 'text'],
    ['created_at', 'date_created', 'timestamp'],
    ['updated_at', 'date_updated', 'timestamp'],
] -%}

{{ base_rows(source('twilio', 'messaging_services'), columns) }}
