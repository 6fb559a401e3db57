{{ config(meta={'rows': 'refunds', 'key': ['refund_id_square'], 'empty_page_keys': ['cursor']}) }}

{%- set columns = [
    ['refund_id_square', 'id', 'text', 'required'],
    ['payment_id_square', 'payment_id', 'text'],
    ['order_id_square', 'order_id', 'text'],
    ['location_id_square', 'location_id', 'text'],
    ['refund_status', 'status', 'text', 'required'],
    ['refund_reason', 'reason', 'text'],
    ['currency_code', 'amount_money.currency', 'text', 'required'],
    ['amount_minor', 'amount_money.amount', 'bigint', 'required'],
    ['refunded_at', 'created_at', 'timestamp', 'required'],
    ['updated_at', 'updated_at', 'timestamp', 'required'],
] -%}

{{ base_rows(source('square', 'refunds'), columns) }}
