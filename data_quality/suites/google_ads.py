"""Suites for Google Ads: campaigns, ads and the daily performance of ads."""

from __future__ import annotations

from data_quality.suite import (
    Pages,
    StreamSuite,
    inside_window,
    not_above,
    not_negative,
    same,
    sane_amounts,
)

SUITES = (
    StreamSuite(
        stream="campaigns",
        pages=Pages(rows="results", rows_required=False, key=("campaign.id",)),
        key=("campaign_id_google_ads",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="ads",
        pages=Pages(rows="results", rows_required=False, key=("adGroupAd.ad.id",)),
        key=("ad_id_google_ads",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="ad_performance",
        pages=Pages(
            rows="results",
            rows_required=False,
            key=("adGroupAd.ad.id", "segments.date"),
            day="segments.date",
        ),
        key=("ad_id_google_ads", "report_date"),
        day="report_date",
        is_day_final=True,
        metrics=same("impressions", "clicks", "cost_micros", "conversions", "conversions_value"),
        rules=(
            # Days are the account's own, which may be half a day away from UTC.
            *inside_window("report_date", before=1, after=1),
            *not_negative("impressions", "clicks", "cost_micros", "conversions"),
            *sane_amounts("cost_micros", limit=1e12),
            *not_above("clicks", "impressions"),
        ),
    ),
)
