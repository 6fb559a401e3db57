"""Meta's Marketing API as Throughline reads it: an ad account, its campaigns, ads and insights.

Belongs here: the account's edges and what their rows hold. Does not belong here: what every Graph
object does alike (graph.py) and what was spent (the truth tables).

As at Meta: numbers are text and spend is in the account's major unit; only the fields asked for
come back, with `id` or the dates; actions that never happened are absent; the end of a page is
the absence of `paging.next`; past days are restated for 28 days, which here follows the clock
through `ad_day.known_at`. Breakdowns, filtering and asynchronous reports are refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import duckdb

from sandbox import graph
from sandbox.graph import authorize, problem
from sandbox.strict import answering
from sandbox.wire import Limit, Request, Response, Route
from sandbox.world import World

__all__ = ["authorize", "environment", "problem", "rate_headers", "render", "routes"]

ACCOUNT_ID = "208150623400017"
ACCOUNT_FIELDS = {"id", "account_id", "name", "currency", "timezone_name", "account_status"}
CAMPAIGN_FIELDS = {"id", "account_id", "name", "status", "effective_status", "configured_status"}
CAMPAIGN_FIELDS |= {"objective", "buying_type", "created_time", "updated_time", "start_time"}
AD_FIELDS = {"id", "account_id", "name", "status", "effective_status", "configured_status"}
AD_FIELDS |= {"campaign_id", "adset_id", "created_time", "updated_time"}
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

_STATUSES = {"ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES"}
_STATUSES |= {"PENDING_REVIEW", "DISAPPROVED", "PREAPPROVED", "PENDING_BILLING_INFO"}
_STATUSES |= {"CAMPAIGN_PAUSED", "ADSET_PAUSED"}
_EDGE = {"effective_status", "date_preset", "time_range", "updated_since", "is_completed"}
_INSIGHTS = {"level", "time_increment", "time_range", "date_preset", "action_report_time"}
_INSIGHTS |= {"action_attribution_windows", "use_unified_attribution_setting"}
_INSIGHTS |= {"use_account_attribution_setting"}
_NOT_SERVED = {"breakdowns", "action_breakdowns", "filtering", "sort", "summary", "time_ranges"}
_NOT_SERVED |= {"default_summary", "export_columns", "export_format", "export_name"}
_NOT_SERVED |= {"graph_cache", "product_id_limit", "summary_action_breakdowns"}
# 7d_view and 28d_view ended on 2026-01-12.
_WINDOWS = {"1d_click", "7d_click", "28d_click", "1d_view", "1d_ev", "default"}
_PRESETS = {"yesterday": 1, "last_3d": 3, "last_7d": 7, "last_14d": 14, "last_28d": 28}
_PRESETS |= {"last_30d": 30, "last_90d": 90}
_COUNTS = ("impressions", "clicks", "spend_micros", "purchases", "purchase_cents")

_ADS = """
    select
        ad.created_at as sort_at,
        ad.created_at as known_at,
        null::timestamp as superseded_at,
        ad.ad_id as key,
        ad.account_id as tag,
        to_json({
            'account_id': ad.account_id,
            'account_name': ad.account_name,
            'account_currency': ad.currency_code,
            'timezone_name': ad.report_timezone,
            'campaign_id': ad.campaign_id,
            'campaign_name': ad.campaign_name,
            'objective': ad.objective,
            'adset_id': ad.ad_group_id,
            'adset_name': ad.ad_group_name,
            'ad_id': ad.ad_id,
            'ad_name': ad.ad_name,
            'created_time': strftime(ad.created_at, '%Y-%m-%dT%H:%M:%S+0000')
        })::varchar as body
    from ad
    where ad.platform = 'meta_ads'
"""
_PERFORMANCE = """
    select
        ad_day.report_date::timestamp as sort_at,
        ad_day.known_at,
        lead(ad_day.known_at) over (
            partition by ad_day.ad_id, ad_day.report_date order by ad_day.known_at
        ) as superseded_at,
        ad_day.ad_id as key,
        ad.account_id as tag,
        to_json({
            'ad_id': ad_day.ad_id,
            'date': strftime(ad_day.report_date, '%Y-%m-%d'),
            'impressions': ad_day.impressions,
            'clicks': ad_day.clicks,
            'spend_micros': ad_day.spend_micros,
            'purchases': ad_day.conversions::bigint,
            'purchase_cents': round(ad_day.conversions_value * 100)::bigint
        })::varchar as body
    from ad_day
    inner join ad on ad_day.platform = ad.platform and ad_day.ad_id = ad.ad_id
    where ad_day.platform = 'meta_ads'
"""

rate_headers = graph.usage_headers("ads_insights")


def render(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write what Meta would know of the truth: ads, and each version of each ad's day."""
    world.write_rows(con, "meta_ads", "ads", _ADS)
    world.write_rows(con, "meta_ads", "ad_performance", _PERFORMANCE)


def environment(base_url: str) -> dict[str, str]:
    """Return the settings with which a connector finds this sandbox."""
    return {
        "SOURCES__META_ADS__BASE_URL": base_url,
        "SOURCES__META_ADS__ACCESS_TOKEN": "sandbox-access-token",
        "SOURCES__META_ADS__ACCOUNT_ID": ACCOUNT_ID,
    }


