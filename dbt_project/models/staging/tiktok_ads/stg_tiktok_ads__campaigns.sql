with

source as (
    select * from {{ current_version(ref('base_tiktok_ads__campaigns'), ['campaign_id_tiktok']) }}
        as campaigns
),

renamed as (
    select
        campaign_id_tiktok,
        account_id_tiktok,
        campaign_name,
        campaign_status,
        objective,
        campaign_status = 'CAMPAIGN_STATUS_DELETE' as is_deleted,
        created_at,
        updated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
