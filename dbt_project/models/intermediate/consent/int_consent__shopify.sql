{#- Whose state is pending, never asked for or taken away with the data has said nothing. -#}

{%- set states = "when 'SUBSCRIBED' then 'subscribed' when 'UNSUBSCRIBED' then 'unsubscribed' end" -%}

with versions as (
    select * from {{ ref('stg_shopify__customer_versions') }}
),

stated as (
    select
        {{ dbt.concat(['customer_version_id', "':email'"]) }} as statement_id,
        customer_id_shopify,
        'email' as channel,
        case email_consent {{ states }} as consent_status,
        'platform_record' as evidence,
        coalesce(email_consented_at, updated_at) as occurred_at,
        load_id
    from versions
    union all
    select
        {{ dbt.concat(['customer_version_id', "':sms'"]) }},
        customer_id_shopify,
        'sms',
        case sms_consent {{ states }},
        'platform_record',
        coalesce(sms_consented_at, updated_at),
        load_id
    from versions
),

final as (
    select
        statement_id,
        'shopify' as source,
        cast(null as {{ dbt.type_string() }}) as list_id,
        'customer_id_shopify' as identifier_type,
        customer_id_shopify as identifier_value,
        channel,
        'marketing' as purpose,
        consent_status,
        evidence,
        occurred_at,
        load_id
    from stated
)

select * from final
