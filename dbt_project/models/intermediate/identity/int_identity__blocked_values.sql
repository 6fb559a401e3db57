{#- What is written down as nobody's, and the shops' own numbers. -#}

with blocked_values as (
    select * from {{ ref('identity_blocked_values') }}
),

store_phones as (
    select * from {{ ref('identity_store_phones') }}
),

calling_codes as (
    select * from {{ ref('calling_codes') }}
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
        {{ normalise_phone(
            'store_phones.phone_number', 'calling_codes.calling_code', 'calling_codes.trunk_prefix'
        ) }},
        {{ dbt.concat(["'phone of the store '", 'store_phones.location_name']) }}
    from store_phones
    left join calling_codes
        on store_phones.country_code = calling_codes.country_code
),

final as (
    select
        {{ text_key(['identifier_type', 'identifier_value']) }} as blocked_value_id,
        identifier_type,
        identifier_value,
        min(block_reason) as block_reason
    from listed
    where identifier_value is not null
    group by identifier_type, identifier_value
)

select * from final
