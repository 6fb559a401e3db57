{#- A row of a file has no versions of its own (see files_versions.sql): each load's are kept. -#}
{{ config(post_hook="{{ mark_processed(['files.customers'], base_statuses()) }}") }}

{%- set columns = [
    ['customer_number', 'text'],
    ['customer_issuer', 'text'],
    ['loyalty_number', 'text'],
    ['email', 'text'],
    ['phone_number', 'text'],
    ['first_name', 'text'],
    ['last_name', 'text'],
    ['birth_date', 'date'],
    ['street_address', 'text'],
    ['city', 'text'],
    ['region', 'text'],
    ['postal_code', 'text'],
    ['country', 'text'],
    ['email_consent', 'boolean'],
    ['sms_consent', 'boolean'],
    ['email_sha256', 'text'],
    ['phone_sha256', 'text'],
    ['social_handle', 'text'],
    ['location_name', 'text'],
    ['signed_up_at', 'timestamp'],
] -%}

{{ files_rows(source('files', 'customers'), columns) }}
