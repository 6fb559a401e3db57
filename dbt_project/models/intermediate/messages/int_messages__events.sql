{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_id',
    on_schema_change='fail',
    post_hook=["{{ mark_new_loads() }}", "{{ record_batch() }}"],
) }}

-- depends_on: {{ ref('int_campaigns__unioned') }}

{#
    Whether a click is a machine's shows only beside the other events of the same message to the
    same person, so a message with anything new is read again as a whole.
#}

with events as (
    select * from {{ ref('int_messages__unioned') }}
),

{% if is_incremental() %}
touched as (
    select message_id, identifier_value
    from events
    where
        load_id in {{ new_loads() }}
        or mapping_load_id in {{ new_loads() }}
    union
    -- Messages whose campaign the vendor had not shown yet.
    select known.message_id, known.identifier_value
    from {{ this }} as known
    inner join {{ ref('int_campaigns__unioned') }} as campaigns
        on
            known.platform = campaigns.platform
            and known.message_id = campaigns.message_id
    where known.campaign_id is null
),

to_read as (
    select events.*
    from events
    inner join touched
        on
            events.message_id = touched.message_id
            and events.identifier_value = touched.identifier_value
),
{% else %}
to_read as (
    select * from events
),
{% endif %}

with_delivery as (
    select
        to_read.*,
        min(case when event_type = 'delivered' then occurred_at end) over (
            partition by platform, message_id, identifier_value
        ) as delivered_at,
        max(case when event_type = 'bounced' then occurred_at end) over (
            partition by platform, message_id, identifier_value
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
        platform,
        message_id,
        identifier_value,
        count(distinct url) as link_count
    from with_delay
    where is_instant = 1
    group by platform, message_id, identifier_value
),

final as (
    select
        with_delay.event_id,
        {{ text_key([
            'with_delay.platform', 'with_delay.message_id', 'with_delay.identifier_value',
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
        on
            with_delay.platform = instant_links.platform
            and with_delay.message_id = instant_links.message_id
            and with_delay.identifier_value = instant_links.identifier_value
)

select * from final
