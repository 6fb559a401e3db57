{% set landing_columns = [
    'page_url_path', 'page_referrer', 'referrer_medium', 'utm_source', 'utm_medium', 'utm_campaign',
    'utm_content', 'click_id', 'click_network', 'user_agent', 'browser_family', 'os_family',
    'device_type', 'country_code', 'city',
] %}

{% set event_columns = [
    'event_id', 'visitor_id', 'occurred_at', 'event_type', 'user_id', 'transaction_id', 'click_id',
    'utm_source', 'utm_medium', 'utm_campaign', 'utm_content',
] %}

{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='entry_id',
    on_schema_change='fail',
    post_hook=["{{ mark_new_loads() }}", "{{ record_batch() }}"],
) }}

{#
    A visitor who did something new is read again from the start of the session in which it may
    fall, never from the beginning. Sessions before that one cannot change: an event belongs to a
    session by the gap to its neighbours and by the start of its chain of gapless events.
#}

-- The events are wide and many: each use of them names what it needs, so that none is kept whole.
with extract_end as (
    select max(collected_at) as extract_ended_at
    from {{ ref('int_web__events_unioned') }}
    where visitor_id is not null
),

{% if is_incremental() %}
known as (
    select
        entry_id,
        visitor_id,
        session_started_at,
        chain_started_at,
        session_status,
        utm_campaign,
        channel
    from {{ this }}
    where session_status <> 'superseded'
),

remapped as (
    select known.visitor_id, known.session_started_at
    from {{ ref('int_campaigns__unioned') }} as campaigns
    inner join known on campaigns.campaign_id = known.utm_campaign
    where
        campaigns.load_id in {{ new_loads() }}
        and campaigns.channel <> known.channel
),

touched as (
    select visitor_id, min(touched_at) as touched_at
    from (
        select visitor_id, occurred_at as touched_at
        from {{ ref('int_web__events_unioned') }}
        where
            visitor_id is not null
            and load_id in {{ new_loads() }}
        union all
        select visitor_id, session_started_at from known where session_status = 'open'
        union all
        select visitor_id, session_started_at from remapped
    ) as reasons
    group by visitor_id
),

restarts as (
    select
        touched.visitor_id,
        coalesce(max(known.session_started_at), cast('1900-01-01' as timestamp)) as restart_at,
        max(known.chain_started_at) as chain_restart_at
    from touched
    left join known
        on
            touched.visitor_id = known.visitor_id
            and known.session_started_at <= touched.touched_at
    group by touched.visitor_id
),

to_read as (
    select
        {% for column in event_columns %}
            events.{{ column }},
        {% endfor %}
        restarts.chain_restart_at
    from {{ ref('int_web__events_unioned') }} as events
    inner join restarts on events.visitor_id = restarts.visitor_id
    where events.occurred_at >= restarts.restart_at
),
{% else %}
to_read as (
    select
        {% for column in event_columns %}
            events.{{ column }},
        {% endfor %}
        cast(null as timestamp) as chain_restart_at
    from {{ ref('int_web__events_unioned') }} as events
    where events.visitor_id is not null
),
{% endif %}

{{ sessionised_events('to_read') }},

grouped as (
    select
        visitor_id,
        session_started_at,
        visitor_entry_number,
        max(case when is_entry = 1 then event_id end) as event_id,
        min(chain_started_at) as chain_started_at,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as event_count,
        sum(is_page_view) as page_view_count,
        sum(is_page_ping) as page_ping_count,
        max(user_id) as user_id
    from placed
    group by visitor_id, session_started_at, visitor_entry_number
),

purchases as (
    select
        visitor_id,
        visitor_entry_number,
        count(distinct transaction_id) as transaction_count
    from placed
    where transaction_id is not null
    group by visitor_id, visitor_entry_number
),

with_session as (
    select
        grouped.*,
        coalesce(purchases.transaction_count, 0) as transaction_count,
        {% for column in landing_columns %}
            landings.{{ column }},
        {% endfor %}
        row_number() over (
            partition by grouped.visitor_id, grouped.session_started_at
            order by grouped.visitor_entry_number
        ) as entry_number,
        max(grouped.ended_at) over (
            partition by grouped.visitor_id, grouped.session_started_at
        ) as session_ended_at,
        sum(grouped.event_count) over (
            partition by grouped.visitor_id, grouped.session_started_at
        ) as session_event_count,
        first_value(grouped.event_id) over (
            partition by grouped.visitor_id, grouped.session_started_at
            order by grouped.visitor_entry_number
            rows between unbounded preceding and unbounded following
        ) as first_event_id,
        max(grouped.ended_at) over (partition by grouped.visitor_id) as visitor_ended_at
    from grouped
    inner join {{ ref('int_web__events_unioned') }} as landings
        on grouped.event_id = landings.event_id
    left join purchases
        on
            grouped.visitor_id = purchases.visitor_id
            and grouped.visitor_entry_number = purchases.visitor_entry_number
),

with_channel as (
    {{ visit_channel('with_session') }}
),

fresh as (
    select
        {{ text_key(["'entry'", 'event_id']) }} as entry_id,
        {{ text_key(["'session'", 'first_event_id']) }} as session_id,
        visitor_id,
        user_id,
        cast(entry_number as bigint) as entry_number,
        started_at,
        ended_at,
        session_started_at,
        session_ended_at,
        chain_started_at,
        case
            when
                session_ended_at = visitor_ended_at
                and extract_end.extract_ended_at <= {{ dbt.dateadd(
                    'second', var('session_gap_seconds'), 'session_ended_at'
                ) }}
                then 'open'
            else 'complete'
        end as session_status,
        case
            when {{ is_bot_agent('user_agent') }} then 'user_agent'
            when session_event_count > {{ var('session_max_events') }} then 'event_count'
        end as bot_reason,
        cast(event_count as bigint) as event_count,
        cast(page_view_count as bigint) as page_view_count,
        cast(page_ping_count as bigint) as page_ping_count,
        cast(transaction_count as bigint) as transaction_count,
        channel,
        {{ landing_columns | join(',\n        ') }}
    from with_channel
    cross join extract_end
),

final as (
    select
        fresh.*,
        {{ next_batch() }} as batch_seq
    from fresh
    {% if is_incremental() %}
        union all
        -- What these sessions were cut into before, and no longer are: their readers drop it.
        select
            known.entry_id,
            known.session_id,
            known.visitor_id,
            known.user_id,
            known.entry_number,
            known.started_at,
            known.ended_at,
            known.session_started_at,
            known.session_ended_at,
            known.chain_started_at,
            'superseded' as session_status,
            known.bot_reason,
            known.event_count,
            known.page_view_count,
            known.page_ping_count,
            known.transaction_count,
            known.channel,
            {% for column in landing_columns %}
                known.{{ column }},
            {% endfor %}
            {{ next_batch() }} as batch_seq
        from {{ this }} as known
        inner join restarts on known.visitor_id = restarts.visitor_id
        where
            known.session_status <> 'superseded'
            and known.session_started_at >= restarts.restart_at
            and known.entry_id not in (select entry_id from fresh)
    {% endif %}
)

select * from final
