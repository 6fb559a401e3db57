with profiles as (
    select * from {{ ref('stg_klaviyo__profiles') }}
),

final as (
    select
        'klaviyo_profile' as source,
        'profile_id_klaviyo' as record_type,
        profile_id_klaviyo as record_value,
        email,
        phone_number,
        external_id as customer_number,
        cast(null as {{ dbt.type_string() }}) as loyalty_number,
        first_name,
        last_name,
        cast(null as date) as birth_date,
        street_address,
        city,
        region,
        postal_code,
        country_code,
        email_consent,
        sms_consent,
        created_at,
        updated_at
    from profiles
)

select * from final
