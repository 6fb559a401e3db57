with email_events as (
    select * from {{ ref('stg_hubspot__email_events') }}
),

typed as (
    select
        event_id_hubspot as event_id,
        'hubspot' as platform,
        'email' as channel,
        email_campaign_id_hubspot as message_id,
        email_campaign_id_hubspot as campaign_id,
        'email' as identifier_type,
        {{ normalise_email('recipient_email') }} as identifier_value,
        case
            when event_type = 'SENT' then 'sent'
            when event_type = 'DELIVERED' then 'delivered'
            -- What HubSpot drops was sent to it and reached nobody.
            when event_type in ('BOUNCE', 'DROPPED') then 'bounced'
            when event_type = 'OPEN' then 'opened'
            when event_type = 'CLICK' then 'clicked'
            when event_type = 'SPAMREPORT' then 'complained'
            when event_type = 'STATUSCHANGE' and subscription_status = 'UNSUBSCRIBED'
                then 'unsubscribed'
        end as event_type,
        occurred_at,
        url,
        coalesce(is_filtered, false) as is_privacy_open,
        coalesce(bounce_category, drop_reason) as bounce_type,
        load_id,
        cast(null as {{ dbt.type_string() }}) as mapping_load_id,
        obsoleted_by_event_id_hubspot
    from email_events
),

final as (
    select
        event_id,
        platform,
        channel,
        message_id,
        campaign_id,
        identifier_type,
        identifier_value,
        case
            when message_id is null or identifier_value is null or event_type is null then null
            -- Another event stands in its place.
            when obsoleted_by_event_id_hubspot is not null then 'withdrawn'
            else event_type
        end as event_type,
        occurred_at,
        url,
        is_privacy_open,
        bounce_type,
        load_id,
        mapping_load_id
    from typed
)

select * from final
