with videos as (
    select * from {{ ref('stg_youtube__videos') }}
),

final as (
    select
        'youtube' as platform,
        channel_id_youtube as account_id,
        video_id_youtube as post_id,
        published_at as posted_at,
        video_title as message,
        permalink_url,
        views,
        cast(null as bigint) as reach,
        cast(null as bigint) as clicks,
        likes as reactions,
        comments,
        -- Told by day only: see int_videos__youtube.
        cast(null as bigint) as shares,
        cast(null as bigint) as saves,
        pulled_at,
        load_id
    from videos
)

select * from final
