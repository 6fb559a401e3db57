with

source as (
    select * from {{ current_version(ref('base_shopify__customers'), ['customer_id_shopify']) }} as customers
),

renamed as (
    select
        customer_id_shopify,
        -- An empty text names nobody.
        nullif(trim(email), '') as email,
        nullif(trim(phone_number), '') as phone_number,
        first_name,
        last_name,
        street_address,
        city,
        region,
        postal_code,
        country_code,
        locale,
        account_state,
        is_email_verified,
        email_consent,
        email_consented_at,
        sms_consent,
        sms_consented_at,
        created_at,
        updated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
