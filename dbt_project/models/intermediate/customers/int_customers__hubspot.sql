with contacts as (
    select * from {{ ref('stg_hubspot__contacts') }}
),

final as (
    select
        'hubspot_contact' as source,
        'contact_id_hubspot' as record_type,
        contact_id_hubspot as record_value,
        email,
        phone_number,
        cast(null as {{ dbt.type_string() }}) as customer_number,
        cast(null as {{ dbt.type_string() }}) as loyalty_number,
        first_name,
        last_name,
        cast(null as date) as birth_date,
        street_address,
        city,
        region,
        postal_code,
        country_code,
        case when has_opted_out_of_email then 'UNSUBSCRIBED' end as email_consent,
        cast(null as {{ dbt.type_string() }}) as sms_consent,
        created_at,
        updated_at
    from contacts
)

select * from final
