with

source as (
    select *
    from {{ current_version(
        ref('base_mailchimp__unsubscribed'),
        ['campaign_id_mailchimp', 'member_id_mailchimp']
    ) }} as unsubscribes
),

renamed as (
    select
        concat(campaign_id_mailchimp, ':', member_id_mailchimp) as recipient_id_mailchimp,
        campaign_id_mailchimp,
        list_id_mailchimp,
        member_id_mailchimp,
        email,
        unsubscribe_reason,
        unsubscribed_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
