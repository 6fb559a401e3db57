{#- Typeform's phones have their country's code. -#}
{%- set no_text = 'cast(null as ' ~ dbt.type_string() ~ ')' -%}
{%- set phone = ['unioned.phone_number', no_text, no_text] -%}

with unioned as (
    select * from {{ ref('int_surveys__typeform') }}
),

normalised as (
    select
        unioned.* replace (
            {{ normalise_email('unioned.email') }} as email,
            {{ normalise_phone(*phone) }} as phone_number,
            nullif(trim(unioned.customer_number), '') as customer_number,
            nullif(trim(unioned.visitor_id), '') as visitor_id,
            nullif(trim(unioned.order_id), '') as order_id,
            nullif(trim(unioned.campaign_id), '') as campaign_id
        ),
        {{ unreadable_phone(*phone) }} as unreadable_phone
    from unioned
),

final as (
    select
        {{ text_key(['platform', 'response_key']) }} as survey_response_id,
        normalised.*,
        case
            when email is not null then 'email'
            when customer_number is not null then 'customer_number'
            when phone_number is not null then 'phone'
            when visitor_id is not null then 'cookie'
            when unreadable_phone is not null then 'phone'
        end as identifier_type,
        coalesce(email, customer_number, phone_number, visitor_id, unreadable_phone)
            as identifier_value
    from normalised
)

select * from final
