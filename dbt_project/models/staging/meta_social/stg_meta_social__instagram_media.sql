with

source as (
    select * from {{ accepted_versions(ref('base_meta_social__instagram_media'), ['post_id']) }} as instagram_media
),

renamed as (
    select
        post_id,
        'instagram' as network,
        account_id_meta,
        message,
        permalink_url,
        {{ named_value('insights', 'metric_name', 'views', 'metric_value') }} as views,
        {{ named_value('insights', 'metric_name', 'reach', 'metric_value') }} as reach,
        cast(null as bigint) as clicks,
        likes as reactions,
        comments,
        {{ named_value('insights', 'metric_name', 'shares', 'metric_value') }} as shares,
        {{ named_value('insights', 'metric_name', 'saved', 'metric_value') }} as saves,
        posted_at,
        load_id,
        pulled_at,
        is_current
    from source
)

select * from renamed
