with

source as (
    select *
    from {{ current_version(
        ref('base_mailchimp__abuse_reports'),
        ['complaint_id_mailchimp', 'campaign_id_mailchimp']
    ) }} as complaints
),

renamed as (
    select
        concat(campaign_id_mailchimp, ':', complaint_id_mailchimp) as campaign_complaint_id_mailchimp,
        complaint_id_mailchimp,
        campaign_id_mailchimp,
        list_id_mailchimp,
        member_id_mailchimp,
        email,
        complained_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
