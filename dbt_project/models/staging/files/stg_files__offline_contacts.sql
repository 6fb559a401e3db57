{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='contact_id_files',
    post_hook="{{ mark_processed(['files.offline_contacts']) }}",
) }}

with

source as (
    select *
    from {{ file_rows(ref('base_files__offline_contacts'), 'files.offline_contacts') }} as file_rows
),

renamed as (
    select
        row_id as contact_id_files,
        feed_name,
        file_name,
        row_number,
        contact_id,
        lower(contact_type) as contact_type,
        lower(channel_group) as channel_group,
        campaign_id,
        campaign_name,
        content_id,
        coupon_code,
        customer_number,
        customer_issuer,
        loyalty_number,
        email,
        phone_number,
        country,
        location_name,
        order_id,
        duration_seconds,
        contacted_at,
        is_deleted,
        load_id,
        pulled_at
    from source
)

select * from renamed
