with

source as (
    select *
    from {{ accepted_versions(ref('base_hubspot__contacts'), ['contact_id_hubspot']) }}
        as versions
),

renamed as (
    select
        concat(contact_id_hubspot, ':', load_id) as contact_version_id,
        contact_id_hubspot,
        email,
        has_opted_out_of_email,
        updated_at,
        load_id,
        pulled_at,
        is_current
    from source
)

select * from renamed
