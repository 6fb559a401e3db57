with

source as (
    select * from {{ accepted_versions(ref('base_youtube__videos'), ['video_id_youtube']) }} as videos
),

uploads as (
    select * from {{ ref('stg_youtube__uploads') }}
),

renamed as (
    select
        source.video_id_youtube,
        source.channel_id_youtube,
        source.video_title,
        'https://www.youtube.com/watch?v=' || source.video_id_youtube as permalink_url,
        source.category_id_youtube,
        source.broadcast_status,
        source.privacy_status,
        source.upload_status,
        source.duration_seconds,
        source.views,
        source.likes,
        -- Null where nobody may comment.
        source.comments,
        -- One that no list has had yet came up after the newest list was read.
        not coalesce(uploads.is_listed, true) as is_deleted,
        uploads.last_listed_at,
        source.published_at,
        source.load_id,
        source.pulled_at,
        source.is_current
    from source
    left join uploads
        on source.video_id_youtube = uploads.video_id_youtube
)

select * from renamed
