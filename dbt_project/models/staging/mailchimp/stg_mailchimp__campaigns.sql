with

source as (
    select *
    from {{ current_version(
        ref('base_mailchimp__campaigns'),
        ['campaign_id_mailchimp']
    ) }} as campaigns
),

renamed as (
    select
        campaign_id_mailchimp,
        list_id_mailchimp,
        parent_campaign_id_mailchimp,
        campaign_type,
        campaign_status,
        campaign_name,
        subject,
        created_at,
        case when campaign_status = 'sent' then sent_at end as sent_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
