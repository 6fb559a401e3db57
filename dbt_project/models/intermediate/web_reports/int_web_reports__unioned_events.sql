with unioned as (
    select * from {{ ref('int_web_reports__ga4_events') }}
),

final as (
    select
        {{ text_key([
            'platform',
            'property_id',
            'cast(report_date as ' ~ dbt.type_string() ~ ')',
            'event_name',
        ]) }} as web_event_day_id,
        platform,
        property_id,
        report_date,
        event_name,
        cast(event_count as bigint) as event_count,
        cast(key_events as {{ amount_type() }}) as key_events,
        cast(users as bigint) as users,
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
