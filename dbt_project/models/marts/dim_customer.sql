with customer_identifiers as (
    select * from {{ source('identity', 'customer_identifiers') }}
),

identity_types as (
    select * from {{ ref('identity_types') }}
),

attributes as (
    select * from {{ ref('dim_customer_attribute') }}
),

-- Written beside the bridge by the same step.
probable_persons as (
    select * from {{ identity_table('probable_persons') }}
),

households as (
    select * from {{ identity_table('households') }}
),

persons as (
    select
        customer_identifiers.customer_id,
        min(customer_identifiers.first_seen_at) as first_seen_at,
        max(customer_identifiers.last_seen_at) as last_seen_at,
        cast(count(*) as bigint) as identifier_count,
        cast(sum(case when identity_types.identifier_type = 'cookie' then 1 else 0 end) as bigint)
            as device_count,
        max(case when identity_types.identifier_type = 'email' then 1 else 0 end) as email_mark,
        max(case when identity_types.identifier_type = 'phone' then 1 else 0 end) as phone_mark,
        max(case when identity_types.identifier_type = 'loyalty_number' then 1 else 0 end)
            as loyalty_mark,
        max(case when identity_types.is_known then 1 else 0 end) as known_mark
    from customer_identifiers
    inner join identity_types
        on customer_identifiers.identifier_type = identity_types.identifier_type
    group by customer_identifiers.customer_id
),

{% set places = ['city', 'region', 'country_code'] %}

addresses as (
    select
        customer_id
        {% for place in places %}
            , max(case when attribute = '{{ place }}' then attribute_value end) as {{ place }}
        {% endfor %}
    from attributes
    where attribute in ('{{ places | join("', '") }}')
    group by customer_id
),

final as (
    select
        persons.customer_id,
        coalesce(probable_person.customer_id, persons.customer_id) as probable_customer_id,
        households.household_id,
        persons.known_mark = 1 as is_known,
        persons.email_mark = 1 as has_email,
        persons.phone_mark = 1 as has_phone,
        persons.loyalty_mark = 1 as has_loyalty_number,
        addresses.city,
        addresses.region,
        addresses.country_code,
        persons.identifier_count,
        persons.device_count,
        persons.first_seen_at,
        persons.last_seen_at
    from persons
    left join probable_persons
        on persons.customer_id = probable_persons.customer_id
    left join households
        on persons.customer_id = households.customer_id
    -- A key that was merged since the last matching stands for nobody any more.
    left join persons as probable_person
        on probable_persons.probable_customer_id = probable_person.customer_id
    left join addresses
        on persons.customer_id = addresses.customer_id
)

select * from final
