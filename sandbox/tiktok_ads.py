"""TikTok's Business API as Throughline reads it: an advertiser, its campaigns, ads and reports.

Belongs here: the endpoints, their parameters and what their rows hold. Does not belong here: the
reports' own rules (tiktok_report.py) and what was spent (the truth tables).

As at TikTok: everything is HTTP 200, and `code` says whether it went well; lists and filters are
JSON text in the query; pages are numbered, and `page_info` says how many there are; deleted ads
and campaigns come only where they are asked for; there are no rate headers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import duckdb

from sandbox import tiktok_report
from sandbox.strict import answering, fingerprint
from sandbox.tiktok_wire import (
    ADVERTISER_ID,
    answer,
    check_parameters,
    decoded,
    listed,
    page_of,
    refuse,
    the_advertiser,
)
from sandbox.wire import Limit, Request, Response, Route
from sandbox.world import World

ROOT = r"/open_api/v1\.3"
ADVERTISER_FIELDS = {"advertiser_id", "name", "currency", "timezone", "display_timezone"}
ADVERTISER_FIELDS |= {"status", "country", "company", "role", "language", "create_time"}
CAMPAIGN_FIELDS = {"advertiser_id", "campaign_id", "campaign_name", "objective_type"}
CAMPAIGN_FIELDS |= {"operation_status", "secondary_status", "budget_mode", "is_new_structure"}
CAMPAIGN_FIELDS |= {"create_time", "modify_time"}
AD_FIELDS = {"advertiser_id", "campaign_id", "campaign_name", "adgroup_id", "adgroup_name"}
AD_FIELDS |= {"ad_id", "ad_name", "ad_format", "landing_page_url", "operation_status"}
AD_FIELDS |= {"secondary_status", "create_time", "modify_time"}
_STATUSES = ("STATUS_ALL", "STATUS_NOT_DELETE", "STATUS_DELETE")

_TIME = "'%Y-%m-%d %H:%M:%S'"
# One version of an ad until it is deleted, and one from then on.
_ADS = f"""
    with version as (
        select *, created_at as known_at, deleted_at as superseded_at, false as is_deleted from ad
        union all
        select *, deleted_at, null, true from ad where deleted_at is not null
    )

    select
        created_at as sort_at,
        known_at,
        superseded_at,
        ad_id as key,
        account_id as tag,
        to_json({{
            'advertiser_id': account_id,
            'name': account_name,
            'currency': currency_code,
            'timezone': report_timezone,
            'campaign_id': campaign_id,
            'campaign_name': campaign_name,
            'objective_type': objective,
            'adgroup_id': ad_group_id,
            'adgroup_name': ad_group_name,
            'ad_id': ad_id,
            'ad_name': ad_name,
            'landing_page_url': final_url,
            'create_time': strftime(created_at, {_TIME}),
            'modify_time': strftime(known_at, {_TIME}),
            'is_deleted': is_deleted,
            'is_campaign_deleted': is_deleted and is_campaign_deleted
        }})::varchar as body
    from version
    where platform = 'tiktok_ads'
"""


def render(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write what TikTok would know of the truth: ads, and each version of each ad's day."""
    world.write_rows(con, "tiktok_ads", "ads", _ADS)
    world.write_rows(con, "tiktok_ads", "ad_performance", tiktok_report.DAYS)


def environment(base_url: str) -> dict[str, str]:
    """Return the settings with which a connector finds this sandbox."""
    return {
        "SOURCES__TIKTOK_ADS__BASE_URL": base_url,
        "SOURCES__TIKTOK_ADS__ACCESS_TOKEN": "sandbox-access-token",
        "SOURCES__TIKTOK_ADS__ADVERTISER_ID": ADVERTISER_ID,
    }


def routes() -> list[Route]:
    """Return the advertiser, its campaigns and ads, and the synchronous report."""
    limit = Limit(10, 600)
    rows = "data.list"
    report = answering(tiktok_report.report)
    return [
        Route("GET", f"{ROOT}/advertiser/info", answering(_info), "advertisers", rows, limit),
        Route("GET", f"{ROOT}/campaign/get", answering(_campaigns), "campaigns", rows, limit),
        Route("GET", f"{ROOT}/ad/get", answering(_ads), "ads", rows, limit),
        Route(
            "GET",
            f"{ROOT}/report/integrated/get",
            report,
            tiktok_report.stream_of,
            rows,
            limit,
        ),
    ]


def authorize(request: Request) -> Response | None:
    """Return TikTok's refusal unless a token is in the header and right."""
    token = request.headers.get("access-token", "")
    if not token:
        return answer({}, 40104, "Access token is empty.")
    return problem("unauthorized", "") if token == "wrong" else None


