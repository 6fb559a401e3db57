with customers as (
    select * from {{ ref('stg_shopify__customers') }}
),

final as (
    select
        'shopify_customer' as source,
        'customer_id_shopify' as record_type,
        customer_id_shopify as record_value,
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
        case when email_consent <> 'NOT_SUBSCRIBED' then email_consent else 'NEVER_SUBSCRIBED' end
            as email_consent,
        sms_consent,
        created_at,
        updated_at
    from customers
)

select * from final
