with

source as (
    select * from {{ current_version(ref('base_hubspot__email_campaigns'), ['email_campaign_id_hubspot']) }} as email_campaigns
),

renamed as (
    select
        email_campaign_id_hubspot,
        email_id_hubspot,
        campaign_name,
        subject,
        campaign_type,
        app_name,
        sent_count,
        delivered_count,
        open_count,
        click_count,
        bounce_count,
        processed_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
