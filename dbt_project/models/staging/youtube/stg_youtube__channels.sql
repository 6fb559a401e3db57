with

source as (
    select * from {{ current_version(ref('base_youtube__channels'), ['channel_id_youtube']) }}
        as channels
),

renamed as (
    select
        channel_id_youtube,
        channel_title,
        channel_handle,
        country_code,
        uploads_playlist_id_youtube,
        views,
        -- Where the owner hides it, YouTube tells a 0.
        case when not coalesce(is_subscriber_count_hidden, false) then subscribers end as subscribers,
        videos,
        is_subscriber_count_hidden,
        created_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
