with

source as (
    select * from {{ current_version(ref('base_klaviyo__profiles'), ['profile_id_klaviyo']) }} as profiles
),

renamed as (
    select
        profile_id_klaviyo,
        external_id,
        email,
        phone_number,
        first_name,
        last_name,
        street_address,
        city,
        region,
        country_code,
        postal_code,
        email_consent,
        sms_consent,
        email_consented_at,
        created_at,
        updated_at,
        load_id,
        pulled_at
    from source
)

select * from renamed
