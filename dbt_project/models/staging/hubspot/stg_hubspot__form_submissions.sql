{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='submission_id_hubspot',
    post_hook="{{ mark_processed(['hubspot.form_submissions']) }}",
) }}

with

source as (
    select * from {{ current_version(ref('base_hubspot__form_submissions'), ['submission_id_hubspot'], ['hubspot.form_submissions']) }} as form_submissions
),

renamed as (
    select
        submission_id_hubspot,
        form_id_hubspot,
        {#- The query of an address may say who it is. -#}
        split_part(split_part(page_url, '#', 1), '?', 1) as page_url,
        {{ named_value('field_values', 'field_name', 'email', 'field_value') }} as email,
        {{ named_value('field_values', 'field_name', 'hubspotutk', 'field_value') }} as hubspot_cookie,
        submitted_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
