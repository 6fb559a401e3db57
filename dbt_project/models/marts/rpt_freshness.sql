{# Every declared stream has its row, also one that never landed. #}
{% set streams = [] %}
{% if execute %}
    {% for node in graph.sources.values() | sort(attribute='unique_id') %}
        {% if node.source_name not in ['ops', 'identity'] %}
            {% do streams.append((node.source_name, node.name)) %}
        {% endif %}
    {% endfor %}
{% endif %}

with streams as (
    {% for vendor, stream in streams %}
        select '{{ vendor }}' as vendor, '{{ stream }}' as stream
        {{ "union all" if not loop.last }}
    {% else %}
        select vendor, stream from {{ source('ops', 'loads') }} group by vendor, stream
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
