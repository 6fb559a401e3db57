{{ config(materialized='table') }}

with records as (
    select * from {{ ref('int_matching__records') }}
),

edges as (
    select * from {{ ref('int_identity__edges') }}
),

customers as (
    select * from {{ ref('int_customers__unioned') }}
),

cards as (
    select * from {{ ref('int_households__square') }}
),

blocked_values as (
    select * from {{ ref('int_identity__blocked_values') }} where identifier_type = 'phone'
),

rules as (
    select * from {{ ref('identity_household_rules') }}
),

-- An address that the rules of identity refuse is nobody's home.
homes as (
    select distinct
        edges.left_identifier_id as identifier_id,
        records.surname,
        edges.right_identifier_id as home_key
    from edges
    left join records
        on edges.left_identifier_id = records.identifier_id
    where edges.right_type = 'postal_address'
),

shared as (
    select identifier_id, 'address' as share_type, home_key as shared_key
    from homes
    union all
    select
        identifier_id,
        'address and surname',
        {{ text_key(['home_key', 'surname']) }}
    from homes
    where surname is not null
    union all
    select distinct
        customers.identifier_id,
        'phone',
        {{ text_key(['customers.phone']) }}
    from customers
    left join blocked_values
        on customers.phone = blocked_values.identifier_value
    where customers.phone is not null and blocked_values.identifier_value is null
    union all
    select identifier_id, share_type, {{ text_key(['shared_key']) }}
    from cards
),

final as (
    select
        shared.identifier_id,
        shared.share_type,
        shared.shared_key,
        rules.max_persons
    from shared
    inner join rules on shared.share_type = rules.share_type
)

select * from final
