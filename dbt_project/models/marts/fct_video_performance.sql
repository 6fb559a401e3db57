with videos as (
    select * from {{ ref('int_videos__unioned') }}
),

final as (
    select
        platform,
        account_id,
        post_id,
        report_date,
        report_timezone,
        platform as channel,
        views,
        watch_minutes,
        average_view_seconds,
        reactions,
        dislikes,
        comments,
        shares,
        followers_gained,
        followers_lost,
        is_settled,
        is_deleted,
        pulled_at,
        post_key,
        video_day_id
    from videos
)

select * from final
