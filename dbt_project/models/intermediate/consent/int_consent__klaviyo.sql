{#- What profiles say of themselves, and the events by which people left and came. -#}

{%- set states = "when 'SUBSCRIBED' then 'subscribed' when 'UNSUBSCRIBED' then 'unsubscribed' end" -%}

with versions as (
    select * from {{ ref('stg_klaviyo__profile_versions') }}
),

events as (
    select * from {{ ref('stg_klaviyo__events') }}
),

metrics as (
    select * from {{ ref('stg_klaviyo__metrics') }}
),

stated as (
    select
        {{ dbt.concat(['profile_version_id', "':email'"]) }} as statement_id,
        profile_id_klaviyo,
        'email' as channel,
        case email_consent {{ states }} as consent_status,
        'platform_record' as evidence,
        coalesce(email_consented_at, updated_at) as occurred_at,
        load_id
    from versions
    union all
    select
        {{ dbt.concat(['profile_version_id', "':sms'"]) }},
        profile_id_klaviyo,
        'sms',
        case sms_consent {{ states }},
        'platform_record',
        updated_at,
        load_id
    from versions
    union all
    select
        events.event_id_klaviyo,
        events.profile_id_klaviyo,
        case when metrics.metric_name like '%SMS%' then 'sms' else 'email' end,
        case
            when metrics.metric_name in (
                'Subscribed to Email Marketing', 'Subscribed to SMS Marketing'
            ) then 'subscribed'
            when metrics.metric_name in (
                'Unsubscribed', 'Unsubscribed from Email Marketing',
                'Unsubscribed from SMS Marketing', 'Marked Email as Spam'
            ) then 'unsubscribed'
        end,
        case
            when metrics.metric_name = 'Marked Email as Spam' then 'complaint'
            when metrics.metric_name like 'Subscribed%' then 'signup_form'
            when metrics.metric_name like '%SMS%' then 'text_message'
            else 'email_link'
        end,
        events.occurred_at,
        events.load_id
    from events
    inner join metrics
        on events.metric_id_klaviyo = metrics.metric_id_klaviyo
),

final as (
    select
        statement_id,
        'klaviyo' as source,
        cast(null as {{ dbt.type_string() }}) as list_id,
        'profile_id_klaviyo' as identifier_type,
        profile_id_klaviyo as identifier_value,
        channel,
        'marketing' as purpose,
        consent_status,
        evidence,
        occurred_at,
        load_id
    from stated
)

select * from final
