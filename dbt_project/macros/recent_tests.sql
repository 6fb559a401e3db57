{% test unique_recently(model, column_name, time_column, days=35, condition='true') %}
    {#- Doubles come with what is new, which is not far from the latest: cost does not grow. -#}
    select
        {{ column_name }},
        count(*) as row_count
    from {{ model }}
    where
        {{ column_name }} is not null
        and {{ condition }}
        and {{ time_column }} >= (
            select {{ dbt.dateadd('day', -1 * days, 'max(latest.' ~ time_column ~ ')') }}
            from {{ model }} as latest
        )
    group by {{ column_name }}
    having count(*) > 1
{% endtest %}
