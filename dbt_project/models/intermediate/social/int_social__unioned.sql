with unioned as (
    select * from {{ ref('int_social__meta_social') }}
    union all
    select * from {{ ref('int_social__youtube') }}
),

final as (
    select
        {{ text_key(['platform', 'post_id']) }} as post_key,
        platform,
        account_id,
        post_id,
        posted_at,
        message,
        permalink_url,
        cast(views as bigint) as views,
        cast(reach as bigint) as reach,
        cast(clicks as bigint) as clicks,
        cast(reactions as bigint) as reactions,
        cast(comments as bigint) as comments,
        cast(shares as bigint) as shares,
        cast(saves as bigint) as saves,
        pulled_at,
        load_id
    from unioned
)

select * from final
