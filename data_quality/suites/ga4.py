"""Suites for Google Analytics 4: sessions by source and by landing page, events, and days."""

from __future__ import annotations

from data_quality.chain import Chain, LandedSums, Level, SourceTotal, last_brought
from data_quality.suite import (
    Pages,
    StreamSuite,
    inside_window,
    not_above,
    not_negative,
    same,
    sane_amounts,
)

_PROPERTY = r"request:/properties/([0-9]+):runReport"
_COLUMNS = {"dimensionHeaders": "dimensionValues", "metricHeaders": "metricValues"}
_SESSIONS = ("sessions", "engaged_sessions", "users", "new_users", "page_views")
# A property and a day: a pull brings all rows of them.
_WHOLE = 2


def _pages(*dimensions: str) -> Pages:
    return Pages(
        rows="rows",
        rows_required=False,
        key=(_PROPERTY, "date", *dimensions),
        day="date",
        time="basic_date",
        columns=_COLUMNS,
    )


def _suite(
    stream: str,
    dimensions: dict[str, str],
    metrics: tuple[str, ...],
    amounts: tuple[str, ...] = ("total_revenue",),
) -> StreamSuite:
    """A suite of one of the reports.

    Args:
        stream: the stream.
        dimensions: what makes a row one beside property and day: Google's name → column of base.
        metrics: columns of base that count something.
        amounts: columns of base that are money.
    """
    compared = [not_above("engaged_sessions", "sessions")] if "sessions" in metrics else []
    return StreamSuite(
        stream=stream,
        pages=_pages(*dimensions),
        key=("property_id_ga4", "report_date", *dimensions.values()),
        day="report_date",
        # Of the newest day a part is there yet, and rows of few people may be withheld.
        volume="rolling" if dimensions else "any",
        metrics=same(*metrics, *amounts),
        rules=(
            # Days are the property's own, which may be half a day away from UTC.
            *inside_window("report_date", before=1, after=1),
            *not_negative(*metrics),
            *sane_amounts(*amounts),
            *(rule for rules in compared for rule in rules),
        ),
    )


_MEASURES = (*_SESSIONS, "event_count", "key_events", "transactions")
SUITES = (
    _suite(
        "traffic",
        {
            "sessionDefaultChannelGroup": "channel_group_ga4",
            "sessionSource": "source",
            "sessionMedium": "medium",
            "sessionCampaignId": "campaign_id_ga4",
            "sessionCampaignName": "campaign_name",
        },
        _MEASURES,
        ("purchase_revenue", "total_revenue"),
    ),
    _suite(
        "landing_pages",
        {"landingPage": "landing_page", "sessionDefaultChannelGroup": "channel_group_ga4"},
        (*_SESSIONS, "key_events"),
    ),
    _suite("events", {"eventName": "event_name"}, ("event_count", "key_events", "users")),
    _suite("totals", {}, _MEASURES, ("purchase_revenue", "total_revenue")),
)


def _chain(
    suite: StreamSuite,
    what: str,
    suffix: str,
    fact: str,
    measures: dict[str, str],
    amounts: dict[str, str],
) -> Chain:
    """A report's way to its fact.

    Args:
        suite: the stream's.
        what: what is counted.
        suffix: what the intermediate models of it end in.
        fact: the mart.
        measures: column → Google's name of the metric.
        amounts: the same, for money.
    """
    stream = suite.stream
    money = "cast({} as decimal(18, 4))"
    # Null where the credential may not see them, which Google shows as 0.
    visible = "case when restricted_metrics is null then {} else 0 end"
    built = {
        "reported_rows": "1",
        **same(*measures),
        **{name: f"coalesce({name}_amount, 0)" for name in amounts},
    }
    return Chain(
        stream=stream,
        what=what,
        touched="report_date",
        landed=LandedSums(
            fields={**measures, **amounts, "report_day": "date"},
            day="strptime(report_day, '%Y%m%d')",
            measures={
                "reported_rows": "1",
                **same(*measures),
                **{name: money.format(f"cast({name} as double)") for name in amounts},
            },
            whole=_WHOLE,
        ),
        levels=(
            Level(
                f"base.base_ga4__{stream}",
                last_brought("ga4", suite, _WHOLE),
                "report_date",
                {
                    "reported_rows": "1",
                    **same(*measures),
                    **{name: visible.format(money.format(name)) for name in amounts},
                },
                key=" || '|' || ".join(f"cast({column} as varchar)" for column in suite.key),
            ),
            *(
                Level(f"{schema}.{model}", f"{schema}.{model}", "report_date", built, where=where)
                for schema, model, where in (
                    ("staging", f"stg_ga4__{stream}", "true"),
                    ("intermediate", f"int_web_reports__ga4{suffix}", "true"),
                    ("marts", fact, "platform = 'ga4'"),
                )
            ),
        ),
    )


_COUNTS = {"sessions": "sessions", "page_views": "screenPageViews", "event_count": "eventCount"}
CHAINS = (
    _chain(
        SUITES[0],
        "sessions by source",
        "",
        "fct_web_report",
        _COUNTS | {"transactions": "transactions"},
        {"purchase_revenue": "purchaseRevenue", "total_revenue": "totalRevenue"},
    ),
    _chain(
        SUITES[1],
        "sessions by landing page",
        "_pages",
        "fct_web_page_report",
        {"sessions": "sessions", "page_views": "screenPageViews"},
        {"total_revenue": "totalRevenue"},
    ),
    _chain(
        SUITES[2],
        "events by name",
        "_events",
        "fct_web_event_report",
        {"event_count": "eventCount"},
        {"total_revenue": "totalRevenue"},
    ),
)

# Google estimates sessions; rows of few people may be withheld, and then sums are lower.
_ALLOWED = 0.02
_ADDING = ("sessions", "event_count", "transactions", "purchase_revenue_amount")


def _within(measure: str) -> str:
    """The rows' sum; what the total states where the two differ by no more than is allowed."""
    stated, built = f"stated.{measure}", f"built.{measure}"
    return f"""
        case
            when abs({built} - {stated}) <= greatest(1, {_ALLOWED} * {stated})
                or (built.is_partial and {built} <= {stated})
                then {stated}
            else {built}
        end as {measure}
    """


_STATED = "staging.stg_ga4__totals"
_BUILT = "marts.fct_web_report"
_HELD = f"""
    (
        select built.property_id, built.report_date, {", ".join(map(_within, _ADDING))}
        from (
            select
                property_id, report_date, bool_or(is_thresholded or is_sampled) as is_partial,
                {", ".join(f"sum({name}) as {name}" for name in _ADDING)}
            from {_BUILT}
            where platform = 'ga4' and {{days}}
            group by all
        ) as built
        inner join {_STATED} as stated
            on built.property_id = stated.property_id_ga4
                and built.report_date = stated.report_date
    )
"""

TOTALS = (
    SourceTotal(
        stream="traffic",
        measure="sessions",
        # Both are estimates, made one after the other.
        is_blocking=False,
        touched=(("traffic", "report_date"), ("totals", "report_date")),
        stated=Level(
            "the property's own days",
            _STATED,
            "report_date",
            same(*_ADDING),
            # A day of which everything is withheld has no row to hold against it.
            where=f"""
                (property_id_ga4, report_date) in (select property_id, report_date from {_BUILT})
            """,
            part="property_id_ga4",
        ),
        built=Level(_BUILT, _HELD, "report_date", same(*_ADDING), part="property_id"),
    ),
)
