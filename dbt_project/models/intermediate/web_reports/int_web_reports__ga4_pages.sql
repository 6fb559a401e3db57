with landing_pages as (
    select * from {{ ref('stg_ga4__landing_pages') }}
),

final as (
    select
        'ga4' as platform,
        property_id_ga4 as property_id,
        report_date,
        landing_page,
        channel_group_ga4 as channel_group,
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
        report_date < {{ settled_before('ga4', 'landing_pages', 3) }} as is_settled,
        pulled_at,
        load_id
    from landing_pages
)

select * from final
