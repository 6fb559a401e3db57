{#
    Guards of identity, from their seeds. Patterns are written out as constants: a pattern that
    comes from a column is compiled for every row.
#}

{% macro seed_rows(seed, columns) %}
    {#- What a seed holds, as it was loaded; nothing while the project is parsed. -#}
    {%- if not execute or adapter.get_relation(seed.database, seed.schema, seed.identifier) is none -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set names = columns | join(', ') -%}
    {{ return(run_query('select ' ~ names ~ ' from ' ~ seed ~ ' order by ' ~ names).rows) }}
{% endmacro %}

{% macro matches_pattern(text, pattern) %}
    {{ return(adapter.dispatch('matches_pattern', 'throughline')(text, pattern)) }}
{% endmacro %}

{% macro default__matches_pattern(text, pattern) %}
    regexp_matches({{ text }}, '{{ pattern | replace("'", "''") }}')
{% endmacro %}

{% macro spark__matches_pattern(text, pattern) %}
    {{ text }} rlike '{{ pattern | replace("'", "''") | replace("\\", "\\\\") }}'
{% endmacro %}

{% macro format_reason(type, value) %}
    {#- Why a value is no identifier of its type, by value_pattern of identity_types; else null. -#}
    case
        {% for row in seed_rows(ref('identity_types'), ['identifier_type', 'value_pattern'])
            if row[1] %}
            when
                {{ type }} = '{{ row[0] }}'
                and not {{ matches_pattern(value, row[1]) }}
                then 'format: no {{ row[0] }} (value_pattern of identity_types)'
        {% endfor %}
        when {{ type }} is null then 'format: no type'
    end
{% endmacro %}

{% macro pattern_reason(type, value) %}
    {#- The reason of the first pattern of identity_blocked_patterns that a value matches. -#}
    {%- set columns = ['identifier_type', 'value_pattern', 'block_reason'] -%}
    case
        {% for row in seed_rows(ref('identity_blocked_patterns'), columns) %}
            when
                {{ type }} = '{{ row[0] }}'
                and {{ matches_pattern(value, row[1]) }}
                then '{{ row[2] | replace("'", "''") }}'
        {% endfor %}
        when {{ type }} is null then 'no type'
    end
{% endmacro %}

{# Bodies of common table expressions of int_identity__candidate_edges, named as there. #}

{% macro guarded_ends() %}
    select
        ends.identifier_id,
        identity_types.strength,
        coalesce(identity_types.is_person_link, false) as is_person_link,
        coalesce(
            case
                when identity_types.identifier_type is null
                    then {{ dbt.concat([
                        "'type: '", 'ends.identifier_type', "' is not in identity_types'",
                    ]) }}
            end,
            {{ dbt.concat(["'blocked value: '", 'ends.identifier_type', "': '",
                'coalesce(blocked.block_reason, blocked_anywhere.block_reason)']) }},
            {{ dbt.concat(["'blocked pattern: '", 'ends.identifier_type', "': '",
                pattern_reason('ends.identifier_type', 'ends.identifier_value')]) }},
            {{ format_reason('ends.identifier_type', 'ends.identifier_value') }}
        ) as block_reason,
        {{ dbt.concat(["'shared: '", 'ends.identifier_type', "': '", 'shared_values.shared_by']) }}
            as shared_reason
    from ends
    left join identity_types
        on ends.identifier_type = identity_types.identifier_type
    left join blocked_values as blocked
        on
            ends.identifier_type = blocked.identifier_type
            and lower(ends.identifier_value) = blocked.identifier_value
    left join blocked_values as blocked_anywhere
        on
            blocked_anywhere.identifier_type = '*'
            and lower(ends.identifier_value) = blocked_anywhere.identifier_value
    left join shared_values
        on
            ends.identifier_type = shared_values.identifier_type
            and ends.identifier_value = shared_values.identifier_value
{% endmacro %}

{% macro ends_blocked_otherwise() %}
    {#- A shop that opens, moves or closes changes what is blocked, without any seed. -#}
    {%- set stars = "(select identifier_value from blocked_values where identifier_type = '*')" -%}
    {%- for side in ['left', 'right'] %}
    select known.{{ side }}_identifier_id as identifier_id
    from known
    left join blocked_values as blocked
        on known.{{ side }}_identifier_id = blocked.identifier_id
    where
        (known.{{ side }}_block_reason is null and blocked.identifier_id is not null)
        or (
            known.{{ side }}_block_reason like 'blocked value: %'
            and blocked.identifier_id is null
            and lower(known.{{ side }}_value) not in {{ stars }}
        )
    {{ 'union' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{% macro ends_both_ways() %}
    {%- for side, other in [('left', 'right'), ('right', 'left')] %}
    select
        {{ side }}_identifier_id as identifier_id,
        {{ side }}_type as identifier_type,
        {{ other }}_type as linked_type,
        {{ other }}_value as linked_value
    from checked
    where
        right_type is not null
        and left_block_reason is null
        and right_block_reason is null
    {{ 'union' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{% macro ends_over_limits() %}
    {%- set text = dbt.type_string() %}
    select
        both_ways.identifier_id,
        {{ dbt.concat([
            "'limit: one '", 'limits.identifier_type', "' with more than '",
            'cast(limits.max_linked as ' ~ text ~ ')', "' '", 'limits.linked_type',
        ]) }} as limit_reason
    from both_ways
    inner join limits
        on
            both_ways.identifier_type = limits.identifier_type
            and both_ways.linked_type = limits.linked_type
    group by
        both_ways.identifier_id, limits.identifier_type, limits.linked_type, limits.max_linked
    having count(*) > limits.max_linked
{% endmacro %}

{% macro link_reason(side) %}
    {#- What is not touched keeps the reason it had. -#}
    coalesce(
        checked.{{ side }}_shared_reason,
        case
            when {{ side }}_crowded.identifier_id is not null
                then {{ side }}_crowded.limit_reason
            else checked.{{ side }}_known_reason
        end
    )
{% endmacro %}
