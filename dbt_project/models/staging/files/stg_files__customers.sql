{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='customer_id_files',
    post_hook="{{ mark_processed(['files.customers']) }}",
) }}

with

source as (
    select *
    from {{ file_rows(ref('base_files__customers'), 'files.customers') }} as file_rows
),

renamed as (
    select
        row_id as customer_id_files,
        feed_name,
        file_name,
        row_number,
        customer_number,
        customer_issuer,
        loyalty_number,
        email,
        phone_number,
        first_name,
        last_name,
        birth_date,
        street_address,
        city,
        region,
        postal_code,
        country,
        email_consent,
        sms_consent,
        email_sha256,
        phone_sha256,
        social_handle,
        location_name,
        signed_up_at,
        is_deleted,
        load_id,
        pulled_at
    from source
)

select * from renamed
