with campaigns as (
    select * from {{ ref('stg_mailchimp__campaigns') }}
),

final as (
    select
        'mailchimp' as platform,
        list_id_mailchimp as account_id,
        campaign_id_mailchimp as campaign_id,
        -- A campaign is one message here.
        campaign_id_mailchimp as message_id,
        coalesce(nullif(campaign_name, ''), nullif(subject, ''), campaign_id_mailchimp)
            as campaign_name,
        campaign_status,
        'EMAIL' as campaign_type,
        sent_at,
        load_id
    from campaigns
)

select * from final
