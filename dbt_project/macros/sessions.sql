{% macro sessionised_events(events) %}
    {#-
        The common table expressions that place each event of `events` in a chain (no gap longer
        than the limit; a gap equal to it is none), in a session (a piece of the chain, cut at the
        longest session) and in an entry (an arrival with marks of its own). The last one is
        `placed`. `events` gives chain_restart_at, the start of the chain its first events go on
        with. Only what is needed is carried through the sorting: event rows are wide.
    -#}
    {%- set by_time -%}
        partition by visitor_id
        order by occurred_at, event_id
    {%- endset -%}
    {%- set so_far -%}
        {{ by_time }}
        rows between unbounded preceding and current row
    {%- endset -%}
    {%- set before -%}
        {{ by_time }}
        rows between unbounded preceding and 1 preceding
    {%- endset -%}

narrow as (
    select
        event_id,
        visitor_id,
        occurred_at,
        chain_restart_at,
        case when event_type = 'page_view' then 1 else 0 end as is_page_view,
        case when event_type = 'page_ping' then 1 else 0 end as is_page_ping,
        user_id,
        transaction_id,
        coalesce(
            click_id,
            nullif({{ dbt.concat([
                "coalesce(utm_source, '')",
                "coalesce(utm_medium, '')",
                "coalesce(utm_campaign, '')",
                "coalesce(utm_content, '')",
            ]) }}, '')
        ) as arrival
    from {{ events }}
),

followed as (
    select
        narrow.*,
        lag(occurred_at) over ({{ by_time }}) as previous_at
    from narrow
),

gaps as (
    select
        followed.*,
        case
            when previous_at is null then coalesce(chain_restart_at, occurred_at)
            when
                occurred_at > {{ dbt.dateadd(
                    'second', var('session_gap_seconds'), 'previous_at'
                ) }}
                then occurred_at
        end as starts_chain_at
    from followed
),

chains as (
    select
        gaps.*,
        max(starts_chain_at) over ({{ so_far }}) as chain_started_at
    from gaps
),

starts as (
    select
        chains.*,
        case
            when
                starts_chain_at is not null
                or {{ session_piece('previous_at') }} <> {{ session_piece('occurred_at') }}
                then 1
            else 0
        end as is_session_start
    from chains
),

sessions as (
    select
        starts.*,
        max(case when is_session_start = 1 then occurred_at end) over ({{ so_far }})
            as session_started_at,
        {{ last_known('arrival', before) }} as previous_arrival,
        max(case when arrival is not null then occurred_at end) over ({{ before }})
            as previous_arrival_at
    from starts
),

-- A session has as many entries as arrivals with marks of their own: it is not split by them.
entries as (
    select
        sessions.*,
        case
            when is_session_start = 1 then 1
            when arrival is null then 0
            when previous_arrival_at is null or previous_arrival_at < session_started_at then 1
            when arrival <> previous_arrival then 1
            else 0
        end as is_entry
    from sessions
),

placed as (
    select
        entries.*,
        sum(is_entry) over ({{ so_far }}) as visitor_entry_number
    from entries
)
{% endmacro %}

{% macro session_piece(moment) %}
    floor(
        {{ seconds_between('chain_started_at', moment) }} / {{ var('session_max_seconds') }}
    )
{% endmacro %}

{% macro last_known(column, window) %}
    {{ return(adapter.dispatch('last_known', 'throughline')(column, window)) }}
{% endmacro %}

{% macro default__last_known(column, window) %}
    last_value({{ column }} ignore nulls) over ({{ window }})
{% endmacro %}

{% macro spark__last_known(column, window) %}
    last_value({{ column }}, true) over ({{ window }})
{% endmacro %}
