with

source as (
    select * from {{ last_brought(
        ref('base_ga4__landing_pages'),
        ['property_id_ga4', 'report_date', 'landing_page', 'channel_group_ga4'],
        ['property_id_ga4', 'report_date']
    ) }} as landing_pages
),

renamed as (
    select
        property_id_ga4,
        report_date,
        -- Sessions without any page, such as of events that a server sends.
        coalesce(landing_page, '(not set)') as landing_page,
        channel_group_ga4,
        sessions,
        engaged_sessions,
        users,
        new_users,
        page_views,
        cast(key_events as decimal(18, 4)) as key_events,
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
