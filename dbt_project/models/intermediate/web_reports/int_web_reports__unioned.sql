with unioned as (
    select * from {{ ref('int_web_reports__ga4') }}
),

final as (
    select
        {{ text_key([
            'platform',
            'property_id',
            'cast(report_date as ' ~ dbt.type_string() ~ ')',
            'channel_group',
            'source',
            'medium',
            'campaign_id',
            'campaign_name',
        ]) }} as web_report_day_id,
        platform,
        property_id,
        report_date,
        channel_group,
        source,
        medium,
        campaign_id,
        campaign_name,
        cast(sessions as bigint) as sessions,
        cast(engaged_sessions as bigint) as engaged_sessions,
        cast(users as bigint) as users,
        cast(new_users as bigint) as new_users,
        cast(page_views as bigint) as page_views,
        cast(event_count as bigint) as event_count,
        cast(key_events as {{ amount_type() }}) as key_events,
        cast(transactions as bigint) as transactions,
        cast(purchase_revenue_amount as {{ amount_type() }}) as purchase_revenue_amount,
        cast(total_revenue_amount as {{ amount_type() }}) as total_revenue_amount,
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
        load_id
    from unioned
)

select * from final
