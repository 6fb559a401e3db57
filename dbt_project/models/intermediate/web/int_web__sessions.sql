with entries as (
    select * from {{ ref('int_web__entries') }}
),

final as (
    select
        session_id,
        visitor_id,
        session_status,
        batch_seq,
        min(session_started_at) as started_at,
        max(session_ended_at) as ended_at,
        max(user_id) as user_id,
        max(bot_reason) as bot_reason,
        cast(count(*) as bigint) as entry_count,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(page_view_count) as bigint) as page_view_count,
        cast(sum(page_ping_count) as bigint) as page_ping_count,
        cast(sum(transaction_count) as bigint) as transaction_count,
        {% for column in [
            'channel', 'page_url_path', 'page_referrer', 'referrer_medium', 'utm_source',
            'utm_medium', 'utm_campaign', 'utm_content', 'click_id', 'click_network', 'user_agent',
            'browser_family', 'os_family', 'device_type', 'country_code', 'city',
        ] %}
            max(case when entry_number = 1 then {{ column }} end) as {{ column }}
            {{- "," if not loop.last }}
        {% endfor %}
    from entries
    group by session_id, visitor_id, session_status, batch_seq
)

select * from final
