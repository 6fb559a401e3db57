with

source as (
    select * from {{ current_version(
        ref('base_youtube__video_performance'), ['video_id_youtube', 'report_date']
    ) }} as video_performance
),

renamed as (
    select
        channel_id_youtube,
        video_id_youtube,
        report_date,
        'America/Los_Angeles' as report_timezone,
        views,
        watch_minutes,
        average_view_seconds,
        likes,
        dislikes,
        comments,
        shares,
        subscribers_gained,
        subscribers_lost,
        load_id,
        pulled_at
    from source
)

select * from renamed
