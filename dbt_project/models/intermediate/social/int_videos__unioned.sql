with unioned as (
    select * from {{ ref('int_videos__youtube') }}
),

final as (
    select
        {{ text_key(['platform', 'post_id']) }} as post_key,
        {{ text_key(['platform', 'post_id', 'cast(report_date as ' ~ dbt.type_string() ~ ')']) }}
            as video_day_id,
        platform,
        account_id,
        post_id,
        report_date,
        report_timezone,
        cast(views as bigint) as views,
        cast(watch_minutes as bigint) as watch_minutes,
        cast(average_view_seconds as bigint) as average_view_seconds,
        cast(reactions as bigint) as reactions,
        cast(dislikes as bigint) as dislikes,
        cast(comments as bigint) as comments,
        cast(shares as bigint) as shares,
        cast(followers_gained as bigint) as followers_gained,
        cast(followers_lost as bigint) as followers_lost,
        is_settled,
        is_deleted,
        pulled_at,
        load_id
    from unioned
)

select * from final
