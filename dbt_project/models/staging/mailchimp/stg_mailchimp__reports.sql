with

source as (
    select *
    from {{ current_version(
        ref('base_mailchimp__reports'),
        ['campaign_id_mailchimp']
    ) }} as reports
),

renamed as (
    select
        campaign_id_mailchimp,
        list_id_mailchimp,
        campaign_name,
        sent_at,
        emails_sent,
        opens_total,
        opens_without_proxies,
        unique_opens,
        clicks_total,
        unique_clickers,
        hard_bounces,
        soft_bounces,
        unsubscribed_count,
        complaint_count,
        load_id,
        pulled_at
    from source
)

select * from renamed
