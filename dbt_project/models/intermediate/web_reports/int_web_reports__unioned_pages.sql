with unioned as (
    select * from {{ ref('int_web_reports__ga4_pages') }}
),

final as (
    select
        {{ text_key([
            'platform',
            'property_id',
            'cast(report_date as ' ~ dbt.type_string() ~ ')',
            'landing_page',
            'channel_group',
        ]) }} as web_page_day_id,
        platform,
        property_id,
        report_date,
        landing_page,
        channel_group,
        cast(sessions as bigint) as sessions,
        cast(engaged_sessions as bigint) as engaged_sessions,
        cast(users as bigint) as users,
        cast(new_users as bigint) as new_users,
        cast(page_views as bigint) as page_views,
        cast(key_events as {{ amount_type() }}) as key_events,
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
