"""Meta's insights: at once, or as a report that is made while one waits.

Belongs here: parameters, levels and rows of insights, and the life of a report. Does not belong
here: the account's other edges (meta_ads.py) and what every Graph object does alike (graph.py).

As at Meta: a report is asked for by POST, asked about by its id, and read from its own edge once
it says `Job Completed`; at 100 % it may still be running; a large one fails; after thirty days it
is gone. Breakdowns and filtering are refused.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sandbox import graph
from sandbox.strict import Invalid, answering
from sandbox.wire import Limit, Request, Response, Route
from sandbox.world import World

# What identifies a row of each level, from coarse to fine.
LEVELS = {
    "account": ("account_id", "account_name", "account_currency"),
    "campaign": ("campaign_id", "campaign_name", "objective"),
    "adset": ("adset_id", "adset_name"),
    "ad": ("ad_id", "ad_name"),
}
_NAMES = {name for names in LEVELS.values() for name in names}
_MEASURES = {"impressions", "clicks", "spend", "reach", "frequency", "cpc", "cpm", "ctr"}
_MEASURES |= {"inline_link_clicks", "actions", "action_values"}
INSIGHT_FIELDS = _NAMES | _MEASURES | {"date_start", "date_stop"}

_PARAMETERS = {"level", "time_increment", "time_range", "date_preset", "action_report_time"}
_PARAMETERS |= {"action_attribution_windows", "use_unified_attribution_setting"}
_PARAMETERS |= {"use_account_attribution_setting"}
_NOT_SERVED = {"breakdowns", "action_breakdowns", "filtering", "sort", "summary", "time_ranges"}
_NOT_SERVED |= {"default_summary", "export_columns", "export_format", "export_name"}
_NOT_SERVED |= {"graph_cache", "product_id_limit", "summary_action_breakdowns"}
# 7d_view and 28d_view ended on 2026-01-12.
_WINDOWS = {"1d_click", "7d_click", "28d_click", "1d_view", "1d_ev", "default"}
_PRESETS = {"yesterday": 1, "last_3d": 3, "last_7d": 7, "last_14d": 14, "last_28d": 28}
_PRESETS |= {"last_30d": 30, "last_90d": 90}
_COUNTS = ("impressions", "clicks", "spend_micros", "purchases", "purchase_cents")


RUN_FIELDS = {"id", "account_id", "async_status", "async_percent_completion", "date_start"}
RUN_FIELDS |= {"date_stop", "error_code", "error_message", "is_running", "time_ref"}
# A report of more rows fails; one that is not read goes after so long.
MOST_ROWS_OF_RUN = 10_000
RUN_LIFE = timedelta(days=30)
# What a report says each time it is asked about, until it is done.
_PROGRESS = (("Job Not Started", 0), ("Job Running", 100), ("Job Completed", 100))
_FIRST_RUN_ID = 6_120_000_000_000_000


@dataclass(frozen=True)
class _Asked:
    """The insights somebody wants."""

    account: str
    level: str
    daily: bool
    fields: tuple[str, ...]
    since: date
    until: date


@dataclass
class _Run:
    """A report: what was asked, when, and how often it has been asked about."""

    asked: _Asked
    started: datetime
    questions: int = 0


_runs: dict[str, _Run] = {}
_lock = threading.Lock()


def routes(account: str, limit: Limit) -> list[Route]:
    """Return the account's edge, and what leads to a report's rows.

    Args:
        account: Pattern of the account's path.
        limit: The rate limit of each.
    """
    edge, run = f"{account}/insights", rf"/{graph.VERSIONS}/(?P<run>\d+)"
    return [
        Route("GET", edge, answering(_insights), _stream_of, "data", limit),
        Route("POST", edge, answering(_start), _stream_of, None, limit),
        Route("GET", run, answering(_status), lambda request: None, None, limit),
        Route("GET", f"{run}/insights", answering(_result), _stream_of_run, "data", limit),
    ]


def _stream_of(request: Request) -> str:
    return _named(request.one("level", "account") or "")


def _stream_of_run(request: Request) -> str:
    run = _runs.get(request.match["run"])
    return _named(run.asked.level if run else "ad")


def _named(level: str) -> str:
    return "account_performance" if level == "account" else "ad_performance"


def _insights(request: Request, world: World, now: datetime) -> Response:
    return _paged(request, _rows(_asked(request, world, now), world, now), now)


def _start(request: Request, world: World, now: datetime) -> Response:
    if request.body.strip():
        graph.refuse("This sandbox reads the parameters of a report from the query")
    asked = _asked(request, world, now)
    with _lock:
        run = str(_FIRST_RUN_ID + len(_runs))
        _runs[run] = _Run(asked, now)
    return Response.of({"report_run_id": run})


def _status(request: Request, world: World, now: datetime) -> Response:
    graph.check_parameters(request, set())
    fields = graph.fields_of(request, RUN_FIELDS, ["async_status"], "AdReportRun")
    run = _run(request, now)
    state, percent = _PROGRESS[min(run.questions, len(_PROGRESS) - 1)]
    run.questions += 1
    row: dict[str, Any] = {"async_status": state, "async_percent_completion": percent}
    if percent and len(_rows(run.asked, world, now)) > MOST_ROWS_OF_RUN:
        run.questions = 0
        row = {"async_status": "Job Failed", "async_percent_completion": 0, "error_code": 1}
        row["error_message"] = "Please reduce the amount of data you're asking for, then retry."
    row |= {
        "id": request.match["run"],
        "account_id": run.asked.account,
        "date_start": str(run.asked.since),
        "date_stop": str(run.asked.until),
        "is_running": state != "Job Completed",
        "time_ref": int(run.started.timestamp()),
    }
    return Response.of(graph.chosen(row, fields))


def _result(request: Request, world: World, now: datetime) -> Response:
    graph.check_parameters(request, set())
    run = _run(request, now)
    if run.questions < len(_PROGRESS):
        detail = "Please check if your job status is completed before fetching the data."
        raise Invalid(
            graph.error(
                400,
                2601,
                "Error accessing adreport job.",
                "OAuthException",
                error_subcode=1815107,
                is_transient=True,
                error_user_title="Loading Async Ads Report Failed",
                error_user_msg=f"Sorry, the report cannot be loaded successfully. {detail}",
            )
        )
    return _paged(request, _rows(run.asked, world, now), now)


def _run(request: Request, now: datetime) -> _Run:
    run = _runs.get(request.match["run"])
    if run is None or now - run.started > RUN_LIFE:
        graph.refuse_object(request.match["run"])
    return run


def _asked(request: Request, world: World, now: datetime) -> _Asked:
    """Check the parameters of insights, whether they are wanted at once or as a report."""
    graph.check_parameters(request, _PARAMETERS | _NOT_SERVED)
    for name in _NOT_SERVED:
        if request.one(name) is not None:
            graph.refuse(f"This sandbox does not serve {name}")
    level = graph.one_of(request, "level", tuple(LEVELS), "account")
    daily = graph.one_of(request, "time_increment", ("1", "all_days"), "all_days") == "1"
    graph.one_of(request, "action_report_time", ("impression", "conversion", "mixed"), "mixed")
    for window in graph.json_parameter(request, "action_attribution_windows") or []:
        if window not in _WINDOWS:
            graph.refuse(f"Param action_attribution_windows has no value {window}")
    names = _insight_fields(request)
    names += [name for name in ("date_start", "date_stop") if name not in names]
    since, until = _days(request, now)
    account = request.match["account"]
    if not world.stream("meta_ads", "ads").all(now, tags=[account]):
        graph.refuse_object(f"act_{account}")
    return _Asked(account, level, daily, tuple(names), since, until)


def _rows(asked: _Asked, world: World, now: datetime) -> list[dict[str, Any]]:
    tags = [asked.account]
    ads = {ad["ad_id"]: ad for ad in world.stream("meta_ads", "ads").all(now, tags=tags)}
    days = world.stream("meta_ads", "ad_performance").page(
        now,
        limit=2**62,
        start=datetime.combine(asked.since, time(), UTC),
        end=datetime.combine(asked.until + timedelta(days=1), time(), UTC),
        tags=tags,
    )
    spans = (str(asked.since), str(asked.until))
    rows = _totals(days.objects(), ads, asked.level, spans, daily=asked.daily)
    return [_stated(row, list(asked.fields)) for row in rows]


def _paged(request: Request, rows: list[dict[str, Any]], now: datetime) -> Response:
    found, paging = graph.page(request, rows, now, most=5000)
    return Response.of({"data": list(found), **paging})


def _insight_fields(request: Request) -> list[str]:
    text = request.one("fields") or "account_id,impressions,spend"
    names = [each.name for each in graph.parse_fields(text)]
    for name in names:
        if name not in INSIGHT_FIELDS:
            graph.refuse(
                f"{name} is not valid for fields param. please check "
                "https://developers.facebook.com/docs/marketing-api/reference/ads-insights/ for "
                "all valid values"
            )
    return names


def _days(request: Request, now: datetime) -> tuple[date, date]:
    """Return the first and last day asked for; by default the 30 days before today."""
    given = graph.json_parameter(request, "time_range")
    if given is None:
        preset = graph.one_of(request, "date_preset", tuple(_PRESETS), "last_30d")
        today = now.date()
        return today - timedelta(days=_PRESETS[preset]), today - timedelta(days=1)
    if not isinstance(given, dict) or set(given) != {"since", "until"}:
        graph.refuse("Param time_range must have the keys since and until")
    try:
        since, until = (date.fromisoformat(given[name]) for name in ("since", "until"))
    except (TypeError, ValueError):
        graph.refuse("Param time_range must hold dates as YYYY-MM-DD")
    if since > until:
        graph.refuse("Param time_range: since must not lie after until")
    if now.date() - since > timedelta(days=37 * 31):
        graph.refuse(
            "The start date of the time range cannot be beyond 37 months from the current date",
            3018,
        )
    return since, until


def _totals(
    days: Iterable[dict[str, Any]],
    ads: dict[str, dict[str, Any]],
    level: str,
    spans: tuple[str, str],
    *,
    daily: bool,
) -> list[dict[str, Any]]:
    """Add days up to one row per object of the level, and per day where asked for."""
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    depth = list(LEVELS).index(level) + 1
    names = [name for part in list(LEVELS.values())[:depth] for name in part]
    for day in days:
        ad = ads[day["ad_id"]]
        key = (day["date"] if daily else "", ad[f"{level}_id"])
        total = groups.get(key)
        if total is None:
            total = groups[key] = {name: ad[name] for name in names}
            total["date_start"] = day["date"] if daily else spans[0]
            total["date_stop"] = day["date"] if daily else spans[1]
            total |= dict.fromkeys(_COUNTS, 0)
        for name in _COUNTS:
            total[name] += day[name]
    return [row for row in groups.values() if any(row[name] for name in _COUNTS)]


def _stated(row: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Return the fields of a row as Meta states them: as text, absent where there are none."""
    spend = row["spend_micros"] / 1_000_000
    reach = -(-row["impressions"] * 7 // 10)
    clicks = str(row["clicks"])
    bought = row["purchases"] > 0
    measures: dict[str, Any] = {
        "impressions": str(row["impressions"]),
        "clicks": clicks,
        "inline_link_clicks": clicks,
        "spend": _major(row["spend_micros"] // 10_000),
        "reach": str(reach),
        "frequency": _ratio(row["impressions"], reach),
        "cpc": _ratio(spend, row["clicks"]),
        "cpm": _ratio(spend * 1000, row["impressions"]),
        "ctr": _ratio(row["clicks"] * 100, row["impressions"]),
        "actions": [
            {"action_type": kind, "value": str(count)}
            for kind, count in (("link_click", row["clicks"]), ("purchase", row["purchases"]))
            if count
        ],
        "action_values": [{"action_type": "purchase", "value": _major(row["purchase_cents"])}]
        if bought
        else [],
    }
    values = row | measures
    return {name: values[name] for name in names if values.get(name)}


def _major(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _ratio(count: float, of: float) -> str | None:
    return f"{count / of:.6f}" if of else None
