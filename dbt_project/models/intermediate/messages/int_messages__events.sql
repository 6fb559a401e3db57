{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['event_id', 'message_key'],
    on_schema_change='fail',
    post_hook=["{{ mark_new_loads() }}", "{{ record_batch() }}"],
) }}

-- depends_on: {{ ref('int_campaigns__unioned') }}

{#
    Whether a click is a machine's shows only beside the other events of the same message to the
    same person, so a message with anything new is read again as a whole. So is the one that a new
    version of an event no longer belongs to: what the vendor does not tell of it any more stays
    there as a row that says so.
#}

{%- set message = ['platform', 'message_id', 'identifier_type', 'identifier_value'] %}

with events as (
    select * from {{ ref('int_messages__unioned') }}
),

{% if is_incremental() %}
told as (
    select platform, event_id, message_id, identifier_type, identifier_value
    from events
    where
        load_id in {{ new_loads() }}
        or mapping_load_id in {{ new_loads() }}
),

campaigns as (
    select platform, campaign_id, message_id
    from {{ ref('int_campaigns__unioned') }}
    where
        message_id is not null
        and load_id in {{ new_loads() }}
),

known as (
    select * from {{ this }} where event_type not in ('withdrawn', 'moved')
),

touched as (
    select platform, message_id, identifier_type, identifier_value
    from told
    union
    -- Where the event stood before.
    select known.platform, known.message_id, known.identifier_type, known.identifier_value
    from known
    inner join told
        on
            known.platform = told.platform
            and known.event_id = told.event_id
    union
    -- Messages whose campaign shows only now, or is another one.
    select known.platform, known.message_id, known.identifier_type, known.identifier_value
    from known
    inner join campaigns
        on
            known.platform = campaigns.platform
            and known.message_id = campaigns.message_id
            and known.campaign_id is distinct from campaigns.campaign_id
    union
    select known.platform, known.message_id, known.identifier_type, known.identifier_value
    from known
    inner join campaigns
        on
            known.platform = campaigns.platform
            and known.campaign_id = campaigns.campaign_id
            and known.message_id <> campaigns.message_id
),

to_read as (
    select events.*
    from events
    inner join touched
        on {{ same_columns('events', 'touched', message) }}
    where events.event_type is not null
),

gone as (
    select known.*
    from known
    inner join touched
        on {{ same_columns('known', 'touched', message) }}
    left join to_read
        on
            known.event_id = to_read.event_id
            and {{ same_columns('known', 'to_read', message) }}
    where to_read.event_id is null
),

moved as (
    select distinct platform, event_id from to_read
),
{% else %}
to_read as (
    select * from events where event_type is not null
),
{% endif %}

with_delivery as (
    select
        to_read.*,
        min(case when event_type = 'delivered' then occurred_at end) over (
            partition by {{ message | join(', ') }}
        ) as delivered_at,
        max(case when event_type = 'bounced' then occurred_at end) over (
            partition by {{ message | join(', ') }}
        ) as bounced_at
    from to_read
),

with_delay as (
    select
        with_delivery.*,
        case
            when
                event_type = 'clicked'
                and {{ seconds_between('delivered_at', 'occurred_at') }}
                between 0 and {{ var('scanner_click_seconds') }}
                then 1
            else 0
        end as is_instant
    from with_delivery
),

instant_links as (
    select
        {{ message | join(', ') }},
        count(distinct url) as link_count
    from with_delay
    where is_instant = 1
    group by {{ message | join(', ') }}
),

final as (
    select
        with_delay.event_id,
        {{ text_key([
            'with_delay.platform', 'with_delay.message_id', 'with_delay.identifier_type',
            'with_delay.identifier_value',
        ]) }} as message_key,
        with_delay.platform,
        with_delay.channel,
        with_delay.message_id,
        with_delay.campaign_id,
        with_delay.identifier_type,
        with_delay.identifier_value,
        with_delay.event_type,
        with_delay.occurred_at,
        with_delay.url,
        with_delay.bounce_type,
        with_delay.is_privacy_open
        or (
            with_delay.is_instant = 1
            and instant_links.link_count >= {{ var('scanner_min_links') }}
        ) as is_machine,
        with_delay.event_type = 'withdrawn'
        or (
            with_delay.event_type = 'delivered'
            and coalesce(with_delay.bounced_at >= with_delay.occurred_at, false)
        ) as is_withdrawn,
        {{ next_batch() }} as batch_seq
    from with_delay
    left join instant_links
        on {{ same_columns('with_delay', 'instant_links', message) }}
    {% if is_incremental() %}
    union all
    select
        gone.event_id,
        gone.message_key,
        gone.platform,
        gone.channel,
        gone.message_id,
        gone.campaign_id,
        gone.identifier_type,
        gone.identifier_value,
        case when moved.event_id is null then 'withdrawn' else 'moved' end,
        gone.occurred_at,
        gone.url,
        gone.bounce_type,
        gone.is_machine,
        true,
        {{ next_batch() }}
    from gone
    left join moved
        on
            gone.platform = moved.platform
            and gone.event_id = moved.event_id
    {% endif %}
)

select * from final
