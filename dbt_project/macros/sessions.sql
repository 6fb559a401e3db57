{% macro sessionised_events(events) %}
    {#-
        The common table expressions that place each event of `events` in a chain (no gap longer
        than the limit; a gap equal to it is none), in a piece of the chain (cut at the longest
        session) and in an entry (an arrival with marks of its own). The last one is `placed`.
        `events` gives chain_restart_at, the start of the chain its first events go on with.
    -#}
gaps as (
    select
        to_read.*,
        case
            when occurred_at <= {{ dbt.dateadd(
                'second',
                var('session_gap_seconds'),
                'lag(occurred_at) over (partition by visitor_id order by occurred_at, event_id)',
            ) }}
                then 0
            else 1
        end as is_after_gap
    from {{ events }}
),

chains as (
    select
        gaps.*,
        sum(is_after_gap) over (
            partition by visitor_id
            order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as chain_number
    from gaps
),

chain_starts as (
    select
        chains.*,
        case
            when chain_number = 1 and chain_restart_at is not null then chain_restart_at
            else min(occurred_at) over (partition by visitor_id, chain_number)
        end as chain_started_at
    from chains
),

pieces as (
    select
        chain_starts.*,
        cast(floor(
            {{ seconds_between('chain_started_at', 'occurred_at') }}
            / {{ var('session_max_seconds') }}
        ) as bigint) as piece_number
    from chain_starts
),

marked as (
    select
        pieces.*,
        row_number() over (
            partition by visitor_id, chain_number, piece_number
            order by occurred_at, event_id
        ) as event_number,
        coalesce(
            click_id,
            nullif({{ dbt.concat([
                "coalesce(utm_source, '')",
                "coalesce(utm_medium, '')",
                "coalesce(utm_campaign, '')",
                "coalesce(utm_content, '')",
            ]) }}, '')
        ) as arrival
    from pieces
),

-- A session has as many entries as arrivals with marks of their own: it is not split by them.
arrivals as (
    select
        event_id,
        case
            when event_number = 1 then 1
            when arrival <> coalesce(lag(arrival) over (
                partition by visitor_id, chain_number, piece_number
                order by event_number
            ), '') then 1
            else 0
        end as is_entry
    from marked
    where event_number = 1 or arrival is not null
),

numbered as (
    select
        marked.*,
        sum(coalesce(arrivals.is_entry, 0)) over (
            partition by visitor_id, chain_number, piece_number
            order by event_number
            rows between unbounded preceding and current row
        ) as entry_number
    from marked
    left join arrivals on marked.event_id = arrivals.event_id
),

placed as (
    select
        numbered.*,
        row_number() over (
            partition by visitor_id, chain_number, piece_number, entry_number
            order by event_number
        ) as number_in_entry
    from numbered
)
{% endmacro %}
