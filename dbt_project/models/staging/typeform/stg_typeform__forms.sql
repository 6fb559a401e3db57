with

source as (
    select * from {{ current_version(ref('base_typeform__forms'), ['form_id_typeform']) }} as forms
),

renamed as (
    select
        form_id_typeform,
        form_title,
        form_type,
        created_at,
        updated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
