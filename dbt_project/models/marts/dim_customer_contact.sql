with records as (
    select * from {{ ref('int_customers__unioned') }}
),

customer_identifiers as (
    select * from {{ source('identity', 'customer_identifiers') }}
),

resolved as (
    select
        customer_identifiers.customer_id,
        records.*
    from records
    inner join customer_identifiers
        on records.identifier_id = customer_identifiers.identifier_id
),

{% set details = ['first_name', 'last_name', 'email', 'phone', 'birth_date', 'postal_code'] %}

-- Each detail as the record that last changed and has one gives it.
ranked as (
    select
        resolved.*
        {% for detail in details %}
            , row_number() over (
                partition by customer_id
                order by
                    case when {{ detail }} is null then 1 else 0 end,
                    updated_at desc,
                    identifier_id
            ) as {{ detail }}_rank
        {% endfor %}
    from resolved
),

final as (
    select
        customer_id
        {% for detail in details %}
            , max(case when {{ detail }}_rank = 1 then {{ detail }} end) as {{ detail }}
        {% endfor %}
    from ranked
    group by customer_id
)

select * from final
