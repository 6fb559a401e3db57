with campaigns as (
    select * from {{ ref('stg_hubspot__email_campaigns') }}
),

emails as (
    select * from {{ ref('stg_hubspot__marketing_emails') }}
),

final as (
    select
        'hubspot' as platform,
        cast(null as {{ dbt.type_string() }}) as account_id,
        campaigns.email_campaign_id_hubspot as campaign_id,
        -- A sending is one message to many.
        campaigns.email_campaign_id_hubspot as message_id,
        coalesce(campaigns.campaign_name, emails.email_name, campaigns.email_campaign_id_hubspot)
            as campaign_name,
        emails.email_state as campaign_status,
        campaigns.campaign_type,
        coalesce(emails.published_at, campaigns.processed_at) as sent_at,
        campaigns.load_id
    from campaigns
    left join emails
        on campaigns.email_id_hubspot = emails.email_id_hubspot
)

select * from final
