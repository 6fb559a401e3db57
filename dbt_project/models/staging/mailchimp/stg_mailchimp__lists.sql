with

source as (
    select *
    from {{ current_version(
        ref('base_mailchimp__lists'),
        ['list_id_mailchimp']
    ) }} as lists
),

renamed as (
    select
        list_id_mailchimp,
        list_name,
        visibility,
        list_rating,
        member_count,
        created_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
