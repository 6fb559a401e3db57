with

source as (
    select * from {{ last_brought(
        ref('base_ga4__events'),
        ['property_id_ga4', 'report_date', 'event_name'],
        ['property_id_ga4', 'report_date']
    ) }} as events
),

renamed as (
    select
        property_id_ga4,
        report_date,
        event_name,
        event_count,
        cast(key_events as decimal(18, 4)) as key_events,
        users,
        {{ unrestricted_amount('total_revenue', 'totalRevenue') }} as total_revenue_amount,
        currency_code,
        report_timezone,
        coalesce(is_thresholded, false) as is_thresholded,
        sampling_space is not null as is_sampled,
        cast(sampled_events as double) / nullif(sampling_space, 0) as sampled_share,
        coalesce(has_other_row, false) as has_other_row,
        restricted_metrics is not null as has_restricted_metrics,
        truncations is not null as is_truncated,
        load_id,
        pulled_at
    from source
)

select * from renamed
