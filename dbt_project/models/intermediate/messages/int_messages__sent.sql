with events as (
    select * from {{ ref('int_messages__events') }}
),

final as (
    select
        message_key,
        platform,
        channel,
        message_id,
        max(campaign_id) as campaign_id,
        identifier_type,
        identifier_value,
        min(case when event_type in ('delivered', 'bounced') then occurred_at end) as sent_at,
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
        -- A message is always written as a whole.
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
)

select * from final
