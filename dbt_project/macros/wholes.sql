{% macro last_brought(base, key, whole, day='report_date') -%}
    {#- The rows of the last accepted load of each whole, such as an account's day: what an earlier one
        brought besides is gone, for vendors book things under another key later. A load is also the
        last of a day of its window of which it brought nothing; one that brought nothing at all, or
        rows that could not be read, is not. -#}
    {%- set owners = whole | reject('equalto', day) | list -%}
    (
        with

        accepted as (
            select * from {{ accepted_rows(base) }} as readable
        ),

        days as (
            select distinct {{ whole | join(', ') }} from accepted
        ),

        brought as (
            select {{ whole | join(', ') }}, load_id, max(pulled_at) as pulled_at
            from accepted
            group by {{ whole | join(', ') }}, load_id
        ),

        pulls as (
            select
                {% for owner in owners %}brought.{{ owner }},
                {% endfor -%}
                brought.load_id,
                loads.window_start,
                loads.window_end,
                max(brought.pulled_at) as pulled_at
            from brought
            inner join {{ source('ops', 'loads') }} as loads
                on brought.load_id = loads.load_id
            where brought.load_id not in (
                select base.load_id from {{ base }} as base where base.quarantine_reason is not null
            )
            group by {% for owner in owners %}brought.{{ owner }}, {% endfor -%}
                brought.load_id, loads.window_start, loads.window_end
        ),

        told as (
            select {{ whole | join(', ') }}, load_id, pulled_at from brought
            union
            select
                {% for column in whole %}days.{{ column }}, {% endfor -%}
                pulls.load_id, pulls.pulled_at
            from days
            inner join pulls
                on cast(days.{{ day }} as timestamp) >= {{ dbt.date_trunc('day', 'pulls.window_start') }}
                and cast(days.{{ day }} as timestamp) < pulls.window_end
                {% for owner in owners %}and days.{{ owner }} = pulls.{{ owner }}
                {% endfor %}
        ),

        last_told as (
            select
                told.*,
                row_number() over (
                    partition by {{ whole | join(', ') }}
                    order by told.pulled_at desc, told.load_id desc
                ) as recency
            from told
        ),

        numbered as (
            select
                accepted.*,
                row_number() over (
                    partition by accepted.load_id, {{ key | join(', ') }}
                    order by {{ version_order(' desc') }}
                ) as repetition
            from accepted
        )

        select numbered.*
        from numbered
        inner join last_told
            on numbered.load_id = last_told.load_id
            and last_told.recency = 1
            {% for column in whole %}and numbered.{{ column }} = last_told.{{ column }}
            {% endfor %}
        where numbered.repetition = 1
    )
{%- endmacro %}
