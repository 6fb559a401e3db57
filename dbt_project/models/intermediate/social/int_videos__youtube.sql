with video_performance as (
    select * from {{ ref('stg_youtube__video_performance') }}
),

uploads as (
    select * from {{ ref('stg_youtube__uploads') }}
),

final as (
    select
        'youtube' as platform,
        video_performance.channel_id_youtube as account_id,
        video_performance.video_id_youtube as post_id,
        video_performance.report_date,
        video_performance.report_timezone,
        video_performance.views,
        video_performance.watch_minutes,
        video_performance.average_view_seconds,
        video_performance.likes as reactions,
        video_performance.dislikes,
        video_performance.comments,
        video_performance.shares,
        video_performance.subscribers_gained as followers_gained,
        video_performance.subscribers_lost as followers_lost,
        video_performance.report_date < {{ settled_before('youtube', 'video_performance', 7) }}
            as is_settled,
        not coalesce(uploads.is_listed, true) as is_deleted,
        video_performance.pulled_at,
        video_performance.load_id
    from video_performance
    left join uploads
        on video_performance.video_id_youtube = uploads.video_id_youtube
)

select * from final
