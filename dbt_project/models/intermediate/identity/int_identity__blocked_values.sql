{{ config(materialized='table') }}

{#
    What is written down as nobody's, what the shops' own telephones and addresses are, and the
    hashes of all these and of nothing: whoever hashes does not look at what.
#}

{%- set phone = ['phone_number', 'calling_codes.calling_code', 'calling_codes.trunk_prefix'] -%}

with blocked_values as (
    select * from {{ ref('identity_blocked_values') }}
),

store_phones as (
    select * from {{ ref('identity_store_phones') }}
),

locations as (
    select * from {{ ref('int_locations__unioned') }}
),

record_links as (
    select * from {{ ref('int_identity__record_links') }}
),

calling_codes as (
    select * from {{ ref('calling_codes') }}
),

telephones as (
    select
        phone_number,
        country_code,
        location_name
    from store_phones
    union all
    select
        phone_number,
        country_code,
        coalesce(location_name, location_id)
    from locations
),

listed as (
    select
        identifier_type,
        identifier_value,
        block_reason
    from blocked_values
    union all
    select
        'phone',
        {{ normalise_phone(*phone) }},
        {{ dbt.concat(["'phone of the store '", 'telephones.location_name']) }}
    from telephones
    left join calling_codes
        on telephones.country_code = calling_codes.country_code
    union all
    select
        'postal_address',
        {{ postal_address('street_address', 'postal_code', 'city') }},
        {{ dbt.concat(["'address of the store '", 'coalesce(location_name, location_id)']) }}
    from locations
),

-- Values of no type, as pages write them where there is nothing to write.
nothings as (
    select
        '' as spelling,
        'hash of the empty string' as block_reason
    union all
    select ' ', 'hash of a blank'
    {% for spelling in ['identifier_value', 'upper(identifier_value)',
        dbt.concat(['upper(substr(identifier_value, 1, 1))', 'substr(identifier_value, 2)'])] %}
        union
        select
            {{ spelling }},
            {{ dbt.concat(["'hash of the word '", 'identifier_value']) }}
        from blocked_values
        where identifier_type = '*'
    {% endfor %}
),

hashed as (
    {% for hash in [dbt.hash('spelling'), 'sha1(spelling)', sha256_hex('spelling')] %}
        select
            '*' as identifier_type,
            {{ hash }} as identifier_value,
            block_reason
        from nothings
        union all
    {% endfor %}
    {% for type, spelling in [('email', 'identifier_value'), ('phone', 'identifier_value'),
        ('phone', "replace(identifier_value, '+', '')")] %}
        select
            '{{ type }}_sha256',
            {{ sha256_hex(spelling) }},
            {{ dbt.concat(["'hash of '", 'identifier_value', "': '", 'block_reason']) }}
        from listed
        where identifier_type = '{{ type }}'
        union all
    {% endfor %}
    -- Whose addresses a whole office reads is known by pattern only where they were seen in clear.
    select
        right_type,
        right_value,
        {{ dbt.concat(["'hash of '", 'left_value', "': '", pattern_reason('left_type', 'left_value')]) }}
    from record_links
    where right_type = 'email_sha256' or right_type = 'phone_sha256'
),

every as (
    select * from listed
    union all
    select * from hashed
),

final as (
    select
        {{ identifier_id('identifier_type', 'identifier_value') }} as identifier_id,
        identifier_type,
        identifier_value,
        min(block_reason) as block_reason
    from every
    where
        identifier_value is not null
        and block_reason is not null
    group by identifier_type, identifier_value
)

select * from final
