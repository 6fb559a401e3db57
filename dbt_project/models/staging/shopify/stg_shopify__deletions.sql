with

source as (
    select * from {{ current_version(ref('base_shopify__deletions'), ['event_id_shopify']) }} as deletions
    where event_action = 'destroy'
),

renamed as (
    select
        event_id_shopify,
        subject_id_shopify,
        subject_type,
        deleted_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
