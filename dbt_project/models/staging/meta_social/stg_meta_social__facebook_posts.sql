with

source as (
    select * from {{ accepted_versions(ref('base_meta_social__facebook_posts'), ['post_id']) }} as facebook_posts
),

renamed as (
    select
        post_id,
        'facebook' as network,
        split_part(post_id, '_', 1) as account_id_meta,
        message,
        permalink_url,
        {{ named_value('insights', 'metric_name', 'post_media_view', 'metric_value') }} as views,
        {{ named_value('insights', 'metric_name', 'post_total_media_view_unique', 'metric_value') }} as reach,
        {{ named_value('insights', 'metric_name', 'post_clicks', 'metric_value') }} as clicks,
        reactions,
        {{ named_value('insights', 'metric_name', 'post_reactions_like_total', 'metric_value') }} as likes,
        comments,
        shares,
        cast(null as bigint) as saves,
        posted_at,
        load_id,
        pulled_at,
        is_current
    from source
)

select * from renamed
