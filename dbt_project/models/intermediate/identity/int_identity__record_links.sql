{# What a vendor's own record of a person says belongs together. #}

{%- set phone_details = [
    ('phone_given_name', dbt.split_part(plain_text('first_name'), "' '", 1)),
    ('phone_birth_date', 'cast(birth_date as ' ~ dbt.type_string() ~ ')'),
] -%}

with records as (
    select * from {{ ref('int_customers__unioned') }}
),

further_links as (
    select * from {{ ref('int_identity__further_links') }}
),

homes as (
    select
        *,
        {{ postal_address('street_address', 'postal_code', 'city') }} as postal_address
    from records
),

links as (
    {% for type in ['email', 'phone', 'customer_number', 'loyalty_number'] %}
        select
            source,
            record_type as left_type,
            record_value as left_value,
            '{{ type }}' as right_type,
            {{ type }} as right_value,
            created_at as first_seen_at,
            updated_at as last_seen_at
        from records
        where {{ type }} is not null
        union all
    {% endfor %}
    select
        source,
        'email' as left_type,
        email as left_value,
        'email_sha256' as right_type,
        {{ sha256_hex('email') }} as right_value,
        created_at,
        updated_at
    from records
    where email is not null
    union all
    select * from further_links
    union all
    -- A household's, and nobody's own: it links records to a home and never to each other.
    select
        source,
        record_type,
        record_value,
        'postal_address',
        postal_address,
        created_at,
        updated_at
    from homes
    where postal_address is not null
    union all
    -- No identifiers, but a number that goes with two of them is a home's, or was given up.
    {% for type, detail in phone_details %}
        select
            source,
            'phone',
            phone,
            '{{ type }}',
            {{ dbt.concat(['phone', "' '", detail]) }},
            created_at,
            updated_at
        from records
        where
            phone is not null
            and {{ detail }} is not null
        union all
    {% endfor %}
    -- What is no number is refused as such.
    select
        source,
        record_type,
        record_value,
        'phone',
        unreadable_phone,
        created_at,
        updated_at
    from records
    where unreadable_phone is not null
    union all
    -- As the vendors' matching interfaces ask for it: with the plus sign, or without.
    {% for spelling in ['phone', "replace(phone, '+', '')"] %}
        select
            source,
            'phone',
            phone,
            'phone_sha256',
            {{ sha256_hex(spelling) }},
            created_at,
            updated_at
        from records
        where phone is not null
        union all
    {% endfor %}
    -- A record that names nobody else is still somebody.
    select
        source,
        record_type,
        record_value,
        cast(null as {{ dbt.type_string() }}),
        cast(null as {{ dbt.type_string() }}),
        created_at,
        updated_at
    from records
),

-- Two records of one vendor may name the same address or number.
final as (
    select
        source,
        left_type,
        left_value,
        right_type,
        right_value,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from links
    group by source, left_type, left_value, right_type, right_value
)

select * from final
