{#-
    What ran all week cost a seventh of it on each day; the Sunday takes what rounding leaves over.
    A single spot cost what it cost on its day.
-#}

with activity as (
    select * from {{ ref('stg_files__offline_activity') }}
    where
        not is_deleted
        and spend_amount is not null
),

days_of_week as (
    {% for day in range(7) %}
    select {{ day }} as days_after_monday{{ " union all" if not loop.last }}
    {% endfor %}
),

final as (
    select
        activity_id_files as activity_id,
        cast(ran_at as date) as activity_date,
        channel_group as channel,
        currency_code,
        cast(spend_amount as {{ amount_type() }}) as spend_amount
    from activity
    where ran_at is not null
    union all
    select
        activity.activity_id_files,
        cast(
            {{ dbt.dateadd('day', 'days_of_week.days_after_monday', 'activity.week_start_date') }}
            as date
        ),
        activity.channel_group,
        activity.currency_code,
        cast(
            case
                when days_of_week.days_after_monday < 6 then round(activity.spend_amount / 7, 4)
                else activity.spend_amount - 6 * round(activity.spend_amount / 7, 4)
            end as {{ amount_type() }}
        )
    from activity
    cross join days_of_week
    where activity.ran_at is null
)

select * from final
