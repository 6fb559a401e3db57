{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_rows(
        'web_session_id in ' ~ changed_rows('int_web__entries', 'session_id')
    ) }}",
    post_hook=[
        "{{ follow_customers() }}",
        "{{ record_customers() }}",
        "{{ record_read(['int_web__entries']) }}",
    ],
) }}

with sessions as (
    select * from {{ ref('int_web__sessions') }}
    where
        session_status = 'complete'
        {% if is_incremental() %}
            and batch_seq > {{ last_batch_read('int_web__entries') }}
        {% endif %}
),

customer_identifiers as (
    select * from {{ source('identity', 'customer_identifiers') }}
),

identified as (
    select
        sessions.*,
        {{ identifier_id(web_person_type('user_id'), 'coalesce(user_id, visitor_id)') }}
            as identifier_id
    from sessions
),

final as (
    select
        identified.session_id as web_session_id,
        customer_identifiers.customer_id,
        identified.visitor_id as device_id,
        identified.started_at,
        identified.ended_at,
        identified.channel,
        identified.utm_campaign as campaign_id,
        identified.utm_content as content_id,
        identified.utm_source,
        identified.utm_medium,
        identified.click_id,
        identified.click_network,
        identified.referrer_medium,
        identified.page_url_path as landing_page_path,
        identified.country_code,
        identified.city,
        identified.entry_count,
        identified.event_count,
        identified.page_view_count,
        identified.transaction_count,
        identified.page_ping_count * {{ var('page_ping_seconds') }} as engaged_seconds,
        identified.page_view_count >= 2
        or identified.page_ping_count * {{ var('page_ping_seconds') }} >= 10
        or identified.transaction_count > 0 as is_engaged,
        identified.user_id is not null as is_logged_in,
        identified.bot_reason is not null as is_bot,
        identified.identifier_id
    from identified
    left join customer_identifiers
        on identified.identifier_id = customer_identifiers.identifier_id
)

select * from final
