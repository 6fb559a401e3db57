{#- Who bought, of orders that say more of a person than a number: what ties the two together. -#}

with order_lines as (
    select * from {{ ref('stg_files__order_lines') }}
    where
        customer_number is not null
        and coalesce(email, phone_number, loyalty_number) is not null
        and not is_deleted
),

ranked as (
    select
        *,
        {{ files_customer('order_lines') }} as record_value,
        row_number() over (
            partition by {{ files_customer('order_lines') }}
            order by ordered_at desc, order_line_id_files desc
        ) as recency,
        min(ordered_at) over (partition by {{ files_customer('order_lines') }}) as created_at
    from order_lines
),

final as (
    select
        'files_order' as source,
        'customer_number' as record_type,
        record_value,
        email,
        phone_number,
        cast(null as {{ dbt.type_string() }}) as customer_number,
        loyalty_number,
        cast(null as {{ dbt.type_string() }}) as first_name,
        cast(null as {{ dbt.type_string() }}) as last_name,
        cast(null as date) as birth_date,
        cast(null as {{ dbt.type_string() }}) as street_address,
        cast(null as {{ dbt.type_string() }}) as city,
        cast(null as {{ dbt.type_string() }}) as region,
        cast(null as {{ dbt.type_string() }}) as postal_code,
        case when length(country) = 2 then upper(country) end as country_code,
        cast(null as {{ dbt.type_string() }}) as email_consent,
        cast(null as {{ dbt.type_string() }}) as sms_consent,
        created_at,
        ordered_at as updated_at
    from ranked
    where recency = 1
)

select * from final
