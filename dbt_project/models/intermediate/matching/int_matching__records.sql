{{ config(materialized='table') }}

with told as (
    select * from {{ ref('int_customers__unioned') }}
),

refusals as (
    select * from {{ ref('int_identity__refusals') }}
),

blocked_values as (
    select * from {{ ref('identity_blocked_values') }} where identifier_type = '*'
),

-- One number may stand in a list of people and in orders; who names the person is compared.
ranked as (
    select
        *,
        row_number() over (
            partition by identifier_id
            order by
                case when last_name is null then 1 else 0 end,
                case when first_name is null then 1 else 0 end,
                source
        ) as place
    from told
),

records as (
    select * from ranked where place = 1
),

plain as (
    select
        identifier_id,
        {{ plain_text('first_name') }} as given_name,
        {{ plain_text('last_name') }} as surname,
        replace(cast(birth_date as {{ dbt.type_string() }}), '-', '') as birth_date,
        {{ plain_text('street_address') }} as street_address,
        {{ plain_code('postal_code') }} as postal_code,
        {{ plain_text('city') }} as city,
        country_code,
        phone,
        email
    from records
),

-- What links nobody, by the rules, is no evidence here either.
refused as (
    select distinct
        left_identifier_id as identifier_id,
        right_type,
        right_value
    from refusals
    where right_type in ('phone', 'email')
),

final as (
    select
        plain.identifier_id,
        case when blocked_given_name.identifier_value is null then plain.given_name end
            as given_name,
        case when blocked_surname.identifier_value is null then plain.surname end as surname,
        plain.birth_date,
        {{ street_name('plain.street_address') }} as street,
        {{ house_number('plain.street_address') }} as house_number,
        plain.street_address as address,
        plain.postal_code,
        plain.city,
        plain.country_code,
        case when refused_phone.identifier_id is null then plain.phone end as phone,
        case when refused_email.identifier_id is null then plain.email end as email
    from plain
    left join blocked_values as blocked_given_name
        on plain.given_name = blocked_given_name.identifier_value
    left join blocked_values as blocked_surname
        on plain.surname = blocked_surname.identifier_value
    left join refused as refused_phone
        on
            plain.identifier_id = refused_phone.identifier_id
            and refused_phone.right_type = 'phone'
            and plain.phone = refused_phone.right_value
    left join refused as refused_email
        on
            plain.identifier_id = refused_email.identifier_id
            and refused_email.right_type = 'email'
            and plain.email = refused_email.right_value
)

select * from final
