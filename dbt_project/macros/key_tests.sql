{# Tests of keys and of columns that are never null. Each costs as much as a small table, however
   few its rows, so one looks at as much as a single scan tells. #}

{% test primary_key(model, column_name, never_null=[]) %}
    {#- A column that is never null and the same in no two rows. -#}
    {{ wrong_keys(model, [column_name], [column_name] + never_null) }}
{% endtest %}


{% test unique_together(model, columns, never_null=[]) %}
    {{ wrong_keys(model, columns, never_null) }}
{% endtest %}


{% macro wrong_keys(model, key, never_null) -%}
    {#- Keys of several rows, and keys of rows where what is never null is null: how many rows the key
        has, and in how many a column is null. One look at the table tells both. -#}
    select
        {{ key | join(', ') }},
        count(*) as row_count
        {%- for column in never_null %},
        count(*) - count({{ column }}) as {{ column }}_nulls
        {%- endfor %}
    from {{ model }}
    group by {{ key | join(', ') }}
    having
        count(*) > 1
        {%- for column in never_null %}
        or count({{ column }}) < count(*)
        {%- endfor %}
{%- endmacro %}


{% test never_null(model, columns) %}
    {#- Of a table whose key is not looked at with it. One row where any is null: how many rows are,
        by column. -#}
    {{ config(fail_calc='coalesce(sum(' ~ columns | join(' + ') ~ '), 0)') }}
    select *
    from (
        select
            {%- for column in columns %}
            sum(case when {{ column }} is null then 1 else 0 end) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ model }}
    ) as null_rows
    where {{ columns | join(' + ') }} > 0
{% endtest %}


{% test unique_among_new(model, column_name) %}
    {#- For tables too large to look through: rows of the last pulled day share their key with none. -#}
    select
        {{ column_name }},
        count(*) as row_count
    from {{ model }}
    where {{ column_name }} in (
        select new_rows.{{ column_name }}
        from {{ model }} as new_rows
        where new_rows.pulled_at >= (select max(pulled_at) - interval '1 day' from {{ model }})
    )
    group by {{ column_name }}
    having count(*) > 1
{% endtest %}
