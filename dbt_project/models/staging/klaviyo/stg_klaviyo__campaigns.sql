with

source as (
    select * from {{ current_version(ref('base_klaviyo__campaigns'), ['campaign_id_klaviyo']) }} as campaigns
),

renamed as (
    select
        campaign_id_klaviyo,
        message_id_klaviyo,
        campaign_name,
        campaign_status,
        sent_at,
        scheduled_at,
        created_at,
        updated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
