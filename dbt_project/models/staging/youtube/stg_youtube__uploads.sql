with

source as (
    select * from {{ accepted_rows(ref('base_youtube__uploads')) }} as uploads
),

listed as (
    select
        source.*,
        max(load_id) over (partition by playlist_id_youtube) as newest_load_id,
        max(pulled_at) over (partition by playlist_id_youtube) as list_pulled_at,
        row_number() over (partition by video_id_youtube order by {{ version_order(' desc') }})
            as recency
    from source
),

renamed as (
    select
        video_id_youtube,
        playlist_id_youtube,
        -- Of no video is told that it was taken down: the newest list lacks it.
        load_id = newest_load_id as is_listed,
        pulled_at as last_listed_at,
        list_pulled_at,
        published_at,
        load_id,
        pulled_at
    from listed
    where recency = 1
)

select * from renamed
