{#- A row of a file has no versions of its own (see files_versions.sql): each load's are kept. -#}
{{ config(post_hook="{{ mark_processed(['files.offline_contacts'], base_statuses()) }}") }}

{%- set columns = [
    ['contact_id', 'text'],
    ['contact_type', 'text'],
    ['channel_group', 'text'],
    ['contacted_at', 'timestamp'],
    ['campaign_id', 'text'],
    ['campaign_name', 'text'],
    ['content_id', 'text'],
    ['coupon_code', 'text'],
    ['customer_number', 'text'],
    ['customer_issuer', 'text'],
    ['loyalty_number', 'text'],
    ['email', 'text'],
    ['phone_number', 'text'],
    ['country', 'text'],
    ['location_name', 'text'],
    ['order_id', 'text'],
    ['duration_seconds', 'integer'],
] -%}

{{ files_rows(source('files', 'offline_contacts'), columns) }}
