with traffic as (
    select * from {{ ref('stg_ga4__traffic') }}
),

final as (
    select
        'ga4' as platform,
        property_id_ga4 as property_id,
        report_date,
        channel_group_ga4 as channel_group,
        source,
        medium,
        -- Google knows the ids of its own campaigns; other links name theirs, and what stands in
        -- brackets is no campaign.
        case
            when campaign_id_ga4 not like '(%' then campaign_id_ga4
            when campaign_name not like '(%' then campaign_name
        end as campaign_id,
        campaign_name,
        sessions,
        engaged_sessions,
        users,
        new_users,
        page_views,
        event_count,
        key_events,
        transactions,
        purchase_revenue_amount,
        total_revenue_amount,
        currency_code,
        report_timezone,
        is_thresholded,
        is_sampled,
        sampled_share,
        has_other_row,
        has_restricted_metrics,
        is_truncated,
        report_date < {{ settled_before('ga4', 'traffic', 3) }} as is_settled,
        pulled_at,
        load_id
    from traffic
)

select * from final
