with events as (
    select * from {{ ref('int_messages__events') }}
    where event_type not in ('withdrawn', 'moved')
),

message_signals as (
    select * from {{ ref('message_signals') }}
),

gathered as (
    select
        message_key,
        platform,
        channel,
        message_id,
        max(campaign_id) as campaign_id,
        identifier_type,
        identifier_value,
        min(case when event_type in ('sent', 'delivered', 'bounced') then occurred_at end) as sent_at,
        min(case when event_type = 'delivered' and not is_withdrawn then occurred_at end)
            as delivered_at,
        min(case when event_type = 'bounced' then occurred_at end) as bounced_at,
        min(case when event_type = 'opened' and not is_machine then occurred_at end)
            as first_human_opened_at,
        min(case when event_type = 'clicked' and not is_machine then occurred_at end)
            as first_human_clicked_at,
        min(case when event_type = 'unsubscribed' then occurred_at end) as unsubscribed_at,
        min(case when event_type = 'complained' then occurred_at end) as complained_at,
        cast(sum(case when event_type = 'opened' then 1 else 0 end) as bigint) as open_count,
        cast(sum(case when event_type = 'opened' and not is_machine then 1 else 0 end) as bigint)
            as human_open_count,
        cast(sum(case when event_type = 'clicked' then 1 else 0 end) as bigint) as click_count,
        cast(sum(case when event_type = 'clicked' and not is_machine then 1 else 0 end) as bigint)
            as human_click_count,
        -- What is left of a message is always written as a whole: a group has one batch. Grouped
        -- by it, its condition reaches the scan, and old messages are skipped unread.
        batch_seq
    from events
    group by
        message_key,
        platform,
        channel,
        message_id,
        identifier_type,
        identifier_value,
        batch_seq
),

-- Where nobody tells of opens or clicks there are not none: how many is not known.
final as (
    select
        gathered.message_key,
        gathered.platform,
        gathered.channel,
        gathered.message_id,
        gathered.campaign_id,
        gathered.identifier_type,
        gathered.identifier_value,
        gathered.sent_at,
        gathered.delivered_at,
        gathered.bounced_at,
        gathered.first_human_opened_at,
        gathered.first_human_clicked_at,
        gathered.unsubscribed_at,
        gathered.complained_at,
        {% for count in ['open_count', 'human_open_count'] %}
        case when coalesce(message_signals.has_opens, true) then gathered.{{ count }} end as {{ count }},
        {% endfor %}
        {% for count in ['click_count', 'human_click_count'] %}
        case when coalesce(message_signals.has_clicks, true) then gathered.{{ count }} end as {{ count }},
        {% endfor %}
        gathered.batch_seq
    from gathered
    left join message_signals
        on
            gathered.platform = message_signals.platform
            and gathered.channel = message_signals.channel
)

select * from final
