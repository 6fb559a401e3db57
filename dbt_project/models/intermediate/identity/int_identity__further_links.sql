{# What only some vendors' records say of a person: names in social networks, and hashes. #}

with contacts as (
    select
        contact_id_hubspot,
        x_handle,
        created_at,
        updated_at
    from {{ ref('stg_hubspot__contacts') }}
),

customers as (
    select * from {{ ref('stg_files__customers') }} where not is_deleted
),

people as (
    select
        customers.*,
        case when customer_number is not null then 'customer_number' else 'loyalty_number' end
            as record_type,
        coalesce({{ files_customer('customers') }}, loyalty_number) as record_value,
        signed_up_at as created_at,
        signed_up_at as updated_at
    from customers
),

links as (
    select
        'hubspot_contact' as source,
        'contact_id_hubspot' as left_type,
        contact_id_hubspot as left_value,
        'social_handle' as right_type,
        {{ social_handle('x_handle', "'x'") }} as right_value,
        created_at,
        updated_at
    from contacts
    union all
    select
        'files_signup',
        record_type,
        record_value,
        'social_handle',
        {{ social_handle('social_handle', 'null') }},
        created_at,
        updated_at
    from people
    {% for type in ['email_sha256', 'phone_sha256'] %}
        union all
        select
            'files_signup',
            record_type,
            record_value,
            '{{ type }}',
            nullif(lower(trim({{ type }})), ''),
            created_at,
            updated_at
        from people
    {% endfor %}
),

final as (
    select
        source,
        left_type,
        left_value,
        right_type,
        right_value,
        min(created_at) as created_at,
        max(updated_at) as updated_at
    from links
    where right_value is not null
    group by source, left_type, left_value, right_type, right_value
)

select * from final
