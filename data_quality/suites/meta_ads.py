"""Suites for Meta Ads: accounts, campaigns, ads and the daily performance of ads."""

from __future__ import annotations

from data_quality.chain import Chain, LandedSums, Level, SourceTotal, current_base
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
        pages=Pages(rows=None, key=("account_id",)),
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
        stream="account_performance",
        pages=Pages(key=("account_id", "date_start"), day="date_start"),
        key=("account_id_meta", "report_date"),
        day="report_date",
        volume="any",
        is_day_final=True,
        metrics=same("impressions", "clicks", "spend", "reach"),
        rules=(
            # Days are the account's own, which may be half a day away from UTC.
            *inside_window("report_date", before=1, after=1),
            *not_negative("impressions", "clicks", "spend", "reach"),
            *sane_amounts("spend"),
            *not_above("clicks", "impressions"),
        ),
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

_BUILT = {
    "ad_days": "1",
    **same("impressions", "clicks", "spend_amount"),
    "conversions": "conversions_platform_reported",
}
# Of several entries for purchases the first counts, as in staging.
_LANDED_PURCHASES = """
    list_filter(
        from_json(actions, '[{"action_type": "VARCHAR", "value": "VARCHAR"}]'),
        lambda action: action.action_type = 'purchase'
    )[1].value
"""

CHAINS = (
    Chain(
        stream="ad_performance",
        what="ad days",
        touched="report_date",
        landed=LandedSums(
            fields={
                "report_day": "date_start",
                "shown": "impressions",
                "clicked": "clicks",
                "spent": "spend",
                "actions": "actions",
            },
            day="report_day",
            measures={
                "ad_days": "1",
                "impressions": "shown",
                "clicks": "clicked",
                "spend_amount": "spent",
                "conversions": f"cast({_LANDED_PURCHASES} as decimal(18, 4))",
            },
        ),
        landed_at=1,
        levels=(
            Level(
                "base.base_meta_ads__ad_performance",
                current_base("meta_ads", SUITES[-1]),
                "report_date",
                {"ad_days": "1", **same("impressions", "clicks"), "spend_amount": "spend"},
            ),
            Level(
                "staging.stg_meta_ads__ad_performance",
                "staging.stg_meta_ads__ad_performance",
                "report_date",
                _BUILT,
                where="is_current",
                key="ad_id_meta || '|' || cast(report_date as varchar)",
            ),
            Level(
                "intermediate.int_ads__meta_ads",
                "intermediate.int_ads__meta_ads",
                "report_date",
                _BUILT,
                where="is_current",
            ),
            Level(
                "marts.fct_ad_performance",
                "marts.fct_ad_performance",
                "report_date",
                _BUILT,
                where="platform = 'meta_ads'",
            ),
        ),
    ),
)

_STATED = "staging.stg_meta_ads__account_performance"

TOTALS = (
    SourceTotal(
        stream="ad_performance",
        measure="spend_amount",
        # Each ad's spend is rounded to the cent by itself, the account's is rounded once.
        is_blocking=False,
        touched=(("ad_performance", "report_date"), ("account_performance", "report_date")),
        stated=Level(
            "the account's own days",
            _STATED,
            "report_date",
            same("spend_amount", "impressions", "clicks"),
            part="account_id_meta",
        ),
        built=Level(
            "marts.fct_ad_performance",
            "marts.fct_ad_performance",
            "report_date",
            same("spend_amount", "impressions", "clicks"),
            # An account's day of which the total was not read yet is held against nothing.
            where=f"""
                platform = 'meta_ads'
                and (account_id, report_date) in (
                    select account_id_meta, report_date from {_STATED}
                )
            """,
            part="account_id",
        ),
    ),
)
