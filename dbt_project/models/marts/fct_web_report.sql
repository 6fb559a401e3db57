with reports as (
    select * from {{ ref('int_web_reports__unioned') }}
),

campaigns as (
    select * from {{ ref('int_campaigns__unioned') }}
),

utm_rules as (
    select * from {{ ref('channel_rules') }} where rule_type = 'utm'
),

final as (
    select
        reports.platform,
        reports.property_id,
        reports.report_date,
        -- As of a visit (visit_channel), so that both can be laid side by side.
        case
            when campaigns.channel is not null then campaigns.channel
            when reports.source = '(direct)' then 'direct_web'
            else coalesce(exact_rules.channel, medium_rules.channel, 'unassigned')
        end as channel,
        reports.channel_group,
        reports.source,
        reports.medium,
        reports.campaign_id,
        reports.campaign_name,
        reports.sessions,
        reports.engaged_sessions,
        reports.users,
        reports.new_users,
        reports.page_views,
        reports.event_count,
        reports.key_events,
        reports.transactions,
        reports.purchase_revenue_amount,
        reports.total_revenue_amount,
        reports.currency_code,
        reports.report_timezone,
        reports.is_thresholded,
        reports.is_sampled,
        reports.sampled_share,
        reports.has_other_row,
        reports.has_restricted_metrics,
        reports.is_truncated,
        reports.is_settled,
        reports.pulled_at,
        reports.web_report_day_id
    from reports
    left join campaigns
        on reports.campaign_id = campaigns.campaign_id
    left join utm_rules as exact_rules
        on
            reports.source = exact_rules.match_value
            and reports.medium = exact_rules.match_detail
    left join utm_rules as medium_rules
        on
            medium_rules.match_value = '*'
            and reports.medium = medium_rules.match_detail
)

select * from final
