with members as (
    select * from {{ ref('stg_mailchimp__members') }}
),

ranked as (
    select
        members.*,
        row_number() over (
            partition by member_id_mailchimp
            order by updated_at desc, list_id_mailchimp
        ) as recency,
        max(case when member_status = 'subscribed' then 1 else 0 end) over (
            partition by member_id_mailchimp
        ) as subscribed_mark,
        max(case when member_status in ('unsubscribed', 'cleaned', 'archived') then 1 else 0 end)
            over (partition by member_id_mailchimp) as left_mark,
        min(coalesce(signed_up_at, opted_in_at, updated_at)) over (
            partition by member_id_mailchimp
        ) as created_at
    from members
),

final as (
    select
        'mailchimp_member' as source,
        'member_id_mailchimp' as record_type,
        member_id_mailchimp as record_value,
        email,
        phone_number,
        cast(null as {{ dbt.type_string() }}) as customer_number,
        cast(null as {{ dbt.type_string() }}) as loyalty_number,
        first_name,
        last_name,
        cast(null as date) as birth_date,
        cast(null as {{ dbt.type_string() }}) as street_address,
        cast(null as {{ dbt.type_string() }}) as city,
        cast(null as {{ dbt.type_string() }}) as region,
        cast(null as {{ dbt.type_string() }}) as postal_code,
        nullif(country_code, '') as country_code,
        -- On any list is on the list.
        case
            when subscribed_mark = 1 then 'SUBSCRIBED'
            when left_mark = 1 then 'UNSUBSCRIBED'
            else 'NEVER_SUBSCRIBED'
        end as email_consent,
        cast(null as {{ dbt.type_string() }}) as sms_consent,
        created_at,
        updated_at
    from ranked
    where recency = 1
)

select * from final
