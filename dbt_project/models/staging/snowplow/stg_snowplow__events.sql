{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_id',
    post_hook="{{ mark_processed(['snowplow.enriched_events']) }}",
) }}

with

source as (
    select * from {{ current_version(ref('base_snowplow__enriched_events'), ['event_id'], ['snowplow.enriched_events']) }} as enriched_events
),

renamed as (
    select
        event_id,
        -- Only self-describing events say more in their name than in their type.
        case when event = 'unstruct' then coalesce(event_name, event) else event end as event_name,
        app_id,
        platform,
        domain_user_id,
        domain_session_id,
        network_user_id,
        user_id_snowplow,
        page_url,
        page_url_path,
        page_referrer,
        referrer_medium,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        utm_term,
        click_id,
        click_network,
        transaction_id,
        currency_code,
        user_agent,
        browser_family,
        os_family,
        device_type,
        country_code,
        city,
        transaction_amount,
        is_mobile,
        coalesce(derived_at, collected_at) as occurred_at,
        collected_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
