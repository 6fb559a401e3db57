with

source as (
    select * from {{ current_version(ref('base_hubspot__forms'), ['form_id_hubspot']) }} as forms
),

renamed as (
    select
        form_id_hubspot,
        form_name,
        form_type,
        coalesce(is_archived, false) as is_archived,
        archived_at,
        created_at,
        updated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
