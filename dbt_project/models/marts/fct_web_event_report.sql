with events as (
    select * from {{ ref('int_web_reports__unioned_events') }}
),

final as (
    select
        platform,
        property_id,
        report_date,
        event_name,
        event_count,
        key_events,
        users,
        total_revenue_amount,
        currency_code,
        report_timezone,
        is_thresholded,
        is_sampled,
        sampled_share,
        has_other_row,
        has_restricted_metrics,
        is_truncated,
        is_settled,
        pulled_at,
        web_event_day_id
    from events
)

select * from final
