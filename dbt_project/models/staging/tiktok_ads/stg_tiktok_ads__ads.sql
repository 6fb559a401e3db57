with

source as (
    select * from {{ current_version(ref('base_tiktok_ads__ads'), ['ad_id_tiktok']) }} as ads
),

renamed as (
    select
        ad_id_tiktok,
        ad_group_id_tiktok,
        campaign_id_tiktok,
        account_id_tiktok,
        ad_group_name,
        ad_name,
        ad_type,
        ad_status,
        final_url,
        -- An ad goes with its group and its campaign.
        ad_status in ('AD_STATUS_DELETE', 'AD_STATUS_ADGROUP_DELETE', 'AD_STATUS_CAMPAIGN_DELETE')
            as is_deleted,
        created_at,
        updated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
