with recipients as (
    select * from {{ ref('stg_mailchimp__recipients') }}
),

campaigns as (
    select * from {{ ref('stg_mailchimp__campaigns') }}
),

-- A bounce among the activities says again what became of the delivery.
clicks as (
    select * from {{ ref('stg_mailchimp__activities') }} where action = 'click'
),

opens as (
    select * from {{ ref('stg_mailchimp__opens') }}
),

unsubscribes as (
    select * from {{ ref('stg_mailchimp__unsubscribes') }}
),

complaints as (
    select * from {{ ref('stg_mailchimp__complaints') }}
),

-- Of a recipient Mailchimp tells the outcome and not when: the campaign's time stands for it. An
-- outcome that changes is the same event told otherwise, so nothing of it is in the event's name.
outcomes as (
    select
        recipients.campaign_id_mailchimp,
        recipients.member_id_mailchimp,
        case
            when campaigns.sent_at is null then null
            when recipients.delivery_status = 'sent' then 'delivered'
            else 'bounced'
        end as event_type,
        'delivery' as event_kind,
        'outcome' as event_name,
        campaigns.sent_at as occurred_at,
        cast(null as {{ dbt.type_string() }}) as url,
        false as is_privacy_open,
        case when recipients.delivery_status <> 'sent' then recipients.delivery_status end
            as bounce_type,
        recipients.load_id,
        campaigns.load_id as mapping_load_id
    from recipients
    left join campaigns
        on recipients.campaign_id_mailchimp = campaigns.campaign_id_mailchimp
),

actions as (
    select
        campaign_id_mailchimp,
        member_id_mailchimp,
        'clicked' as event_type,
        'clicked' as event_kind,
        activity_id_mailchimp as event_name,
        occurred_at,
        url,
        false as is_privacy_open,
        cast(null as {{ dbt.type_string() }}) as bounce_type,
        load_id,
        cast(null as {{ dbt.type_string() }}) as mapping_load_id
    from clicks
    union all
    select
        campaign_id_mailchimp,
        member_id_mailchimp,
        'opened',
        'opened',
        open_id_mailchimp,
        occurred_at,
        null,
        coalesce(is_proxy_open, false),
        null,
        load_id,
        null
    from opens
    union all
    select
        campaign_id_mailchimp,
        member_id_mailchimp,
        'unsubscribed',
        'unsubscribed',
        recipient_id_mailchimp,
        unsubscribed_at,
        null,
        false,
        null,
        load_id,
        null
    from unsubscribes
    union all
    select
        campaign_id_mailchimp,
        member_id_mailchimp,
        'complained',
        'complained',
        campaign_complaint_id_mailchimp,
        complained_at,
        null,
        false,
        null,
        load_id,
        null
    from complaints
),

events as (
    select * from outcomes
    union all
    select * from actions
),

final as (
    select
        {{ text_key([
            "'mailchimp'", 'campaign_id_mailchimp', 'member_id_mailchimp', 'event_kind',
            'event_name',
        ]) }} as event_id,
        'mailchimp' as platform,
        'email' as channel,
        campaign_id_mailchimp as message_id,
        campaign_id_mailchimp as campaign_id,
        'member_id_mailchimp' as identifier_type,
        member_id_mailchimp as identifier_value,
        event_type,
        occurred_at,
        url,
        is_privacy_open,
        bounce_type,
        load_id,
        mapping_load_id
    from events
)

select * from final
