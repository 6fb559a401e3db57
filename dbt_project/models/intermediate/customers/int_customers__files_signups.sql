{#- People of a delivered list; of a number that stands in several, the row delivered last. -#}

with customers as (
    select * from {{ ref('stg_files__customers') }} where not is_deleted
),

named as (
    select
        *,
        case
            when customer_number is not null then 'customer_number'
            else 'loyalty_number'
        end as record_type,
        coalesce({{ files_customer('customers') }}, loyalty_number) as record_value
    from customers
),

ranked as (
    select
        *,
        row_number() over (
            partition by record_type, record_value
            order by signed_up_at desc, load_id desc, customer_id_files desc
        ) as recency
    from named
),

final as (
    select
        'files_signup' as source,
        record_type,
        record_value,
        email,
        phone_number,
        cast(null as {{ dbt.type_string() }}) as customer_number,
        loyalty_number,
        first_name,
        last_name,
        birth_date,
        street_address,
        city,
        region,
        postal_code,
        {{ files_country('country') }} as country_code,
        case
            when email_consent then 'SUBSCRIBED'
            when not email_consent then 'UNSUBSCRIBED'
        end as email_consent,
        case
            when sms_consent then 'SUBSCRIBED'
            when not sms_consent then 'UNSUBSCRIBED'
        end as sms_consent,
        signed_up_at as created_at,
        signed_up_at as updated_at
    from ranked
    where recency = 1
)

select * from final
