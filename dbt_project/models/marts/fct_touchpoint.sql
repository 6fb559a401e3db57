{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_rows(
        'touchpoint_id in ' ~ changed_rows('int_touchpoints', 'touchpoint_id')
    ) }}",
    post_hook=[
        "{{ follow_customers() }}",
        "{{ record_customers() }}",
        "{{ record_read(['int_touchpoints']) }}",
    ],
) }}

with touchpoints as (
    select * from {{ ref('int_touchpoints') }}
    where
        not is_withdrawn
        {% if is_incremental() %}
            and batch_seq > {{ last_batch_read('int_touchpoints') }}
        {% endif %}
),

customer_identifiers as (
    select * from {{ source('identity', 'customer_identifiers') }}
),

final as (
    select
        touchpoints.touchpoint_id,
        customer_identifiers.customer_id,
        touchpoints.occurred_at,
        touchpoints.channel,
        touchpoints.campaign_id,
        touchpoints.content_id,
        touchpoints.device_id,
        touchpoints.touch_class,
        touchpoints.evidence,
        touchpoints.confidence,
        touchpoints.is_machine,
        touchpoints.touch_kind,
        touchpoints.identifier_id
    from touchpoints
    left join customer_identifiers
        on touchpoints.identifier_id = customer_identifiers.identifier_id
)

select * from final
