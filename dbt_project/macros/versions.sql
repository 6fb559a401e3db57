{# What staging selects from: the rows of accepted loads that could be read, version by version.

   Two versions of a key that follow each other and are alike are one, the first: which of them base
   keeps depends on when their loads were judged, and that must not show. #}

{% macro version_order(direction='') -%}
    pulled_at{{ direction }}, load_id{{ direction }}, page_index{{ direction }}, row_index{{ direction }}
{%- endmacro %}


{% macro accepted_rows(base, touched='') -%}
    (
        select base.*
        from {{ base }} as base
        where base.quarantine_reason is null
            and base.load_id in (
                select loads.load_id
                from {{ source('ops', 'loads') }} as loads
                where loads.status = 'accepted'
            )
            {{- touched }}
    )
{%- endmacro %}


{% macro with_is_change(rows, key) -%}
    (
        select
            rows_in_order.*,
            lag(rows_in_order.row_hash) over (
                partition by {{ key | join(', ') }} order by {{ version_order() }}
            ) is distinct from rows_in_order.row_hash as is_change
        from {{ rows }} as rows_in_order
    )
{%- endmacro %}


{% macro accepted_versions(base, key) -%}
    {#- Every version of a key, with is_current; of one load just what it said last. -#}
    {%- set by_key = 'partition by ' ~ key | join(', ') ~ ' order by ' ~ version_order() -%}
    {%- set said_last -%}
    (
        select said.*
        from (
            select
                accepted.*,
                lead(accepted.load_id) over ({{ by_key }}) as next_load_id
            from {{ accepted_rows(base) }} as accepted
        ) as said
        where said.next_load_id is distinct from said.load_id
    )
    {%- endset -%}
    (
        select
            changed.*,
            lead(changed.row_hash) over ({{ by_key }}) is null as is_current
        from {{ with_is_change(said_last, key) }} as changed
        where changed.is_change
    )
{%- endmacro %}


{% macro current_version(base, key, streams=none) -%}
    {#- The current version of each key; with `streams`, in an incremental model, of those keys that
        the loads not yet processed brought. Most keys have one version: only the others are put in
        order, and all other rows stream through. -#}
    {%- set keys = key | join(', ') -%}
    {%- set touched -%}
        {%- if streams and is_incremental() %}
            and ({{ keys }}) in (
                select {{ keys }}
                from {{ base }} as new_rows
                where new_rows.load_id in {{ unprocessed_loads(streams) }}
            )
        {%- endif -%}
    {%- endset -%}
    {%- set repeated -%}
            {{ touched }}
            and ({{ keys }}) in (
                select {{ keys }}
                from {{ accepted_rows(base, touched) }} as counted
                group by {{ keys }}
                having count(*) > 1
            )
    {%- endset -%}
    (
        select accepted.*
        from {{ accepted_rows(base, touched) }} as accepted
        where not exists (
            select 1
            from (
                select
                    load_id,
                    page_index,
                    row_index,
                    row_number() over (
                        partition by {{ keys }}
                        order by is_change desc, {{ version_order(' desc') }}
                    ) as recency
                from {{ with_is_change(accepted_rows(base, repeated), key) }} as versions
            ) as superseded
            where superseded.recency > 1
                and superseded.load_id = accepted.load_id
                and superseded.page_index = accepted.page_index
                and superseded.row_index = accepted.row_index
        )
    )
{%- endmacro %}


{% macro named_value(list, name_field, name, value_field) -%}
    {#- The value of the element with that name; null where the vendor sent none. -#}
    list_filter({{ list }}, lambda item: item.{{ name_field }} = '{{ name }}')[1].{{ value_field }}
{%- endmacro %}
