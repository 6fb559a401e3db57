{# Key tests for tables too large to look through every night. #}

{% test unique_among_new(model, column_name) %}
    {#- Rows of the last pulled day must not share their key with any row. -#}
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


{% test unique_together(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
