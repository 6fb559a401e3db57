with

source as (
    select * from {{ current_version(ref('base_hubspot__contacts'), ['contact_id_hubspot']) }} as contacts
),

renamed as (
    select
        contact_id_hubspot,
        email,
        coalesce(phone_number, mobile_number) as phone_number,
        first_name,
        last_name,
        street_address,
        city,
        region,
        postal_code,
        country_code,
        x_handle,
        lifecycle_stage,
        has_opted_out_of_email,
        coalesce(is_archived, false) as is_archived,
        archived_at,
        created_at,
        updated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
