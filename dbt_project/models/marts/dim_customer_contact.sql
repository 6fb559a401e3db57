with attributes as (
    select * from {{ ref('dim_customer_attribute') }}
),

{% set details = [
    'first_name', 'last_name', 'email', 'phone', 'birth_date', 'street_address', 'postal_code',
] %}

final as (
    select
        customer_id
        {% for detail in details %}
            {% set value = "max(case when attribute = '" ~ detail ~ "' then attribute_value end)" %}
            , {{ 'cast(' ~ value ~ ' as date)' if detail == 'birth_date' else value }} as {{ detail }}
        {% endfor %}
    from attributes
    where attribute in ('{{ details | join("', '") }}')
    group by customer_id
)

select * from final
