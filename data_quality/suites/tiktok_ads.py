"""Suites for TikTok Ads: advertisers, campaigns, ads, and the days of ads and advertisers."""

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

_ROWS = "data.list"
_DAY = "dimensions.stat_time_day"
_MEASURES = ("impressions", "clicks", "spend", "reach", "purchases", "purchases_value")
_RULES = (
    # Days are the advertiser's own, which may be half a day away from UTC.
    *inside_window("report_day_at", before=1, after=1),
    *not_negative("impressions", "clicks", "spend", "reach", "purchases"),
    *sane_amounts("spend"),
    *not_above("clicks", "impressions"),
)

SUITES = (
    StreamSuite(
        stream="advertisers",
        pages=Pages(rows=_ROWS, key=("advertiser_id",)),
        key=("account_id_tiktok",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="campaigns",
        pages=Pages(rows=_ROWS, key=("campaign_id",)),
        key=("campaign_id_tiktok",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="ads",
        pages=Pages(rows=_ROWS, key=("ad_id",)),
        key=("ad_id_tiktok",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="account_performance",
        pages=Pages(rows=_ROWS, key=("dimensions.advertiser_id", _DAY), day=_DAY),
        key=("account_id_tiktok", "report_day_at"),
        day="report_day_at",
        volume="any",
        is_day_final=True,
        metrics=same(*_MEASURES),
        rules=_RULES,
    ),
    StreamSuite(
        stream="ad_performance",
        pages=Pages(rows=_ROWS, key=("dimensions.ad_id", _DAY), day=_DAY),
        key=("ad_id_tiktok", "report_day_at"),
        day="report_day_at",
        is_day_final=True,
        metrics=same(*_MEASURES),
        rules=_RULES,
    ),
)

_BUILT = {
    "ad_days": "1",
    **same("impressions", "clicks", "spend_amount"),
    "conversions": "conversions_platform_reported",
}

CHAINS = (
    Chain(
        stream="ad_performance",
        what="ad days",
        touched="report_day_at",
        landed=LandedSums(
            fields={
                "report_day": _DAY,
                "shown": "metrics.impressions",
                "clicked": "metrics.clicks",
                "spent": "metrics.spend",
                "claimed": "metrics.complete_payment",
            },
            day="report_day",
            measures={
                "ad_days": "1",
                "impressions": "shown",
                "clicks": "clicked",
                "spend_amount": "spent",
                "conversions": "nullif(claimed, '-')",
            },
        ),
        landed_at=1,
        levels=(
            Level(
                "base.base_tiktok_ads__ad_performance",
                current_base("tiktok_ads", SUITES[-1]),
                "report_day_at",
                {
                    "ad_days": "1",
                    **same("impressions", "clicks"),
                    "spend_amount": "spend",
                    "conversions": "purchases",
                },
            ),
            Level(
                "staging.stg_tiktok_ads__ad_performance",
                "staging.stg_tiktok_ads__ad_performance",
                "report_date",
                _BUILT,
                where="is_current",
                key="ad_id_tiktok || '|' || cast(cast(report_date as timestamp) as varchar)",
            ),
            Level(
                "intermediate.int_ads__tiktok_ads",
                "intermediate.int_ads__tiktok_ads",
                "report_date",
                _BUILT,
                where="is_current",
            ),
            Level(
                "marts.fct_ad_performance",
                "marts.fct_ad_performance",
                "report_date",
                _BUILT,
                where="platform = 'tiktok_ads'",
            ),
        ),
    ),
)

_STATED = "staging.stg_tiktok_ads__account_performance"

TOTALS = (
    SourceTotal(
        stream="ad_performance",
        measure="spend_amount",
        # Two questions, asked one after the other: what came in between is in the later one only.
        is_blocking=False,
        touched=(("ad_performance", "report_day_at"), ("account_performance", "report_day_at")),
        stated=Level(
            "the advertiser's own days",
            _STATED,
            "report_date",
            same("spend_amount", "impressions", "clicks"),
            part="account_id_tiktok",
        ),
        built=Level(
            "marts.fct_ad_performance",
            "marts.fct_ad_performance",
            "report_date",
            same("spend_amount", "impressions", "clicks"),
            # An account's day of which the total was not read yet is held against nothing.
            where=f"""
                platform = 'tiktok_ads'
                and (account_id, report_date) in (
                    select account_id_tiktok, report_date from {_STATED}
                )
            """,
            part="account_id",
        ),
    ),
)
