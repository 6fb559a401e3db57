with

source as (
    select * from {{ current_version(ref('base_meta_ads__campaigns'), ['campaign_id_meta']) }} as campaigns
),

renamed as (
    select
        campaign_id_meta,
        account_id_meta,
        campaign_name,
        campaign_status,
        objective,
        created_at,
        updated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
