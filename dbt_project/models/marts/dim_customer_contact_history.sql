{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ rewind_night() }}",
    post_hook="{{ close_versions(ref('dim_customer_contact')) }}",
) }}

{%- set details = [
    'first_name', 'last_name', 'email', 'phone', 'birth_date', 'street_address', 'postal_code',
] %}

with contacts as (
    select * from {{ ref('dim_customer_contact') }}
),

{{ new_versions('contacts', details) }},

final as (
    select
        customer_version_id,
        customer_id,
        {% for detail in details %}
            {{ detail }},
        {% endfor %}
        valid_from_at,
        valid_to_at,
        is_current,
        version_number
    from versions
)

select * from final