def problem(kind: str, detail: str) -> Response:
    """Return TikTok's own error of a kind the server or a fault asks for: its status is 200."""
    codes = {
        "unauthorized": (40105, "Access token is incorrect or has been revoked."),
        "forbidden": (40001, "No permission to operate this advertiser."),
        "rate_limited": (40100, "Too many requests. App reaches the QPS limit."),
        "server_error": (50000, "System error. Please try again later."),
        "gone": (40000, "This API version is no longer available."),
        "not_found": (40006, f"The path does not exist: {detail}"),
    }
    code, message = codes.get(kind, (40002, detail))
    return answer({}, code, message)


def _info(request: Request, world: World, now: datetime) -> Response:
    check_parameters(request, {"advertiser_ids", "fields"}, required={"advertiser_ids"})
    asked = listed(request, "advertiser_ids")
    if not 1 <= len(asked) <= 100:
        refuse("advertiser_ids: Length must be between 1 and 100.")
    for advertiser in asked:
        the_advertiser(advertiser)
    fields = _fields(request, ADVERTISER_FIELDS)
    ads = world.stream("tiktok_ads", "ads").all(now, tags=[ADVERTISER_ID])
    row = {"status": "STATUS_ENABLE", "country": "US", "company": "Throughline", "language": "en"}
    row |= {"role": "ROLE_ADVERTISER"}
    rows = [
        row | {"create_time": 1764547200, "display_timezone": ad["timezone"], **ad}
        for ad in ads[:1]
    ]
    return answer({"list": [_chosen(row, fields) for row in rows]})


def _campaigns(request: Request, world: World, now: datetime) -> Response:
    rows: dict[str, dict[str, Any]] = {}
    for ad in world.stream("tiktok_ads", "ads").all(now, tags=[ADVERTISER_ID]):
        status = "CAMPAIGN_STATUS_DELETE" if ad["is_campaign_deleted"] else "CAMPAIGN_STATUS_ENABLE"
        # A campaign changed with its own deletion, not with that of one of its ads.
        changed = "modify_time" if ad["is_campaign_deleted"] else "create_time"
        rows.setdefault(
            ad["campaign_id"],
            ad
            | {
                "operation_status": "ENABLE",
                "secondary_status": status,
                "budget_mode": "BUDGET_MODE_INFINITE",
                "is_new_structure": True,
                "modify_time": ad[changed],
                "is_deleted": ad["is_campaign_deleted"],
            },
        )
    return _list(request, list(rows.values()), CAMPAIGN_FIELDS, "campaign")


def _ads(request: Request, world: World, now: datetime) -> Response:
    rows = []
    for ad in world.stream("tiktok_ads", "ads").all(now, tags=[ADVERTISER_ID]):
        status = "AD_STATUS_DELIVERY_OK"
        if ad["is_deleted"]:
            gone = "CAMPAIGN_DELETE" if ad["is_campaign_deleted"] else "DELETE"
            status = f"AD_STATUS_{gone}"
        more = {"operation_status": "ENABLE", "secondary_status": status}
        rows.append(ad | more | {"ad_format": "SINGLE_VIDEO"})
    return _list(request, rows, AD_FIELDS, "ad")


def _list(request: Request, rows: Sequence[dict[str, Any]], known: set[str], kind: str) -> Response:
    check_parameters(
        request,
        {"advertiser_id", "fields", "filtering", "page", "page_size"},
        required={"advertiser_id"},
    )
    the_advertiser(request.one("advertiser_id") or "")
    filtering = decoded(request, "filtering", dict) or {}
    for name, value in filtering.items():
        if name != "primary_status":
            refuse(f"This sandbox filters {kind}s by primary_status only, not by {name}")
        if value not in _STATUSES:
            refuse(f"filtering.primary_status: Must be one of {list(_STATUSES)}")
    wanted = filtering.get("primary_status", "STATUS_NOT_DELETE")
    rows = [
        row
        for row in rows
        if wanted == "STATUS_ALL" or row["is_deleted"] == (wanted == "STATUS_DELETE")
    ]
    fields = _fields(request, known)
    found, info = page_of(request, rows)
    content = {"list": [_chosen(row, fields) for row in found], "page_info": info}
    return answer(content, request_id=fingerprint(request.raw_query))


def _fields(request: Request, known: set[str]) -> list[str]:
    asked = listed(request, "fields") or sorted(known)
    for name in asked:
        if name not in known:
            refuse(f"fields: Invalid field(s): {name}")
    return asked


def _chosen(row: dict[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in fields}
