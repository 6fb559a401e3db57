with

source as (
    select *
    from {{ current_version(
        ref('base_mailchimp__members'),
        ['list_id_mailchimp', 'member_id_mailchimp']
    ) }} as members
),

renamed as (
    select
        concat(list_id_mailchimp, ':', member_id_mailchimp) as list_member_id_mailchimp,
        list_id_mailchimp,
        member_id_mailchimp,
        unique_email_id_mailchimp,
        contact_id_mailchimp,
        email,
        phone_number,
        first_name,
        last_name,
        country_code,
        language_code,
        member_status,
        member_status in ('archived', 'cleaned') as is_gone,
        is_vip,
        signup_source,
        unsubscribe_reason,
        signed_up_at,
        opted_in_at,
        updated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
