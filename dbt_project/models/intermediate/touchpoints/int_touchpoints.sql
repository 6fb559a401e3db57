{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='touchpoint_id',
    on_schema_change='fail',
    post_hook=[
        "{{ mark_new_loads() }}",
        "{{ record_read(['int_messages__events', 'int_web__entries']) }}",
        "{{ record_batch() }}",
    ],
) }}

{# A touch that is no longer one stays as a row that says so, for its readers to drop it. #}

with message_events as (
    select * from {{ ref('int_messages__events') }}
    {% if is_incremental() %}
        where batch_seq > {{ last_batch_read('int_messages__events') }}
    {% endif %}
),

web_entries as (
    select * from {{ ref('int_web__entries') }}
    {% if is_incremental() %}
        where batch_seq > {{ last_batch_read('int_web__entries') }}
    {% endif %}
),

orders as (
    select * from {{ ref('int_orders__unioned') }}
    where
        channel = 'store'
        and not is_refund
        and identifier_type is not null
        {% if is_incremental() %}
            and load_id in {{ new_loads() }}
        {% endif %}
),

contacts as (
    select * from {{ ref('int_contacts__unioned') }}
    where
        contact_type not in ('mail_sent', 'mail_returned')
        and identifier_type is not null
        {% if is_incremental() %}
            and load_id in {{ new_loads() }}
        {% endif %}
),

form_submissions as (
    select * from {{ ref('int_forms__unioned') }}
    where
        identifier_type is not null
        {% if is_incremental() %}
            and load_id in {{ new_loads() }}
        {% endif %}
),

touch_rules as (
    select * from {{ ref('touch_rules') }}
),

message_touches as (
    select
        {{ text_key(['channel', 'platform', 'event_id']) }} as touchpoint_id,
        case
            when event_type = 'withdrawn' then {{ dbt.concat(['channel', "'_delivered'"]) }}
            else {{ dbt.concat(['channel', "'_'", 'event_type']) }}
        end as touch_kind,
        identifier_type,
        identifier_value,
        occurred_at,
        channel,
        campaign_id,
        message_id as content_id,
        cast(null as {{ dbt.type_string() }}) as device_id,
        is_machine,
        is_withdrawn
    from message_events
    where event_type not in ('bounced', 'sent')
),

web_touches as (
    select
        {{ text_key(["'web'", 'entry_id']) }} as touchpoint_id,
        case
            when click_id is not null then 'web_click_id'
            when user_id is not null then 'web_logged_in'
            else 'web_cookie'
        end as touch_kind,
        {{ web_person_type('user_id') }} as identifier_type,
        coalesce(user_id, visitor_id) as identifier_value,
        started_at as occurred_at,
        channel,
        utm_campaign as campaign_id,
        utm_content as content_id,
        visitor_id as device_id,
        bot_reason is not null as is_machine,
        session_status <> 'complete' as is_withdrawn
    from web_entries
),

order_touches as (
    select
        {{ text_key(["'order'", 'order_source', 'order_id']) }} as touchpoint_id,
        'store_order' as touch_kind,
        identifier_type,
        identifier_value,
        ordered_at as occurred_at,
        channel,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        cast(null as {{ dbt.type_string() }}) as content_id,
        cast(null as {{ dbt.type_string() }}) as device_id,
        false as is_machine,
        not is_final as is_withdrawn
    from orders
),

contact_touches as (
    select
        {{ text_key(["'contact'", 'platform', 'contact_id']) }} as touchpoint_id,
        contact_type as touch_kind,
        identifier_type,
        identifier_value,
        occurred_at,
        case when contact_type = 'called' then 'call' else channel_group end as channel,
        campaign_id,
        content_id,
        cast(null as {{ dbt.type_string() }}) as device_id,
        false as is_machine,
        is_deleted as is_withdrawn
    from contacts
),

form_touches as (
    select
        {{ text_key(["'form'", 'platform', 'submission_id']) }} as touchpoint_id,
        'form_submitted' as touch_kind,
        identifier_type,
        identifier_value,
        submitted_at as occurred_at,
        'gated_content' as channel,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        form_id as content_id,
        cast(null as {{ dbt.type_string() }}) as device_id,
        false as is_machine,
        false as is_withdrawn
    from form_submissions
),

touches as (
    select * from message_touches
    union all
    select * from form_touches
    union all
    select * from contact_touches
    union all
    select * from web_touches
    union all
    select * from order_touches
),

final as (
    select
        touches.touchpoint_id,
        {{ identifier_id('touches.identifier_type', 'touches.identifier_value') }}
            as identifier_id,
        touches.touch_kind,
        touches.occurred_at,
        touches.channel,
        touches.campaign_id,
        touches.content_id,
        touches.device_id,
        touch_rules.touch_class,
        touch_rules.evidence,
        cast(touch_rules.confidence as decimal(3, 2)) as confidence,
        touches.is_machine,
        touches.is_withdrawn,
        {{ next_batch() }} as batch_seq
    from touches
    left join touch_rules on touches.touch_kind = touch_rules.touch_kind
)

select * from final
