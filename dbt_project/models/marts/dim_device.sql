with entries as (
    select * from {{ ref('int_web__entries') }} where session_status <> 'superseded'
),

customer_identifiers as (
    select * from {{ source('identity', 'customer_identifiers') }}
),

ranked as (
    select
        visitor_id,
        user_agent,
        browser_family,
        os_family,
        device_type,
        bot_reason,
        row_number() over (partition by visitor_id order by started_at desc, entry_id) as recency,
        min(started_at) over (partition by visitor_id) as first_seen_at,
        max(ended_at) over (partition by visitor_id) as last_seen_at,
        max(case when bot_reason is not null then 1 else 0 end) over (partition by visitor_id)
            as bot_mark
    from entries
),

latest as (
    select
        ranked.*,
        {{ identifier_id("'cookie'", 'ranked.visitor_id') }} as identifier_id
    from ranked
    where recency = 1
),

final as (
    select
        latest.visitor_id as device_id,
        customer_identifiers.customer_id,
        latest.device_type,
        latest.os_family,
        latest.browser_family,
        latest.user_agent,
        latest.bot_mark = 1 as is_bot,
        latest.first_seen_at,
        latest.last_seen_at
    from latest
    left join customer_identifiers
        on latest.identifier_id = customer_identifiers.identifier_id
)

select * from final
