with

source as (
    select *
    from {{ accepted_versions(ref('base_shopify__customers'), ['customer_id_shopify']) }}
        as versions
),

renamed as (
    select
        concat(customer_id_shopify, ':', load_id) as customer_version_id,
        customer_id_shopify,
        email_consent,
        email_consented_at,
        sms_consent,
        sms_consented_at,
        updated_at,
        load_id,
        pulled_at,
        is_current
    from source
)

select * from renamed
