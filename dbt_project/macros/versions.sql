{# What staging selects from: the rows of accepted loads that could be read, version by version.

   Two versions of a key that follow each other and are alike are one, the first: which of them base
   keeps depends on when their loads were judged, and that must not show. #}

{% macro version_order(direction='') -%}
    pulled_at{{ direction }}, load_id{{ direction }}, page_index{{ direction }}, row_index{{ direction }}
{%- endmacro %}


{% macro accepted_rows(base, condition='true') -%}
    (
        select base.*
        from {{ base }} as base
        where base.quarantine_reason is null
            and base.load_id in (
                select loads.load_id
                from {{ source('ops', 'loads') }} as loads
                where loads.status = 'accepted'
            )
            and {{ condition }}
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


{% macro current_version(base, key, streams=none, known_in=none) -%}
    {#- The current version of each key; with `streams`, in an incremental model, of those keys that
        the loads not yet processed brought. `known_in` is the relation that has every key processed
        so far, by default the model itself: a key it has not needs no look at older loads.

        Most keys are new and have one version: only the others are looked up and put in order, all
        other rows stream through. The CTEs are small, for the engine holds them in memory. -#}
    {%- set keys = key | join(', ') -%}
    {%- set is_partial = streams and is_incremental() -%}
    {%- if is_partial -%}
        {#- Written out, so that the engine skips all that lies in other loads unread. -#}
        {%- set new_loads = run_query('select load_id from ' ~ unprocessed_loads(streams) ~ ' as loads') -%}
        {%- set load_ids = "('" ~ new_loads.columns[0].values() | join("', '") ~ "')" -%}
        {%- set is_new = 'base.load_id in ' ~ load_ids -%}
        {%- set rows -%}
    (
        select * from {{ accepted_rows('returning_rows') }} as returning_rows
        union all
        select base.*
        from {{ base }} as base
        left join returning_keys
            on {% for column in key -%}
                {{ ' and ' if not loop.first }}base.{{ column }} = returning_keys.{{ column }}
            {%- endfor %}
        where base.quarantine_reason is null
            and {{ is_new }}
            and returning_keys.{{ key[0] }} is null
    )
        {%- endset -%}
    {%- else -%}
        {%- set rows = accepted_rows(base) -%}
    {%- endif -%}
    (
        with

        {% if is_partial -%}
        returning_keys as (
            select distinct {{ keys }}
            from {{ known_in or this }} as known
            where ({{ keys }}) in (select {{ keys }} from {{ base }} as base where {{ is_new }})
                {%- if known_in %}
                and known.load_id not in {{ load_ids }}
                {%- endif %}
        ),

        returning_rows as (
            {{ rows_of_keys(base, keys, 'returning_keys') }}
        ),

        {% endif -%}
        repeated_keys as (
            select {{ keys }}
            from {{ rows }} as counted
            group by {{ keys }}
            having count(*) > 1
        ),

        superseded as (
            select
                load_id,
                page_index,
                row_index
            from (
                select
                    load_id,
                    page_index,
                    row_index,
                    row_number() over (
                        partition by {{ keys }}
                        order by is_change desc, {{ version_order(' desc') }}
                    ) as recency
                from {{ with_is_change(
                    '(select * from ' ~ rows ~ ' as repeated where (' ~ keys ~ ') in (select '
                    ~ keys ~ ' from repeated_keys))', key
                ) }} as versions
            ) as ranked
            where recency > 1
        )

        {#- Not exists would hold all rows in memory. #}
        select accepted.*
        from {{ rows }} as accepted
        left join superseded
            on accepted.load_id = superseded.load_id
                and accepted.page_index = superseded.page_index
                and accepted.row_index = superseded.row_index
        where superseded.load_id is null
    )
{%- endmacro %}


{% macro rows_of_keys(relation, keys, wanted) -%}
    {{ return(adapter.dispatch('rows_of_keys')(relation, keys, wanted)) }}
{%- endmacro %}


{% macro default__rows_of_keys(relation, keys, wanted) -%}
    {#- By row id, so that just the keys are read through, and of other columns what is wanted. -#}
    select *
    from {{ relation }}
    where rowid in (
        select rowid from {{ relation }} where ({{ keys }}) in (select {{ keys }} from {{ wanted }})
    )
{%- endmacro %}


{% macro named_value(list, name_field, name, value_field) -%}
    {#- The value of the element with that name; null where the vendor sent none. -#}
    list_filter({{ list }}, lambda item: item.{{ name_field }} = '{{ name }}')[1].{{ value_field }}
{%- endmacro %}
