"""Google Analytics 4 as Throughline reads it: reports of one property, and what it can report.

Belongs here: the endpoints, which questions are allowed, tokens and quota. Does not belong here:
what a report says (ga4_report.py) and who visited (the truth tables).

As at Google: a question with an unknown name anywhere is refused; numbers of 64 bits are text;
`rows` and `rowCount` are absent from an empty report; the quota is told in the body alone, and what
is 0 is left out there too. A token such as `any-quota-30` has 30 tokens an hour.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any, NoReturn

import duckdb

from sandbox import tokens
from sandbox.ga4_report import DIMENSIONS, METRICS, Visit, report
from sandbox.strict import Invalid, answering
from sandbox.wire import Limit, Request, Response, Route
from sandbox.world import World

PROPERTY_ID = "271828182"
SCHEMA = "https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema "
PROPERTIES = "https://developers.google.com/analytics/devguides/reporting/data/v1/property-id."
MOST_ROWS, MOST_DIMENSIONS, MOST_METRICS = 250_000, 9, 10
PER_HOUR, PER_PROJECT, PER_DAY = 40_000, 14_000, 200_000
_FIELDS = {"dateRanges", "dimensions", "metrics", "orderBys", "limit", "offset"}
_FIELDS |= {"returnPropertyQuota", "keepEmptyRows", "property", "currencyCode", "cohortSpec"}
_FIELDS |= {"comparisons", "dimensionFilter", "metricFilter", "metricAggregations"}
_NOT_SERVED = {"comparisons", "dimensionFilter", "metricFilter", "metricAggregations"}
_NOT_SERVED |= {"keepEmptyRows", "currencyCode", "cohortSpec"}
_SPENT: Counter[tuple[str, int]] = Counter()
_SPENDING = threading.Lock()

_SESSIONS = """
    select
        session.report_date::timestamp as sort_at,
        session.known_at,
        null::timestamp as superseded_at,
        session.session_id as key,
        null as tag,
        to_json({
            'session_id': session.session_id,
            'client_id': session.client_id,
            'day': strftime(session.report_date, '%Y%m%d'),
            'source': session.source,
            'medium': session.medium,
            'campaign_id': session.campaign_id,
            'campaign_name': session.campaign_name,
            'channel_group': session.channel_group,
            'landing_page': session.landing_page,
            'page_views': session.page_views,
            'is_engaged': session.is_engaged,
            'is_first_visit': session.is_first_visit,
            'has_cart': session.has_cart,
            'buys': session.buys,
            'revenue_cents': session.revenue_cents,
            'attributed_at': strftime(session.attributed_at, '%Y-%m-%dT%H:%M:%S'),
            'is_thresholded': ga4_day.is_thresholded,
            'has_other_row': ga4_day.has_other_row,
            'is_sampled': ga4_day.is_sampled
        })::varchar as body
    from ga4_session as session
    inner join ga4_day on session.report_date = ga4_day.report_date
"""


def render(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write what Google would know of the truth: the visits it measured."""
    world.write_rows(con, "ga4", "sessions", _SESSIONS)


def environment(base_url: str) -> dict[str, str]:
    """Return the settings with which a connector finds this sandbox."""
    return {
        "SOURCES__GA4__BASE_URL": base_url,
        "SOURCES__GA4__ACCESS_TOKEN": "sandbox-access-token",
        "SOURCES__GA4__PROPERTY_ID": PROPERTY_ID,
    }


def routes() -> list[Route]:
    """Return the report, which serves every stream, and what there is to report."""
    path = r"/v1beta/properties/(?P<property>[^/:]+)"
    limit = Limit(10, 600)
    return [
        Route("POST", rf"{path}:runReport", answering(_run_report), _stream_of, "rows", limit),
        Route("GET", rf"{path}/metadata", answering(_metadata), "metadata", None, limit),
    ]


