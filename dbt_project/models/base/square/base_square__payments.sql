{{ config(meta={'rows': 'payments', 'key': ['payment_id_square'], 'empty_page_keys': ['cursor']}) }}

{%- set columns = [
    ['payment_id_square', 'id', 'text', 'required'],
    ['order_id_square', 'order_id', 'text'],
    ['customer_id_square', 'customer_id', 'text'],
    ['location_id_square', 'location_id', 'text', 'required'],
    ['payment_status', 'status', 'text', 'required'],
    ['source_type', 'source_type', 'text'],
    ['currency_code', 'amount_money.currency', 'text', 'required'],
    ['card_brand', 'card_details?.card.card_brand', 'text'],
    ['card_last_4', 'card_details?.card.last_4', 'text'],
    ['card_fingerprint', 'card_details?.card.fingerprint', 'text'],
    ['amount_minor', 'amount_money.amount', 'bigint', 'required'],
    ['tip_minor', 'tip_money?.amount', 'bigint'],
    ['total_minor', 'total_money.amount', 'bigint', 'required'],
    ['paid_at', 'created_at', 'timestamp', 'required'],
    ['updated_at', 'updated_at', 'timestamp', 'required'],
] -%}

{{ base_rows(source('square', 'payments'), columns) }}
