with pages as (
    select * from {{ ref('int_web_reports__unioned_pages') }}
),

final as (
    select
        platform,
        property_id,
        report_date,
        landing_page,
        channel_group,
        sessions,
        engaged_sessions,
        users,
        new_users,
        page_views,
        key_events,
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
        web_page_day_id
    from pages
)

select * from final
