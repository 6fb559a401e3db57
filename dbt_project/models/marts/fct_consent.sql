{#-
    What holds of a person, channel and purpose is what was said last, whoever heard it: a
    withdrawal holds against every older consent. Each change holds until the next.
-#}

with changes as (
    select
        *,
        {{ identifier_id('identifier_type', 'identifier_value') }} as identifier_id
    from {{ ref('int_consent__unioned') }}
),

customer_identifiers as (
    select * from {{ source('identity', 'customer_identifiers') }}
),

identified as (
    select
        changes.*,
        customer_identifiers.customer_id
    from changes
    left join customer_identifiers
        on changes.identifier_id = customer_identifiers.identifier_id
),

final as (
    select
        consent_change_id,
        customer_id,
        channel,
        purpose,
        consent_status,
        occurred_at,
        lead(occurred_at) over (
            partition by coalesce(customer_id, identifier_id), channel, purpose
            order by occurred_at, consent_status, consent_change_id
        ) as superseded_at,
        lead(consent_change_id) over (
            partition by source, list_id, identifier_id, channel, purpose
            order by occurred_at, consent_status, consent_change_id
        ) is null as is_current,
        source,
        list_id,
        evidence,
        identifier_id
    from identified
)

select * from final
