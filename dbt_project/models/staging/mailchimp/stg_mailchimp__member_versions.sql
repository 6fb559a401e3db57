with

source as (
    select *
    from {{ accepted_versions(ref('base_mailchimp__members'), ['list_id_mailchimp', 'member_id_mailchimp']) }}
        as versions
),

renamed as (
    select
        concat(list_id_mailchimp, ':', member_id_mailchimp, ':', load_id) as member_version_id,
        list_id_mailchimp,
        member_id_mailchimp,
        member_status,
        opted_in_at,
        updated_at,
        load_id,
        pulled_at,
        is_current
    from source
)

select * from renamed
