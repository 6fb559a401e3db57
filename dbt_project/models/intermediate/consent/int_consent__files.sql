{#- What was ticked at sign-ups; a box that was left empty on purpose is a no. -#}

with customers as (
    select * from {{ ref('stg_files__customers') }} where not is_deleted
),

named as (
    select
        *,
        case
            when customer_number is not null then 'customer_number'
            when loyalty_number is not null then 'loyalty_number'
            else 'email'
        end as identifier_type,
        coalesce(
            {{ files_customer('customers') }}, loyalty_number, {{ normalise_email('email') }}
        ) as identifier_value,
        coalesce(signed_up_at, pulled_at) as occurred_at
    from customers
),

stated as (
    select
        {{ dbt.concat(['customer_id_files', "':email'"]) }} as statement_id,
        feed_name,
        identifier_type,
        identifier_value,
        'email' as channel,
        case when email_consent then 'subscribed' when not email_consent then 'unsubscribed' end
            as consent_status,
        'signup_form' as evidence,
        occurred_at,
        load_id
    from named
    union all
    select
        {{ dbt.concat(['customer_id_files', "':sms'"]) }},
        feed_name,
        identifier_type,
        identifier_value,
        'sms',
        case when sms_consent then 'subscribed' when not sms_consent then 'unsubscribed' end,
        'signup_form',
        occurred_at,
        load_id
    from named
),

final as (
    select
        statement_id,
        'files' as source,
        feed_name as list_id,
        identifier_type as identifier_type,
        identifier_value as identifier_value,
        channel,
        'marketing' as purpose,
        consent_status,
        evidence,
        occurred_at,
        load_id
    from stated
)

select * from final
