"""Suites for Meta Ads: accounts, campaigns, ads and the daily performance of ads."""

from __future__ import annotations

from data_quality.suite import (
    Pages,
    StreamSuite,
    inside_window,
    listed,
    not_above,
    not_negative,
    same,
    sane_amounts,
)

SUITES = (
    StreamSuite(
        stream="accounts",
        pages=Pages(rows=None),
        key=("account_id_meta",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="campaigns",
        pages=Pages(),
        key=("campaign_id_meta",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="ads",
        pages=Pages(),
        key=("ad_id_meta",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="ad_performance",
        pages=Pages(key=("ad_id", "date_start"), day="date_start"),
        key=("ad_id_meta", "report_date"),
        day="report_date",
        is_day_final=True,
        metrics={
            **same("impressions", "clicks", "spend", "reach"),
            "purchases": listed("actions", "action_type", "purchase", "action_count"),
            "purchase_values": listed("action_values", "action_type", "purchase", "action_amount"),
        },
        rules=(
            # Days are the account's own, which may be half a day away from UTC.
            *inside_window("report_date", before=1, after=1),
            *not_negative("impressions", "clicks", "spend", "reach", "purchases"),
            *sane_amounts("spend"),
            *not_above("clicks", "impressions"),
        ),
    ),
)
