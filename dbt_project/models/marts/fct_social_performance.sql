{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_rows(
        'post_key in ' ~ newly_loaded_rows('int_social__unioned', 'post_key')
    ) }}",
    post_hook="{{ mark_new_loads() }}",
) }}

{% set measures = ['views', 'reach', 'clicks', 'reactions', 'comments', 'shares', 'saves'] %}

with posts as (
    select * from {{ ref('int_social__unioned') }}
    {% if is_incremental() %}
        where post_key in {{ newly_loaded_rows('int_social__unioned', 'post_key') }}
    {% endif %}
),

ranked as (
    select
        posts.*,
        cast(pulled_at as date) as report_date,
        row_number() over (
            partition by post_key, cast(pulled_at as date)
            order by pulled_at desc, load_id desc
        ) as recency
    from posts
),

daily as (
    select * from ranked where recency = 1
),

final as (
    select
        platform,
        account_id,
        post_id,
        report_date,
        platform as channel,
        posted_at,
        message,
        permalink_url,
        {% for measure in measures %}
            {{ measure }} as {{ measure }}_to_date,
        {% endfor %}
        {{ measures[0] }} - lag({{ measures[0] }}) over (
            partition by post_key
            order by report_date
        ) as views_gained,
        pulled_at,
        post_key,
        {{ text_key(['post_key', 'cast(report_date as ' ~ dbt.type_string() ~ ')']) }}
            as post_day_id
    from daily
)

select * from final
