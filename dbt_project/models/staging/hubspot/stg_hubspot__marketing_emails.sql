with

source as (
    select * from {{ current_version(ref('base_hubspot__marketing_emails'), ['email_id_hubspot']) }} as marketing_emails
),

renamed as (
    select
        email_id_hubspot,
        email_name,
        subject,
        email_state,
        email_type,
        marketing_campaign_id_hubspot,
        marketing_campaign_name,
        coalesce(is_archived, false) as is_archived,
        published_at,
        created_at,
        updated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
