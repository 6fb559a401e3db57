{#
    Every declared stream has its row, also one that never landed. How many of a report's last days a
    vendor has not told yet is said where the stream is declared (lag_days).
#}
{% set streams = [] %}
{% if execute %}
    {% for node in graph.sources.values() | sort(attribute='unique_id') %}
        {% if node.source_name not in ['ops', 'identity'] %}
            {% set lag_days = (node.config.meta or {}).get('lag_days', 0) %}
            {% do streams.append((node.source_name, node.name, lag_days)) %}
        {% endif %}
    {% endfor %}
{% endif %}

with streams as (
    {% for vendor, stream, lag_days in streams %}
        select
            '{{ vendor }}' as vendor,
            '{{ stream }}' as stream,
            cast({{ lag_days }} as bigint) as lag_days
        {{ "union all" if not loop.last }}
    {% else %}
        select vendor, stream, cast(0 as bigint) as lag_days
        from {{ source('ops', 'loads') }}
        group by vendor, stream
    {% endfor %}
),

loads as (
    select * from {{ source('ops', 'loads') }}
),

counted as (
    select
        vendor,
        stream,
        max(window_end) as landed_through_at,
        max(case when status = 'accepted' then window_end end) as accepted_through_at,
        -- A pull that came back empty says nothing of how new the data is.
        max(case when status = 'accepted' and page_count > 0 then pulled_at end) as pulled_at,
        -- Nights and not loads: a night that is run again is the same night.
        count(distinct case when status = 'accepted' then window_end end) as accepted_night_count,
        count(distinct case when status = 'held' then coalesce(window_end, decided_at) end)
            as held_night_count
    from loads
    where status <> 'discarded'
    group by vendor, stream
),

-- How far the warehouse as a whole has come, in whole days: an hourly stream runs ahead of it.
reached as (
    select {{ dbt.date_trunc('day', 'max(accepted_through_at)') }} as reached_at from counted
),

final as (
    select
        streams.vendor,
        streams.stream,
        counted.landed_through_at,
        counted.accepted_through_at,
        streams.lag_days,
        {{ dbt.dateadd('day', '-1 * streams.lag_days', 'counted.accepted_through_at') }}
            as complete_through_at,
        counted.pulled_at,
        coalesce(counted.accepted_night_count, 0) as accepted_night_count,
        coalesce(counted.held_night_count, 0) as held_night_count,
        counted.accepted_through_at is null
        or counted.accepted_through_at < reached.reached_at as is_stale,
        {{ text_key(['streams.vendor', 'streams.stream']) }} as stream_id
    from streams
    left join counted
        on
            streams.vendor = counted.vendor
            and streams.stream = counted.stream
    cross join reached
)

select * from final
