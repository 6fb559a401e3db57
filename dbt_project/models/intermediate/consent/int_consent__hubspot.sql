{#-
    Changes of an address's subscription. A contact that has opted out says so without a time: by
    then. That it has not is no consent.
-#}

with events as (
    select * from {{ ref('stg_hubspot__email_events') }} where obsoleted_by_event_id_hubspot is null
),

versions as (
    select * from {{ ref('stg_hubspot__contact_versions') }}
),

stated as (
    select
        event_id_hubspot as statement_id,
        {{ normalise_email('recipient_email') }} as email,
        'email' as channel,
        case
            when event_type = 'SPAMREPORT' then 'unsubscribed'
            when event_type <> 'STATUSCHANGE' then null
            when subscription_status = 'UNSUBSCRIBED' then 'unsubscribed'
            when subscription_status in ('SUBSCRIBED', 'RESUBSCRIBED') then 'subscribed'
        end as consent_status,
        case
            when event_type = 'SPAMREPORT' then 'complaint'
            when change_source = 'SOURCE_RECIPIENT' then 'email_link'
            else 'platform_record'
        end as evidence,
        occurred_at,
        load_id
    from events
    union all
    select
        contact_version_id,
        {{ normalise_email('email') }},
        'email',
        case when has_opted_out_of_email then 'unsubscribed' end,
        'platform_record',
        updated_at,
        load_id
    from versions
),

final as (
    select
        statement_id,
        'hubspot' as source,
        cast(null as {{ dbt.type_string() }}) as list_id,
        'email' as identifier_type,
        email as identifier_value,
        channel,
        'marketing' as purpose,
        consent_status,
        evidence,
        occurred_at,
        load_id
    from stated
)

select * from final
