"""Google Ads as Throughline reads it: GAQL over campaigns, ads and daily performance.

Belongs here: the REST face of GoogleAdsService.Search and what its rows hold. Does not belong
here: the grammar of GAQL (gaql.py) and what was spent (the truth tables).

As at Google: 10,000 rows a page and no way to ask for another size; int64 as text; rows whose
metrics are all zero are absent once a segment is selected; past days are restated while the
conversion window runs, which here follows the clock through `ad_day.known_at`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

import duckdb

from sandbox.gaql import GaqlError, date_range, parse
from sandbox.gaql_rows import camel, check_fields, result, rows_of
from sandbox.strict import Invalid, answering, fingerprint, issue_cursor, read_cursor
from sandbox.wire import BadCursorError, Limit, Request, Response, Route
from sandbox.world import World

PAGE_ROWS = 10_000
VERSIONS = "v2[3-6]"
CUSTOMER_ID = "4815162342"

_BODY = {"query", "pageToken", "pageSize", "validateOnly", "searchSettings"}

_AD = """
    {
        'customer.id': ad.account_id,
        'customer.descriptive_name': ad.account_name,
        'customer.currency_code': ad.currency_code,
        'customer.time_zone': ad.report_timezone,
        'campaign.id': ad.campaign_id,
        'campaign.name': ad.campaign_name,
        'campaign.status': 'ENABLED',
        'campaign.advertising_channel_type': upper(ad.channel_type),
        'ad_group.id': ad.ad_group_id,
        'ad_group.name': ad.ad_group_name,
        'ad_group.status': 'ENABLED',
        'ad_group_ad.status': 'ENABLED',
        'ad_group_ad.ad.id': ad.ad_id,
        'ad_group_ad.ad.name': ad.ad_name,
        'ad_group_ad.ad.type': case upper(ad.channel_type)
            when 'DISPLAY' then 'RESPONSIVE_DISPLAY_AD'
            when 'VIDEO' then 'VIDEO_RESPONSIVE_AD'
            when 'SHOPPING' then 'SHOPPING_PRODUCT_AD'
            else 'RESPONSIVE_SEARCH_AD'
        end,
        'ad_group_ad.ad.final_urls': [ad.final_url]
    }
"""
_ADS = f"""
    select
        ad.created_at as sort_at,
        ad.created_at as known_at,
        null::timestamp as superseded_at,
        ad.ad_id as key,
        ad.account_id as tag,
        to_json({_AD})::varchar as body
    from ad
    where ad.platform = 'google_ads'
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
            'ad_group_ad.ad.id': ad_day.ad_id,
            'segments.date': strftime(ad_day.report_date, '%Y-%m-%d'),
            'metrics.impressions': ad_day.impressions,
            'metrics.clicks': ad_day.clicks,
            'metrics.cost_micros': ad_day.spend_micros,
            'metrics.conversions': ad_day.conversions,
            'metrics.conversions_value': ad_day.conversions_value
        })::varchar as body
    from ad_day
    inner join ad on ad_day.platform = ad.platform and ad_day.ad_id = ad.ad_id
    where ad_day.platform = 'google_ads'
"""


def render(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write what Google would know of the truth: ads, and each version of each ad's day."""
    world.write_rows(con, "google_ads", "ads", _ADS)
    world.write_rows(con, "google_ads", "ad_performance", _PERFORMANCE)


def environment(base_url: str) -> dict[str, str]:
    """Return the settings with which a connector finds this sandbox."""
    return {
        "SOURCES__GOOGLE_ADS__BASE_URL": base_url,
        "SOURCES__GOOGLE_ADS__ACCESS_TOKEN": "sandbox-access-token",
        "SOURCES__GOOGLE_ADS__DEVELOPER_TOKEN": "sandbox-developer-token",
        "SOURCES__GOOGLE_ADS__CUSTOMER_ID": CUSTOMER_ID,
        "SOURCES__GOOGLE_ADS__LOGIN_CUSTOMER_ID": CUSTOMER_ID,
    }


def routes() -> list[Route]:
    """Return the one endpoint; the query decides which stream it serves."""
    pattern = rf"/{VERSIONS}/customers/(?P<customer>[^/:]+)/googleAds:search"
    return [Route("POST", pattern, answering(_search), _stream_of, "results", Limit(50, 2000))]


def authorize(request: Request) -> Response | None:
    """Return Google's refusal unless both tokens are there and right."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token in {"", "wrong"}:
        return problem("unauthorized", "")
    developer_token = request.headers.get("developer-token", "")
    if not developer_token:
        return _failure(
            400, "requestError", "DEVELOPER_TOKEN_PARAMETER_MISSING", "Developer token is missing."
        )
    if developer_token == "wrong":
        return _failure(
            401, "authenticationError", "DEVELOPER_TOKEN_INVALID", "Developer token is not valid."
        )
    return None


def problem(kind: str, detail: str) -> Response:
    """Return Google's own error of a kind the server or a fault asks for."""
    if kind == "unauthorized":
        return _status(
            401,
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
            "cookie or other valid authentication credential. See "
            "https://developers.google.com/identity/sign-in/web/devconsole-project.",
        )
    if kind == "forbidden":
        detail = "User doesn't have permission to access customer."
        return _failure(403, "authorizationError", "USER_PERMISSION_DENIED", detail)
    if kind == "gone":
        detail = "This version is deprecated. Requests to it are blocked."
        return _failure(400, "requestError", "UNSUPPORTED_VERSION", detail)
    if kind == "rate_limited":
        return _failure(429, "quotaError", "RESOURCE_EXHAUSTED", "Too many requests.")
    if kind == "expired_cursor":
        return _failure(
            400, "requestError", "EXPIRED_PAGE_TOKEN", "Page token has expired. " + detail
        )
    if kind == "server_error":
        return _failure(500, "internalError", "INTERNAL_ERROR", "An internal error has occurred.")
    if kind == "bad_request":
        return _status(400, detail)
    return _status(405 if kind == "method_not_allowed" else 404, detail or "Not found.")


