{{ config(meta={'rows': 'items', 'key': ['form_id_typeform', 'response_id_typeform']}) }}

{%- set columns = [
    ['form_id_typeform', 'request:/forms/([^/]+)/responses', 'text', 'required'],
    ['response_id_typeform', 'response_id', 'text', 'required'],
    ['response_type', 'response_type', 'text'],
    ['landed_at', 'landed_at', 'timestamp'],
    ['submitted_at', 'submitted_at', 'timestamp', 'required'],
    ['device_platform', 'metadata?.platform', 'text'],
    ['hidden_email', 'hidden?.email', 'text'],
    ['hidden_phone', 'hidden?.phone', 'text'],
    ['hidden_customer_number', 'hidden?.customer_number', 'text'],
    ['hidden_visitor_id', 'hidden?.visitor_id', 'text'],
    ['hidden_order_id', 'hidden?.order_id', 'text'],
    ['hidden_campaign_id', 'hidden?.utm_campaign', 'text'],
    ['calculated_score', 'calculated?.score', 'decimal(18, 4)'],
    ['answers', 'answers', 'list', [
        ['question_id', 'field.id', 'text', 'required'],
        ['question_ref', 'field.ref', 'text'],
        ['question_type', 'field.type', 'text'],
        ['answer_type', 'type', 'text', 'required'],
        ['answer_number', 'number', 'decimal(18, 4)'],
        ['is_yes', 'boolean', 'boolean'],
        ['choice', 'choice.label', 'text'],
        ['choices', 'choices.labels', 'text'],
        ['answer_date', 'date', 'text'],
        ['answer_text', 'text', 'text'],
        ['answer_email', 'email', 'text'],
        ['answer_phone', 'phone_number', 'text'],
    ]],
] -%}

{{ base_rows(source('typeform', 'responses'), columns) }}