def routes() -> list[Route]:
    """Return the account and its edges."""
    account = rf"/{graph.VERSIONS}/act_(?P<account>\d+)"
    limit = Limit(50, 2000)
    return [
        graph.DEBUG_TOKEN,
        Route("GET", account, answering(_account), "accounts", None, limit),
        Route("GET", f"{account}/campaigns", answering(_campaigns), "campaigns", "data", limit),
        Route("GET", f"{account}/ads", answering(_ads), "ads", "data", limit),
        Route("GET", f"{account}/insights", answering(_insights), "ad_performance", "data", limit),
    ]


def _ads_of(request: Request, world: World, now: datetime) -> list[dict[str, Any]]:
    account = request.match["account"]
    ads = world.stream("meta_ads", "ads").all(now, tags=[account])
    if not ads:
        graph.refuse_object(f"act_{account}")
    return ads


def _account(request: Request, world: World, now: datetime) -> Response:
    graph.check_parameters(request, set())
    ad = _ads_of(request, world, now)[0]
    fields = graph.fields_of(request, ACCOUNT_FIELDS, ["account_id"], "AdAccount")
    row = {
        "id": f"act_{ad['account_id']}",
        "account_id": ad["account_id"],
        "name": ad["account_name"],
        "currency": ad["account_currency"],
        "timezone_name": ad["timezone_name"],
        "account_status": 1,
    }
    return Response.of(graph.chosen(row, fields))


def _campaigns(request: Request, world: World, now: datetime) -> Response:
    campaigns: dict[str, dict[str, Any]] = {}
    for ad in _ads_of(request, world, now):
        row = _entity(ad, "campaign")
        row |= {"objective": ad["objective"], "buying_type": "AUCTION"}
        campaigns.setdefault(ad["campaign_id"], row | {"start_time": ad["created_time"]})
    return _edge(request, list(campaigns.values()), CAMPAIGN_FIELDS, "Campaign", now)


def _ads(request: Request, world: World, now: datetime) -> Response:
    rows = [
        _entity(ad, "ad") | {"campaign_id": ad["campaign_id"], "adset_id": ad["adset_id"]}
        for ad in _ads_of(request, world, now)
    ]
    return _edge(request, rows, AD_FIELDS, "Ad", now)


def _entity(ad: dict[str, Any], level: str) -> dict[str, Any]:
    return {
        "id": ad[f"{level}_id"],
        "account_id": ad["account_id"],
        "name": ad[f"{level}_name"],
        "status": "ACTIVE",
        "effective_status": "ACTIVE",
        "configured_status": "ACTIVE",
        "created_time": ad["created_time"],
        "updated_time": ad["created_time"],
    }


def _edge(
    request: Request, rows: list[dict[str, Any]], known: set[str], node: str, now: datetime
) -> Response:
    graph.check_parameters(request, _EDGE)
    for name in _EDGE - {"effective_status"}:
        if request.one(name) is not None:
            graph.refuse(f"This sandbox does not serve {name}")
    fields = graph.fields_of(request, known, ["id"], node)
    statuses = graph.json_parameter(request, "effective_status")
    for status in statuses or []:
        if status not in _STATUSES:
            graph.refuse(
                f"Param effective_status must be one of {{{', '.join(sorted(_STATUSES))}}}"
            )
    if statuses is not None:
        rows = [row for row in rows if row["effective_status"] in statuses]
    found, paging = graph.page(request, rows, now)
    return Response.of({"data": [graph.chosen(row, fields) for row in found], **paging})


def _insights(request: Request, world: World, now: datetime) -> Response:
    graph.check_parameters(request, _INSIGHTS | _NOT_SERVED)
    for name in _NOT_SERVED:
        if request.one(name) is not None:
            graph.refuse(f"This sandbox does not serve {name}")
    level = graph.one_of(request, "level", tuple(LEVELS), "account")
    daily = graph.one_of(request, "time_increment", ("1", "all_days"), "all_days") == "1"
    graph.one_of(request, "action_report_time", ("impression", "conversion", "mixed"), "mixed")
    for window in graph.json_parameter(request, "action_attribution_windows") or []:
        if window not in _WINDOWS:
            graph.refuse(f"Param action_attribution_windows has no value {window}")
    fields = _insight_fields(request)
    since, until = _days(request, now)
    ads = {ad["ad_id"]: ad for ad in _ads_of(request, world, now)}
    days = world.stream("meta_ads", "ad_performance").page(
        now,
        limit=2**62,
        start=datetime.combine(since, time(), UTC),
        end=datetime.combine(until + timedelta(days=1), time(), UTC),
        tags=[request.match["account"]],
    )
    spans = (str(since), str(until))
    rows = _totals(days.objects(), ads, level, spans, daily=daily)
    found, paging = graph.page(request, rows, now, most=5000)
    names = [*fields, *(name for name in ("date_start", "date_stop") if name not in fields)]
    content = [_stated(row, names) for row in found]
    return Response.of({"data": content, **paging})


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
