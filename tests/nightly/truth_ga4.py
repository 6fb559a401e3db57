"""What Google Analytics should have reported: the subjects of `truth` that are its own."""

from __future__ import annotations

TABLES = ("ga4_day", "ga4_session")
SUBJECTS: dict[str, tuple[str, str]] = {
    # A visit that nobody knows the source of yet is booked as not set; rows of one person are
    # withheld on some days.
    "sessions by source": (
        """
        with booked as (
            select session.*, day.is_thresholded,
                attributed_at <= $end + interval 3 hour as is_known
            from ga4_session as session inner join ga4_day as day using (report_date)
            where report_date >= date '2026-01-01' and report_date < $end
        )
        select report_date, if(is_known, channel_group, 'Unassigned'),
            if(is_known, source, '(not set)'), if(is_known, medium, '(not set)'),
            if(is_known, campaign_name, '(not set)'), bool_or(is_thresholded), count(*),
            count(distinct client_id), sum(page_views), sum(revenue_cents) / 100
        from booked group by 1, 2, 3, 4, 5
        having not bool_or(is_thresholded) or count(distinct client_id) > 1
        """,
        """
        select report_date, channel_group, source, medium, campaign_name, is_thresholded,
            sessions, users, page_views, total_revenue_amount
        from marts.fct_web_report where platform = 'ga4' and report_date < $end
        """,
    ),
    "landing pages and purchases by day": (
        """
        select report_date, landing_page, count(*)
        from ga4_session inner join ga4_day using (report_date)
        where report_date >= date '2026-01-01' and report_date < $end
            and not is_thresholded and attributed_at <= $end + interval 3 hour
            and report_date < $end - interval 3 day
        group by all
        union all
        select report_date, 'purchase', count(*) filter (where buys)
        from ga4_session inner join ga4_day using (report_date)
        where report_date >= date '2026-01-01' and report_date < $end and not is_thresholded
        group by all having bool_or(buys)
        """,
        """
        select report_date, landing_page, sum(sessions)
        from marts.fct_web_page_report
        where not is_thresholded and report_date < $end - interval 3 day group by all
        union all
        select report_date, event_name, event_count
        from marts.fct_web_event_report
        where event_name = 'purchase' and not is_thresholded and report_date < $end
        """,
    ),
}
