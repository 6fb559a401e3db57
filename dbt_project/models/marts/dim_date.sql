with days as (
    {{ dbt.date_spine('day', "cast('2010-01-01' as date)", "cast('2036-01-01' as date)") }}
),

dated as (
    select cast(date_day as date) as calendar_date from days
),

final as (
    select
        calendar_date,
        cast(extract(year from calendar_date) as integer) as calendar_year,
        cast(extract(quarter from calendar_date) as integer) as calendar_quarter,
        cast(extract(month from calendar_date) as integer) as calendar_month,
        cast(extract(day from calendar_date) as integer) as day_of_month,
        cast({{ dbt.date_trunc('week', 'calendar_date') }} as date) as iso_week_start_date,
        cast({{ dbt.date_trunc('month', 'calendar_date') }} as date) as month_start_date,
        cast({{ dbt.datediff(
            "cast(" ~ dbt.date_trunc('week', 'calendar_date') ~ " as date)", 'calendar_date', 'day'
        ) }} + 1 as integer) as iso_day_of_week
    from dated
)

select * from final
