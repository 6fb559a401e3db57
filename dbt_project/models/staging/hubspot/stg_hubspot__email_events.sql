{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_id_hubspot',
    post_hook="{{ mark_processed(['hubspot.email_events']) }}",
) }}

with

source as (
    select * from {{ current_version(ref('base_hubspot__email_events'), ['event_id_hubspot'], ['hubspot.email_events']) }} as email_events
),

renamed as (
    select
        event_id_hubspot,
        event_type,
        recipient_email,
        email_campaign_id_hubspot,
        url,
        is_filtered,
        bounce_category,
        drop_reason,
        subscription_status,
        change_source,
        obsoleted_by_event_id_hubspot,
        occurred_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
