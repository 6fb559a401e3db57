"""Suites for Google Ads: campaigns, ads and the daily performance of ads."""

from __future__ import annotations

from data_quality.chain import Chain, LandedSums, Level, SourceTotal, current_base
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
        stream="account_performance",
        pages=Pages(
            rows="results",
            rows_required=False,
            key=("customer.id", "segments.date"),
            day="segments.date",
        ),
        key=("account_id_google_ads", "report_date"),
        day="report_date",
        volume="any",
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

_SPEND = "cast(cast({micros} as decimal(24, 0)) * 0.000001 as decimal(18, 4))"
_CLAIMED = "cast({conversions} as decimal(18, 4))"
_BUILT = {
    "ad_days": "1",
    **same("impressions", "clicks", "spend_amount"),
    "conversions": "conversions_platform_reported",
}

CHAINS = (
    Chain(
        stream="ad_performance",
        what="ad days",
        touched="report_date",
        landed=LandedSums(
            fields={
                "report_day": "segments.date",
                "shown": "metrics.impressions",
                "clicked": "metrics.clicks",
                "micros": "metrics.costMicros",
                "claimed": "metrics.conversions",
            },
            day="report_day",
            measures={
                "ad_days": "1",
                "impressions": "shown",
                "clicks": "clicked",
                "spend_amount": _SPEND.format(micros="micros"),
                "conversions": _CLAIMED.format(conversions="claimed"),
            },
        ),
        landed_at=1,
        levels=(
            Level(
                "base.base_google_ads__ad_performance",
                current_base("google_ads", SUITES[-1]),
                "report_date",
                {
                    "ad_days": "1",
                    **same("impressions", "clicks"),
                    "spend_amount": _SPEND.format(micros="cost_micros"),
                    "conversions": _CLAIMED.format(conversions="conversions"),
                },
            ),
            Level(
                "staging.stg_google_ads__ad_performance",
                "staging.stg_google_ads__ad_performance",
                "report_date",
                _BUILT
                | {"conversions": _CLAIMED.format(conversions="conversions_platform_reported")},
                where="is_current",
                key="ad_id_google_ads || '|' || cast(report_date as varchar)",
            ),
            Level(
                "intermediate.int_ads__google_ads",
                "intermediate.int_ads__google_ads",
                "report_date",
                _BUILT
                | {"conversions": _CLAIMED.format(conversions="conversions_platform_reported")},
                where="is_current",
            ),
            Level(
                "marts.fct_ad_performance",
                "marts.fct_ad_performance",
                "report_date",
                _BUILT,
                where="platform = 'google_ads'",
            ),
        ),
    ),
)

_STATED = "staging.stg_google_ads__account_performance"

TOTALS = (
    SourceTotal(
        stream="ad_performance",
        measure="spend_amount",
        # Campaigns without ads (Performance Max) are in the total and in no ad's figures.
        is_blocking=False,
        touched=(("ad_performance", "report_date"), ("account_performance", "report_date")),
        stated=Level(
            "the account's own days",
            _STATED,
            "report_date",
            same("spend_amount", "impressions", "clicks"),
            part="account_id_google_ads",
        ),
        built=Level(
            "marts.fct_ad_performance",
            "marts.fct_ad_performance",
            "report_date",
            same("spend_amount", "impressions", "clicks"),
            # An account's day of which the total was not read yet is held against nothing.
            where=f"""
                platform = 'google_ads'
                and (account_id, report_date) in (
                    select account_id_google_ads, report_date from {_STATED}
                )
            """,
            part="account_id",
        ),
    ),
)
