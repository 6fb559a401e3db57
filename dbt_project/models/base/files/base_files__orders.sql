{#- A row of a file has no versions of its own (see files_versions.sql): each load's are kept. -#}
{{ config(post_hook="{{ mark_processed(['files.orders'], base_statuses()) }}") }}

{%- set columns = [
    ['order_id', 'text'],
    ['line_id', 'text'],
    ['ordered_at', 'timestamp'],
    ['product_id', 'text'],
    ['product_name', 'text'],
    ['quantity', 'decimal'],
    ['unit_price_amount', 'decimal'],
    ['discount_amount', 'decimal'],
    ['tax_amount', 'decimal'],
    ['net_amount', 'decimal'],
    ['currency_code', 'text'],
    ['is_return', 'boolean'],
    ['source_order_id', 'text'],
    ['customer_number', 'text'],
    ['customer_issuer', 'text'],
    ['loyalty_number', 'text'],
    ['email', 'text'],
    ['phone_number', 'text'],
    ['location_name', 'text'],
    ['country', 'text'],
    ['sales_channel', 'text'],
] -%}

{{ files_rows(source('files', 'orders'), columns) }}