_STATUSES = {
    400: ("INVALID_ARGUMENT", "Request contains an invalid argument."),
    401: ("UNAUTHENTICATED", "Request is missing required authentication credential."),
    403: ("PERMISSION_DENIED", "The caller does not have permission"),
    404: ("NOT_FOUND", "Requested entity was not found."),
    405: ("UNIMPLEMENTED", "Method not allowed."),
    429: ("RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    500: ("INTERNAL", "Internal error encountered."),
}


def _status(status: int, message: str, details: list[dict[str, Any]] | None = None) -> Response:
    error: dict[str, Any] = {
        "code": status,
        "message": message,
        "status": _STATUSES[status][0],
    }
    if details:
        error["details"] = details
    return Response.of({"error": error}, status)


def _failure(status: int, group: str, code: str, message: str) -> Response:
    failure = {
        "@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure",
        "errors": [{"errorCode": {group: code}, "message": message}],
        "requestId": fingerprint(group, code, message),
    }
    return _status(status, _STATUSES[status][1], [failure])


def _refuse(group: str, code: str, message: str, status: int = 400) -> NoReturn:
    raise Invalid(_failure(status, group, code, message))


def _stream_of(request: Request) -> str | None:
    found = re.search(rb"(?i)\bfrom\s+([a-z_]+)", request.body)
    if b"metrics." in request.body:
        of_all = found and found.group(1) == b"customer"
        return "account_performance" if of_all else "ad_performance"
    return "ads" if found and found.group(1) in {b"ad_group_ad", b"ad_group"} else "campaigns"


def _search(request: Request, world: World, now: datetime) -> Response:
    body = _checked_body(request)
    customer = request.match["customer"]
    _check_customer(customer, world, now)
    try:
        query = parse(body["query"])
        check_fields(query)
        days = date_range(query, now)
        rows = rows_of(world, now, customer, query, days)
    except GaqlError as error:
        _refuse("queryError", error.code, error.message)
    asked = fingerprint(customer, body["query"])
    first = _position(body, asked, now)
    content: dict[str, Any] = {}
    page = rows[first : first + PAGE_ROWS]
    # Protocol buffers leave an empty list out of their JSON.
    if page and not body.get("validateOnly"):
        content["results"] = [result(row, query) for row in page]
    if first + PAGE_ROWS < len(rows):
        content["nextPageToken"] = issue_cursor(asked, now, first + PAGE_ROWS)
    content["fieldMask"] = ",".join(camel(field) for field in query.fields)
    return Response.of(content, request_id=fingerprint(asked, first))


def _checked_body(request: Request) -> dict[str, Any]:
    if request.raw_query:
        raise Invalid(_unknown_name(request.raw_query.partition("=")[0], "query parameter"))
    try:
        body = request.json()
    except ValueError:
        raise Invalid(_status(400, "Invalid JSON payload received.")) from None
    if not isinstance(body, dict):
        raise Invalid(_status(400, "Invalid JSON payload received. Expected an object."))
    for name in body:
        if name not in _BODY:
            raise Invalid(_unknown_name(name, "request"))
    if body.get("pageSize"):
        _refuse(
            "requestError",
            "PAGE_SIZE_NOT_SUPPORTED",
            "Setting the page size is not supported. Search Responses will have fixed page size "
            f"of '{PAGE_ROWS}' rows.",
        )
    if not isinstance(body.get("query"), str) or not body["query"].strip():
        _refuse("requestError", "REQUIRED_FIELD_MISSING", "The required field was not present.")
    return body


def _unknown_name(name: str, where: str) -> Response:
    message = f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.'
    violation = {"description": message, "field": where}
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
    return _status(400, message, [detail])


def _check_customer(customer: str, world: World, now: datetime) -> None:
    if not customer.isdigit():
        _refuse("requestError", "INVALID_CUSTOMER_ID", f"Invalid customer ID '{customer}'.")
    ads = world.stream("google_ads", "ads").all(now)
    if customer not in {ad["customer.id"] for ad in ads}:
        _refuse(
            "authorizationError",
            "USER_PERMISSION_DENIED",
            "User doesn't have permission to access customer.",
            403,
        )


def _position(body: Mapping[str, Any], asked: str, now: datetime) -> int:
    if not body.get("pageToken"):
        return 0
    try:
        return int(read_cursor(str(body["pageToken"]), asked, now))
    except BadCursorError as error:
        if "expired" in str(error):
            raise
        _refuse("requestError", "INVALID_PAGE_TOKEN", "Page token is invalid.")
