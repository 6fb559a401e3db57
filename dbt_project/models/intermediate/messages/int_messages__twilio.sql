{#
    What became of a message changes, so it is one event with one id, whose type moves on from sent
    to delivered or bounced. What somebody writes belongs to the last message they had from the same
    number; where there was none it stands alone.
#}

with messages as (
    select * from {{ ref('stg_twilio__messages') }}
    -- Short codes and page-scoped ids of other networks are no person's.
    where contact_address like '+%'
),

outbound as (
    select * from messages where not is_inbound
),

writers as (
    select distinct contact_address, own_address, channel
    from messages
    where is_inbound
),

{%- set has_reached = "not messages.is_inbound and messages.message_status not in ("
    "'accepted', 'scheduled', 'queued', 'sending', 'canceled')" %}

-- Only with those who ever wrote, read through once and in order: nobody's history is held against
-- itself. What waits has not reached anybody, and of one moment the answer comes last.
conversations as (
    select
        messages.*,
        case when {{ has_reached }} then messages.message_id_twilio end as asked_message_id,
        case when {{ has_reached }} then messages.load_id end as asked_load_id
    from messages
    left join writers
        on {{ same_columns('messages', 'writers', ['contact_address', 'own_address', 'channel']) }}
    where
        messages.is_inbound
        or writers.contact_address is not null
),

{%- set so_far = 'partition by contact_address, own_address, channel'
    ' order by occurred_at, is_inbound, message_id_twilio'
    ' rows between unbounded preceding and current row' %}

answered as (
    select
        conversations.*,
        {{ last_known('asked_message_id', so_far) }} as answered_message_id,
        {{ last_known('asked_load_id', so_far) }} as answered_load_id
    from conversations
),

events as (
    select
        message_id_twilio as event_id,
        message_id_twilio as message_id,
        case
            when message_status in ('delivered', 'read', 'partially_delivered') then 'delivered'
            when message_status in ('failed', 'undelivered') then 'bounced'
            -- What waits, was planned or was called off has not been sent.
            when message_status = 'sent' then 'sent'
        end as event_type,
        occurred_at,
        channel,
        messaging_service_id_twilio,
        contact_address,
        error_code,
        load_id,
        cast(null as {{ dbt.type_string() }}) as mapping_load_id
    from outbound
    union all
    -- Only networks with accounts tell that somebody has read.
    select
        {{ dbt.concat(['message_id_twilio', "':read'"]) }},
        message_id_twilio,
        case when message_status = 'read' then 'opened' end,
        updated_at,
        channel,
        messaging_service_id_twilio,
        contact_address,
        cast(null as {{ dbt.type_string() }}),
        load_id,
        cast(null as {{ dbt.type_string() }})
    from outbound
    where channel = 'app'
    union all
    select
        message_id_twilio,
        coalesce(answered_message_id, message_id_twilio),
        case keyword
            when 'stop' then 'unsubscribed'
            when 'start' then 'subscribed'
            else 'replied'
        end,
        occurred_at,
        channel,
        messaging_service_id_twilio,
        contact_address,
        cast(null as {{ dbt.type_string() }}),
        load_id,
        answered_load_id
    from answered
    where is_inbound
),

final as (
    select
        event_id,
        'twilio' as platform,
        channel,
        message_id,
        messaging_service_id_twilio as campaign_id,
        'phone' as identifier_type,
        contact_address as identifier_value,
        event_type,
        occurred_at,
        cast(null as {{ dbt.type_string() }}) as url,
        false as is_privacy_open,
        error_code as bounce_type,
        load_id,
        mapping_load_id
    from events
)

select * from final
