with

source as (
    select * from {{ current_version(ref('base_meta_ads__ads'), ['ad_id_meta']) }} as ads
),

renamed as (
    select
        ad_id_meta,
        ad_set_id_meta,
        campaign_id_meta,
        account_id_meta,
        ad_name,
        ad_status,
        created_at,
        updated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
