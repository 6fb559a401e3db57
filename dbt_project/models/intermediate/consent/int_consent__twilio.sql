{#- STOP and START, which hold for the service that was written to. -#}

with messages as (
    select * from {{ ref('stg_twilio__messages') }}
    where
        keyword in ('stop', 'start')
        -- Short codes and page-scoped ids of other networks are no person's.
        and contact_address like '+%'
),

stated as (
    select
        message_id_twilio as statement_id,
        coalesce(messaging_service_id_twilio, own_address) as service,
        contact_address,
        channel,
        case keyword when 'stop' then 'unsubscribed' else 'subscribed' end as consent_status,
        'text_message' as evidence,
        occurred_at,
        load_id
    from messages
),

final as (
    select
        statement_id,
        'twilio' as source,
        service as list_id,
        'phone' as identifier_type,
        contact_address as identifier_value,
        channel,
        'marketing' as purpose,
        consent_status,
        evidence,
        occurred_at,
        load_id
    from stated
)

select * from final
