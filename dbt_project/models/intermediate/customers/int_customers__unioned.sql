with unioned as (
    select * from {{ ref('int_customers__klaviyo') }}
    union all
    select * from {{ ref('int_customers__mailchimp') }}
    union all
    select * from {{ ref('int_customers__hubspot') }}
    union all
    select * from {{ ref('int_customers__square') }}
    union all
    select * from {{ ref('int_customers__shopify') }}
    union all
    select * from {{ ref('int_customers__files') }}
    union all
    select * from {{ ref('int_customers__files_signups') }}
),

calling_codes as (
    select * from {{ ref('calling_codes') }}
),

final as (
    select
        {{ identifier_id('unioned.record_type', 'unioned.record_value') }} as identifier_id,
        unioned.source,
        unioned.record_type,
        unioned.record_value,
        {{ normalise_email('unioned.email') }} as email,
        {{ normalise_phone(
            'unioned.phone_number', 'calling_codes.calling_code', 'calling_codes.trunk_prefix'
        ) }} as phone,
        {{ unreadable_phone(
            'unioned.phone_number', 'calling_codes.calling_code', 'calling_codes.trunk_prefix'
        ) }} as unreadable_phone,
        nullif(trim(unioned.customer_number), '') as customer_number,
        nullif(trim(unioned.loyalty_number), '') as loyalty_number,
        nullif(trim(unioned.first_name), '') as first_name,
        nullif(trim(unioned.last_name), '') as last_name,
        unioned.birth_date,
        unioned.street_address,
        unioned.city,
        unioned.region,
        unioned.postal_code,
        unioned.country_code,
        unioned.email_consent,
        unioned.sms_consent,
        unioned.created_at,
        unioned.updated_at
    from unioned
    left join calling_codes
        on unioned.country_code = calling_codes.country_code
)

select * from final
