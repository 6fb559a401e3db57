{#-
    A change is a statement that says otherwise than the one before of the same person on the same
    list. Of one moment a withdrawal comes last, and of equal ones what the person did comes first.
-#}

{%- set chain = ['source', 'list_id', 'identifier_type', 'identifier_value', 'channel', 'purpose'] %}

with unioned as (
    select * from {{ ref('int_consent__klaviyo') }}
    union all
    select * from {{ ref('int_consent__mailchimp') }}
    union all
    select * from {{ ref('int_consent__hubspot') }}
    union all
    select * from {{ ref('int_consent__shopify') }}
    union all
    select * from {{ ref('int_consent__twilio') }}
    union all
    select * from {{ ref('int_consent__files') }}
),

-- The same is said by many versions of a record.
stated as (
    select
        {{ chain | join(', ') }},
        consent_status,
        evidence,
        occurred_at,
        min(load_id) as load_id
    from unioned
    where
        consent_status is not null
        and identifier_value is not null
        and occurred_at is not null
    group by {{ chain | join(', ') }}, consent_status, evidence, occurred_at
),

ordered as (
    select
        *,
        lag(consent_status) over (
            partition by {{ chain | join(', ') }}
            order by
                occurred_at,
                consent_status,
                case evidence when 'platform_record' then 1 else 0 end,
                evidence
        ) as previous_status
    from stated
),

final as (
    select
        {{ text_key(chain + [
            'consent_status', 'cast(occurred_at as ' ~ dbt.type_string() ~ ')',
        ]) }} as consent_change_id,
        {{ chain | join(',\n        ') }},
        consent_status,
        evidence,
        occurred_at,
        load_id
    from ordered
    where previous_status is distinct from consent_status
)

select * from final
