"""Meta's Marketing API as Throughline reads it: an ad account, its campaigns, ads and insights.

Belongs here: the account's edges and what their rows hold. Does not belong here: what every Graph
object does alike (graph.py) and what was spent (the truth tables).

As at Meta: numbers are text and spend is in the account's major unit; only the fields asked for
come back, with `id` or the dates; actions that never happened are absent; the end of a page is
the absence of `paging.next`; past days are restated for 28 days, which here follows the clock
through `ad_day.known_at`. Insights are in meta_insights.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb

from sandbox import graph, meta_insights
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
_STATUSES = {"ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES"}
_STATUSES |= {"PENDING_REVIEW", "DISAPPROVED", "PREAPPROVED", "PENDING_BILLING_INFO"}
_STATUSES |= {"CAMPAIGN_PAUSED", "ADSET_PAUSED"}
_EDGE = {"effective_status", "date_preset", "time_range", "updated_since", "is_completed"}

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
        *meta_insights.routes(account, limit),
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
