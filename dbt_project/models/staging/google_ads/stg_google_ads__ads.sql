with

source as (
    select * from {{ current_version(ref('base_google_ads__ads'), ['ad_id_google_ads']) }} as ads
),

renamed as (
    select
        account_id_google_ads,
        campaign_id_google_ads,
        ad_group_id_google_ads,
        ad_id_google_ads,
        ad_group_name,
        ad_name,
        ad_type,
        ad_status,
        final_url,
        load_id,
        pulled_at
    from source
)

select * from renamed
