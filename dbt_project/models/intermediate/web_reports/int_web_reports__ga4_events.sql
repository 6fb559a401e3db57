with events as (
    select * from {{ ref('stg_ga4__events') }}
),

final as (
    select
        'ga4' as platform,
        property_id_ga4 as property_id,
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
        report_date < {{ settled_before('ga4', 'events', 14) }} as is_settled,
        pulled_at,
        load_id
    from events
)

select * from final
