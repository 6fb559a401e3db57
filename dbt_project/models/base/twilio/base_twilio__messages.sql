{{ config(meta={'rows': 'messages', 'key': ['message_id_twilio']}) }}

{%- set columns = [
    ['message_id_twilio', 'sid', 'text', 'required'],
    ['account_id_twilio', 'account_sid', 'text', 'required'],
    ['messaging_service_id_twilio', 'messaging_service_sid', 'text'],
    ['direction', 'direction', 'text', 'required'],
    ['message_status', 'status', 'text', 'required'],
    ['error_code', 'error_code', 'text'],
    ['error_message', 'error_message', 'text'],
    ['sender_address', 'from', 'text'],
    ['receiver_address', 'to', 'text'],
    ['body', 'body', 'text'],
    ['segment_count', 'num_segments', 'bigint'],
    ['media_count', 'num_media', 'bigint'],
    ['price', 'price', 'decimal(18, 6)'],
    ['currency_code', 'price_unit', 'text'],
    ['created_at', 'date_created', 'rfc2822', 'required'],
    ['sent_at', 'date_sent', 'rfc2822'],
    ['updated_at', 'date_updated', 'rfc2822'],
] -%}

{{ base_rows(source('twilio', 'messages'), columns) }}
