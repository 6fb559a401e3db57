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

{#
    What is no touch is no row, unless it was one: then it stays as it was, as a row that says so,
    for its readers to drop it. A touch that changed says where it was while it was engaged, so
    that the orders it led to then are seen again.
#}

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
    {% if is_incremental() %}
        where load_id in {{ new_loads() }}
    {% endif %}
),

contacts as (
    select * from {{ ref('int_contacts__unioned') }}
    {% if is_incremental() %}
        where load_id in {{ new_loads() }}
    {% endif %}
),

touch_rules as (
    select * from {{ ref('touch_rules') }}
),

message_touches as (
    select
        {{ text_key(['channel', 'platform', 'event_id']) }} as touchpoint_id,
        {{ dbt.concat(['channel', "'_'", 'event_type']) }} as touch_kind,
        identifier_type,
        identifier_value,
        occurred_at,
        channel,
        campaign_id,
        message_id as content_id,
        cast(null as {{ dbt.type_string() }}) as device_id,
        is_machine,
        -- An outcome may be told otherwise later: what was delivered has bounced.
        is_withdrawn or event_type in ('bounced', 'sent') as is_withdrawn
    from message_events
    -- The touch goes on under another message.
    where event_type <> 'moved'
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
        not is_final
        or channel <> 'store'
        or is_refund
        or identifier_type is null as is_withdrawn
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
        is_deleted
        -- Mail pieces are messages.
        or contact_type in ('mail_sent', 'mail_returned')
        or identifier_type is null as is_withdrawn
    from contacts
),

touches as (
    select * from message_touches
    union all
    select * from contact_touches
    union all
    select * from web_touches
    union all
    select * from order_touches
),

{% if is_incremental() %}
known as (
    select * from {{ this }} where touchpoint_id in (select touchpoint_id from touches)
),
{% endif %}

classed as (
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
        touches.is_machine
    from touches
    left join touch_rules on touches.touch_kind = touch_rules.touch_kind
    where not touches.is_withdrawn
),

final as (
    select
        classed.*,
        false as is_withdrawn,
        {% if is_incremental() %}
        case when known.touch_class = 'engaged' then known.identifier_id end
            as previous_identifier_id,
        case when known.touch_class = 'engaged' then known.occurred_at end
            as previous_occurred_at,
        {% else %}
        cast(null as {{ dbt.type_string() }}) as previous_identifier_id,
        cast(null as timestamp) as previous_occurred_at,
        {% endif %}
        {{ next_batch() }} as batch_seq
    from classed
    {% if is_incremental() %}
    left join known on classed.touchpoint_id = known.touchpoint_id
    union all
    select
        known.touchpoint_id,
        known.identifier_id,
        known.touch_kind,
        known.occurred_at,
        known.channel,
        known.campaign_id,
        known.content_id,
        known.device_id,
        known.touch_class,
        known.evidence,
        known.confidence,
        known.is_machine,
        true as is_withdrawn,
        known.previous_identifier_id,
        known.previous_occurred_at,
        {{ next_batch() }}
    from known
    where known.touchpoint_id in (select touches.touchpoint_id from touches where is_withdrawn)
    {% endif %}
)

select * from final
