with facebook_posts as (
    select * from {{ ref('stg_meta_social__facebook_posts') }}
),

instagram_media as (
    select * from {{ ref('stg_meta_social__instagram_media') }}
),

facebook as (
    select
        'facebook' as platform,
        account_id_meta as account_id,
        post_id,
        posted_at,
        message,
        permalink_url,
        views,
        reach,
        clicks,
        reactions,
        comments,
        shares,
        cast(null as bigint) as saves,
        pulled_at,
        load_id
    from facebook_posts
),

instagram as (
    select
        'instagram' as platform,
        account_id_meta as account_id,
        post_id,
        posted_at,
        message,
        permalink_url,
        views,
        reach,
        cast(null as bigint) as clicks,
        reactions,
        comments,
        shares,
        saves,
        pulled_at,
        load_id
    from instagram_media
),

final as (
    select * from facebook
    union all
    select * from instagram
)

select * from final
