{# What staging selects from: the rows of accepted loads that could be read, version by version. #}

{% macro accepted_rows(base) -%}
    (
        select base.*
        from {{ base }} as base
        where base.quarantine_reason is null
            and base.load_id in (
                select loads.load_id
                from {{ source('ops', 'loads') }} as loads
                where loads.status = 'accepted'
            )
    )
{%- endmacro %}


{% macro accepted_versions(base, key) -%}
    {#- Every version of a key, with is_current. Two that follow each other and are alike are one, the
        first: which of them base keeps depends on when their loads were judged. -#}
    {%- set order = 'pulled_at, load_id, page_index, row_index' -%}
    (
        select
            changed.*,
            lead(changed.row_hash) over (partition by {{ key | join(', ') }} order by {{ order }})
                is null as is_current
        from (
            select
                accepted.*,
                lag(accepted.row_hash) over (partition by {{ key | join(', ') }} order by {{ order }})
                    as previous_hash
            from {{ accepted_rows(base) }} as accepted
        ) as changed
        where changed.previous_hash is distinct from changed.row_hash
    )
{%- endmacro %}


{% macro current_version(base, key) -%}
    (
        select versions.* from {{ accepted_versions(base, key) }} as versions where versions.is_current
    )
{%- endmacro %}


{% macro new_current_version(base, key, streams) -%}
    {#- The same for an incremental model: of the keys that its unprocessed loads brought. -#}
    {%- set touched -%}
    (
        select base.*
        from {{ base }} as base
        where base.{{ key }} in (
            select new_rows.{{ key }}
            from {{ base }} as new_rows
            where new_rows.load_id in {{ unprocessed_loads(streams) }}
        )
    )
    {%- endset -%}
    {{ current_version(touched, [key]) }}
{%- endmacro %}


{% macro named_value(list, name_field, name, value_field) -%}
    {#- The value of the element with that name; null where the vendor sent none. -#}
    list_filter({{ list }}, lambda item: item.{{ name_field }} = '{{ name }}')[1].{{ value_field }}
{%- endmacro %}