def authorize(request: Request) -> Response | None:
    """Return Google's refusal unless the token is there, right, and wide enough."""
    token = _token(request)
    if token in {"", "wrong"}:
        return problem("unauthorized", "")
    if tokens.lacking(token):
        said = "Request had insufficient authentication scopes."
        return _status(403, said, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
    return None


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def problem(kind: str, detail: str) -> Response:
    """Return Google's own error of a kind the server or a fault asks for."""
    match kind:
        case "unauthorized":
            said = (
                "Request had invalid authentication credentials. Expected OAuth 2 access token, "
                "login cookie or other valid authentication credential. See "
                "https://developers.google.com/identity/sign-in/web/devconsole-project."
            )
            return _status(401, said)
        case "forbidden":
            said = "User does not have sufficient permissions for this property. To learn more "
            return _status(403, f"{said}about Property ID, see {PROPERTIES}")
        case "rate_limited":
            said = "Exhausted concurrent requests quota. Please send fewer requests concurrently."
            return _status(429, said)
        case "quota":
            said = "Exhausted property tokens for a project per hour. These quota tokens will "
            return _status(429, f"{said}return in under an hour.")
        case "server_error":
            return _status(500, detail or "Internal error encountered.")
        case "expired_cursor" | "bad_request":
            return _status(400, detail)
        case "gone":
            return _status(410, "This version of the API is no longer available.")
    return _status(404, detail or "Requested entity was not found.")


_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    410: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
}


def _status(status: int, message: str, reason: str = "") -> Response:
    error: dict[str, Any] = {"code": status, "message": message, "status": _STATUSES[status]}
    if reason:
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        error["details"] = [{"@type": kind, "reason": reason, "domain": "googleapis.com"}]
    return Response.of({"error": error}, status)


def _refuse(message: str) -> NoReturn:
    raise Invalid(_status(400, message))


def _stream_of(request: Request) -> str:
    for name, stream in (
        (b'"eventName"', "events"),
        (b'"landingPage"', "landing_pages"),
        (b'"sessionSource"', "traffic"),
    ):
        if name in request.body:
            return stream
    return "totals"


