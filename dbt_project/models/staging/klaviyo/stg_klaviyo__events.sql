{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_id_klaviyo',
    post_hook="{{ mark_processed(['klaviyo.events']) }}",
) }}

with

source as (
    select * from {{ current_version(ref('base_klaviyo__events'), ['event_id_klaviyo'], ['klaviyo.events']) }} as events
),

renamed as (
    select
        event_id_klaviyo,
        profile_id_klaviyo,
        metric_id_klaviyo,
        message_id_klaviyo,
        campaign_name,
        subject,
        url,
        recipient_email,
        bounce_type,
        is_apple_privacy_open,
        occurred_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
