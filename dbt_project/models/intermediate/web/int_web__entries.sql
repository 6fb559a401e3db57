{% set landing_columns = [
    'page_url_path', 'page_referrer', 'referrer_medium', 'utm_source', 'utm_medium', 'utm_campaign',
    'utm_content', 'click_id', 'click_network', 'user_agent', 'browser_family', 'os_family',
    'device_type', 'country_code', 'city',
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

with events as (
    select * from {{ ref('int_web__events_unioned') }} where visitor_id is not null
),

extract_end as (
    select max(collected_at) as extract_ended_at from events
),

{% if is_incremental() %}
known as (
    select * from {{ this }} where session_status <> 'superseded'
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
        from events
        where load_id in {{ new_loads() }}
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
    select events.*, restarts.chain_restart_at
    from events
    inner join restarts on events.visitor_id = restarts.visitor_id
    where events.occurred_at >= restarts.restart_at
),
{% else %}
to_read as (
    select events.*, cast(null as timestamp) as chain_restart_at from events
),
{% endif %}

{{ sessionised_events('to_read') }},

grouped as (
    select
        visitor_id,
        chain_number,
        piece_number,
        entry_number,
        min(chain_started_at) as chain_started_at,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as event_count,
        sum(case when event_type = 'page_view' then 1 else 0 end) as page_view_count,
        sum(case when event_type = 'page_ping' then 1 else 0 end) as page_ping_count,
        count(distinct transaction_id) as transaction_count,
        max(user_id) as user_id,
        {% for column in ['event_id'] + landing_columns %}
            max(case when number_in_entry = 1 then {{ column }} end) as {{ column }}
            {{- "," if not loop.last }}
        {% endfor %}
    from placed
    group by visitor_id, chain_number, piece_number, entry_number
),

with_session as (
    select
        grouped.*,
        min(started_at) over (
            partition by visitor_id, chain_number, piece_number
        ) as session_started_at,
        max(ended_at) over (
            partition by visitor_id, chain_number, piece_number
        ) as session_ended_at,
        sum(event_count) over (
            partition by visitor_id, chain_number, piece_number
        ) as session_event_count,
        first_value(event_id) over (
            partition by visitor_id, chain_number, piece_number
            order by entry_number
            rows between unbounded preceding and unbounded following
        ) as first_event_id,
        max(ended_at) over (partition by visitor_id) as visitor_ended_at
    from grouped
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
        from known
        inner join restarts on known.visitor_id = restarts.visitor_id
        where
            known.session_started_at >= restarts.restart_at
            and known.entry_id not in (select entry_id from fresh)
    {% endif %}
)

select * from final
