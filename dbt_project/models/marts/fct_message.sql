{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_rows(
        'message_key in ' ~ changed_rows('int_messages__events', 'message_key')
    ) }}",
    post_hook=[
        "{{ follow_customers() }}",
        "{{ record_customers() }}",
        "{{ record_read(['int_messages__events']) }}",
    ],
) }}

with messages as (
    select * from {{ ref('int_messages__sent') }}
    where
        sent_at is not null
        {% if is_incremental() %}
            and batch_seq > {{ last_batch_read('int_messages__events') }}
        {% endif %}
),

customer_identifiers as (
    select * from {{ source('identity', 'customer_identifiers') }}
),

identified as (
    select
        messages.*,
        {{ identifier_id('identifier_type', 'identifier_value') }} as identifier_id
    from messages
),

final as (
    select
        identified.message_key,
        customer_identifiers.customer_id,
        identified.sent_at,
        identified.channel,
        identified.campaign_id,
        identified.message_id as content_id,
        identified.platform,
        identified.delivered_at,
        identified.bounced_at,
        identified.first_human_opened_at,
        identified.first_human_clicked_at,
        identified.unsubscribed_at,
        identified.complained_at,
        identified.open_count,
        identified.human_open_count,
        identified.click_count,
        identified.human_click_count,
        identified.delivered_at is not null as is_delivered,
        identified.delivered_at is null and identified.bounced_at is not null as is_bounced,
        identified.identifier_id
    from identified
    left join customer_identifiers
        on identified.identifier_id = customer_identifiers.identifier_id
)

select * from final
