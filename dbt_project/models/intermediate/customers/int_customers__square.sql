with customers as (
    select * from {{ ref('stg_square__customers') }}
),

final as (
    select
        'square_customer' as source,
        'customer_id_square' as record_type,
        customer_id_square as record_value,
        email,
        phone_number,
        cast(null as {{ dbt.type_string() }}) as customer_number,
        loyalty_number,
        first_name,
        last_name,
        birth_date,
        street_address,
        city,
        cast(null as {{ dbt.type_string() }}) as region,
        postal_code,
        country_code,
        cast(null as {{ dbt.type_string() }}) as email_consent,
        cast(null as {{ dbt.type_string() }}) as sms_consent,
        created_at,
        updated_at
    from customers
)

select * from final