def _run_report(request: Request, world: World, now: datetime) -> Response:
    body = _checked(request)
    dimensions = _names(body, "dimensions", DIMENSIONS, MOST_DIMENSIONS)
    metrics = _names(body, "metrics", METRICS, MOST_METRICS)
    if not dimensions and not metrics:
        _refuse("Requests require dimensions and/or metrics.")
    limit = min(_number(body, "limit", 10_000), MOST_ROWS)
    offset = _number(body, "offset", 0)
    if limit < 1:
        _refuse("The row limit must be positive.")
    order = _order(body, dimensions)
    rows, marks = report(_visits(body, world, now), dimensions, metrics, now)
    rows.sort(key=lambda row: [row[0][place] for place in order])
    page = rows[offset : offset + limit]
    content: dict[str, Any] = {}
    if dimensions:
        content["dimensionHeaders"] = [{"name": name} for name in dimensions]
    if metrics:
        content["metricHeaders"] = [{"name": n, "type": METRICS[n][0]} for n in metrics]
    if page:
        content["rows"] = [_row(*row) for row in page]
    if rows:
        content["rowCount"] = len(rows)
    content["metadata"] = marks
    quota = _spend(_token(request), 1 + len(page) // 1000)
    if body.get("returnPropertyQuota"):
        content["propertyQuota"] = quota
    content["kind"] = "analyticsData#runReport"
    return Response.of(content)


def _row(dimensions: list[str], metrics: list[str]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if dimensions:
        row["dimensionValues"] = [{"value": value} for value in dimensions]
    if metrics:
        row["metricValues"] = [{"value": value} for value in metrics]
    return row


def _checked(request: Request) -> dict[str, Any]:
    _check_property(request)
    body = request.json()
    if not isinstance(body, dict):
        _refuse("Invalid JSON payload received. Expected an object.")
    names = [request.raw_query.partition("=")[0]] if request.raw_query else []
    for name in [*names, *body]:
        if name in names or name not in _FIELDS:
            _refuse(f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.')
        if name in _NOT_SERVED:
            _refuse(f"This sandbox does not serve {name}")
    return body


def _check_property(request: Request) -> None:
    property_id = request.match["property"]
    if not property_id.isdigit():
        said = f"Invalid property ID: {property_id}. A numeric Property ID is required."
        _refuse(f"{said} To learn more, see {PROPERTIES}")
    if property_id != PROPERTY_ID:
        raise Invalid(problem("forbidden", ""))


def _names(body: dict[str, Any], key: str, known: Any, most: int) -> list[str]:
    names = []
    for each in body.get(key) or []:
        if not isinstance(each, dict) or set(each) != {"name"}:
            _refuse(f"This sandbox serves {key} by their name only")
        name = each["name"]
        if name not in known:
            # Google's own spaces: one after a dimension, two after a metric.
            kind, space = (key[:-1], " " if key == "dimensions" else "  ")
            said = f"Field {name} is not a valid {kind}.{space}For a list of valid dimensions"
            _refuse(f"{said} and metrics, see {SCHEMA}")
        if name in names:
            _refuse(f"Duplicate {key[:-1]} {name} in the request.")
        names.append(name)
    if len(names) > most:
        said = f"Requests are limited to {most} {key} within a nested request."
        _refuse(f"{said} This request is for {len(names)} {key}.")
    return names


def _number(body: dict[str, Any], key: str, default: int) -> int:
    value = body.get(key, default)
    if isinstance(value, bool) or not str(value).isdecimal():
        _refuse(f"Invalid value at '{key}' (TYPE_INT64), \"{value}\"")
    return int(value)


def _order(body: dict[str, Any], dimensions: list[str]) -> list[int]:
    """Places of the dimensions by which the rows are ordered."""
    places = []
    for each in body.get("orderBys") or []:
        by = each.get("dimension") if isinstance(each, dict) else None
        if not isinstance(by, dict) or set(each) != {"dimension"} or set(by) != {"dimensionName"}:
            _refuse("This sandbox orders by the names of dimensions only")
        if by["dimensionName"] not in dimensions:
            _refuse(f"Field {by['dimensionName']} in orderBys is not in the request's dimensions.")
        places.append(dimensions.index(by["dimensionName"]))
    return places


def _visits(body: dict[str, Any], world: World, now: datetime) -> list[Visit]:
    ranges = body.get("dateRanges")
    if not isinstance(ranges, list) or len(ranges) != 1:
        _refuse("This sandbox serves one dateRange in a request")
    try:
        first, last = (date.fromisoformat(ranges[0][name]) for name in ("startDate", "endDate"))
    except (KeyError, TypeError, ValueError):
        _refuse("Invalid startDate or endDate: they should be formatted like 2026-02-01.")
    if first > last:
        _refuse(f"The start date {first} is after the end date {last}.")
    midnight = datetime.min.time()
    found = world.stream("ga4", "sessions").page(
        now,
        limit=2**62,
        start=datetime.combine(first, midnight, UTC),
        end=datetime.combine(last + timedelta(days=1), midnight, UTC),
    )
    return found.objects()


def _spend(token: str, cost: int) -> dict[str, Any]:
    """Take the cost from the token's hour, and say what is left; what is 0 is not said."""
    allowed = tokens.quota_of(token)
    left = PER_PROJECT - cost
    if allowed is not None:
        hour = (token, int(time.time() // 3600))
        with _SPENDING:
            if _SPENT[hour] + cost > allowed:
                raise Invalid(problem("quota", ""))
            _SPENT[hour] += cost
            left = allowed - _SPENT[hour]
    status = {"consumed": cost} | ({"remaining": left} if left else {})
    return {
        "tokensPerDay": {"consumed": cost, "remaining": PER_DAY - cost},
        "tokensPerHour": {"consumed": cost, "remaining": PER_HOUR - cost},
        "concurrentRequests": {"remaining": 10},
        "serverErrorsPerProjectPerHour": {"remaining": 10},
        "potentiallyThresholdedRequestsPerHour": {"remaining": 120},
        "tokensPerProjectPerHour": status,
    }


def _metadata(request: Request, world: World, now: datetime) -> Response:
    _check_property(request)
    if request.raw_query:
        _refuse("This sandbox serves metadata without parameters")
    return Response.of(
        {
            "name": f"properties/{PROPERTY_ID}/metadata",
            "dimensions": [{"apiName": name} for name in sorted(DIMENSIONS)],
            "metrics": [{"apiName": name, "type": METRICS[name][0]} for name in sorted(METRICS)],
        }
    )
