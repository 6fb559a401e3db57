"""Klaviyo as Throughline reads it: profiles, campaigns, metrics and events over JSON:API.

Belongs here: paths, parameters, page limits, errors, headers. Does not belong here: the grammar of
filters (klaviyo_filter.py) and what a row holds (klaviyo_rows.py).

As at Klaviyo: `revision` is required, unknown parameters and filters the vendor's file does not
allow are refused, `profiles` knows greater-than but no greater-or-equal on `updated`, campaigns
need a filter on their channel, `links.next` is absolute, and null on the last page. Left out, and
refused in so many words: sparse fieldsets, other sorts than by time, relationships but a
campaign's messages.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from sandbox.klaviyo_filter import (
    BEYOND,
    EQUAL,
    LISTED,
    RANGE,
    BadFilterError,
    Condition,
    fits,
    moment_of,
    parse_filter,
)
from sandbox.klaviyo_rows import render as render
from sandbox.store import Page
from sandbox.strict import fingerprint, issue_cursor, read_cursor
from sandbox.wire import Limit, Request, Response, Route
from sandbox.world import World

CONTENT_TYPE = "application/vnd.api+json"
REVISION = "2026-07-15"
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Endpoint:
    """What one endpoint takes.

    Attributes:
        stream: The stream it serves.
        time_field: The field rows are ordered and filtered by.
        filters: Allowed operators by field.
        sorts: Allowed values of `sort`.
        page_size: Default and maximum of `page[size]`; None where it is no parameter.
        includes: Relationships that may be included.
    """

    stream: str
    time_field: str
    filters: Mapping[str, tuple[str, ...]]
    sorts: tuple[str, ...]
    page_size: tuple[int, int] | None
    includes: tuple[str, ...] = ()


PROFILES = Endpoint(
    "profiles",
    "updated",
    {
        "id": LISTED,
        "email": LISTED,
        "phone_number": LISTED,
        "external_id": LISTED,
        "created": BEYOND,
        "updated": BEYOND,
    },
    ("updated", "-updated"),
    (20, 100),
)
CAMPAIGNS = Endpoint(
    "campaigns",
    "updated_at",
    {
        "id": ("any",),
        "messages.channel": EQUAL,
        "name": ("contains",),
        "status": LISTED,
        "archived": EQUAL,
        "created_at": RANGE,
        "scheduled_at": RANGE,
        "updated_at": RANGE,
    },
    ("updated_at", "-updated_at"),
    (100, 100),
    ("campaign-messages",),
)
METRICS = Endpoint(
    "metrics", "created", {"integration.name": EQUAL, "integration.category": EQUAL}, (), None
)
EVENTS = Endpoint(
    "events",
    "datetime",
    {"metric_id": EQUAL, "profile_id": EQUAL, "datetime": RANGE, "timestamp": RANGE},
    ("datetime", "-datetime", "timestamp", "-timestamp"),
    (200, 1000),
)


class _Invalid(Exception):  # noqa: N818 - it is an answer, not a defect
    def __init__(self, parameter: str, detail: str):
        super().__init__(detail)
        self.response = _error(400, "invalid", "Invalid input.", detail, parameter)


def environment(base_url: str) -> dict[str, str]:
    """Return the connector's settings for this sandbox."""
    return {
        "SOURCES__KLAVIYO__BASE_URL": base_url,
        "SOURCES__KLAVIYO__API_KEY": "pk_sandbox",
    }


def routes() -> list[Route]:
    """Return the endpoints, with the limits the vendor's file states."""
    return [
        _route(PROFILES, Limit(75, 750)),
        _route(CAMPAIGNS, Limit(10, 150)),
        _route(METRICS, Limit(10, 150)),
        _route(EVENTS, Limit(350, 3500)),
    ]


def _route(endpoint: Endpoint, limit: Limit) -> Route:
    def answer(request: Request, world: World, now: datetime) -> Response:
        try:
            return _answer(endpoint, request, world, now)
        except _Invalid as invalid:
            return invalid.response
        except BadFilterError as error:
            return _error(400, "invalid", "Invalid input.", str(error), "filter")

    return Route("GET", f"/api/{endpoint.stream}", answer, endpoint.stream, "data", limit)


def authorize(request: Request) -> Response | None:
    """Refuse requests without a good key or without a revision."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme != "Klaviyo-API-Key" or not key:
        return problem(
            "unauthorized",
            "Missing or invalid authorization scheme. Please use Klaviyo-API-Key.",
        )
    if key == "wrong":
        return problem("unauthorized", "Incorrect authentication credentials.")
    revision = request.headers.get("revision", "")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}(\.\w+)?", revision):
        return _error(400, "invalid", "Invalid input.", "The revision header is missing or invalid")
    if revision > REVISION:
        return _error(400, "invalid", "Invalid input.", f"There is no revision {revision}")
    return None


def problem(kind: str, detail: str) -> Response:
    """Return an error as Klaviyo words it."""
    status, code, title = {
        "bad_request": (400, "invalid", "Invalid input."),
        "unauthorized": (401, "not_authenticated", "Authentication failed."),
        "forbidden": (403, "permission_denied", "You do not have permission to do this."),
        "not_found": (404, "not_found", "Not found."),
        "gone": (410, "gone", "This revision is no longer available."),
        "method_not_allowed": (405, "method_not_allowed", "Method not allowed."),
        "rate_limited": (429, "throttled", "Request was throttled."),
        "expired_cursor": (400, "invalid", "Invalid input."),
    }.get(kind, (500, "error", "A server error occurred."))
    return _error(status, code, title, detail, "page[cursor]" if kind == "expired_cursor" else None)


def _error(
    status: int, code: str, title: str, detail: str, parameter: str | None = None
) -> Response:
    error: dict[str, Any] = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{code}:{detail}")),
        "code": code,
        "title": title,
        "detail": detail,
    }
    if parameter is not None:
        error["source"] = {"parameter": parameter}
    return Response.of({"errors": [error]}, status, Content_Type=CONTENT_TYPE)


def rate_headers(limit: Limit, second: int, minute: int) -> dict[str, str]:
    """Return the headers of both windows: the tighter one's figures, then each with its width."""
    left_of_second, left_of_minute = limit.per_second - second, limit.per_minute - minute
    of_minute = int(60 - time.monotonic() % 60) + 1
    return {
        "RateLimit-Limit": f"{limit.per_second}, {limit.per_second};w=1, {limit.per_minute};w=60",
        "RateLimit-Remaining": str(max(0, min(left_of_second, left_of_minute))),
        "RateLimit-Reset": str(1 if left_of_second < left_of_minute else of_minute),
    }


def _answer(endpoint: Endpoint, request: Request, world: World, now: datetime) -> Response:
    query = _checked_query(endpoint, request)
    conditions = parse_filter(query.get("filter", ""), endpoint.filters)
    if endpoint is CAMPAIGNS and not any(c.field == "messages.channel" for c in conditions):
        raise _Invalid("filter", "A channel filter is required to list campaigns.")
    size = _page_size(endpoint, query)
    asked = fingerprint({name: text for name, text in query.items() if name != "page[cursor]"})
    position = None
    if "page[cursor]" in query:
        position = read_cursor(query["page[cursor]"], asked, now)
    descending = query.get("sort", "").startswith("-")
    page = _page(endpoint, world, now, conditions, size, position, descending)
    if endpoint is PROFILES and "additional-fields[profile]" not in query:
        page = _without_subscriptions(page)
    links = {"self": _url(request, query), "next": None, "prev": None}
    if page.position is not None:
        onward = issue_cursor(asked, now, page.position)
        links["next"] = _url(request, query | {"page[cursor]": onward})
    rest: dict[str, Any] = {"links": links}
    if "include" in query:
        rest["included"] = _messages(page, world, now)
    return Response.of_rows("data", page, CONTENT_TYPE, **rest)


def _checked_query(endpoint: Endpoint, request: Request) -> dict[str, str]:
    query = {name: values[-1] for name, values in request.query.items()}
    allowed = {"filter", "include", "page[cursor]"}
    if endpoint.sorts:
        allowed.add("sort")
    if endpoint.page_size:
        allowed.add("page[size]")
    if endpoint is PROFILES:
        allowed.add("additional-fields[profile]")
    for name, text in query.items():
        if name not in allowed:
            offered = "sparse fieldsets are not offered here" if name[:7] == "fields[" else ""
            raise _Invalid(name, f"'{name}' is not a valid query parameter. {offered}".strip())
        if len(request.query[name]) > 1:
            raise _Invalid(name, f"'{name}' may be given once only.")
        if name == "sort" and text not in endpoint.sorts:
            raise _Invalid(name, f"'{text}' is not a valid sort here: {', '.join(endpoint.sorts)}")
        if name == "include" and text not in endpoint.includes:
            raise _Invalid(name, f"'{text}' is not a relationship offered here.")
        if name == "additional-fields[profile]" and text != "subscriptions":
            raise _Invalid(name, f"'{text}' is not offered here; subscriptions is.")
    return query


def _page_size(endpoint: Endpoint, query: Mapping[str, str]) -> int:
    if endpoint.page_size is None:
        return 200
    default, most = endpoint.page_size
    text = query.get("page[size]", str(default))
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise _Invalid("page[size]", f"Page size must be an integer between 1 and {most}.")
    return int(text)


def _page(
    endpoint: Endpoint,
    world: World,
    now: datetime,
    conditions: list[Condition],
    size: int,
    position: str | None,
    descending: bool,
) -> Page:
    start, end = None, None
    tags: set[str] | None = None
    rest = []
    for condition in conditions:
        if condition.field in (endpoint.time_field, "timestamp"):
            moment = moment_of(condition)
            match condition.operator:
                case "greater-or-equal":
                    start = max(filter(None, (start, moment)))
                case "greater-than":
                    start = max(filter(None, (start, moment + MOMENT)))
                case "less-than":
                    end = min(filter(None, (end, moment)))
                case "less-or-equal":
                    end = min(filter(None, (end, moment + MOMENT)))
        elif condition.field in ("metric_id", "messages.channel", "integration.name"):
            named = set(condition.values)
            tags = named if tags is None else tags & named
        else:
            rest.append(condition)
    stream = world.stream("klaviyo", endpoint.stream)
    chosen = None if tags is None else sorted(tags)
    if not rest:
        return stream.page(now, size, start, end, position, chosen, descending)
    everything = stream.page(now, 2**62, start, end, None, chosen, descending).objects()
    return _counted([row for row in everything if fits(row, rest)], size, position)


def _counted(rows: list[dict[str, Any]], size: int, position: str | None) -> Page:
    begin = int(position or 0)
    body = Response.of(rows[begin : begin + size]).body[1:-1]
    onward = str(begin + size) if begin + size < len(rows) else None
    return Page(body, len(rows[begin : begin + size]), onward)


def _without_subscriptions(page: Page) -> Page:
    rows = page.objects()
    for row in rows:
        del row["attributes"]["subscriptions"]
    return Page(Response.of(rows).body[1:-1], page.count, page.position)


def _messages(page: Page, world: World, now: datetime) -> list[dict[str, Any]]:
    wanted = {
        message["id"]
        for row in page.objects()
        for message in row["relationships"]["campaign-messages"]["data"]
    }
    every = world.stream("klaviyo", "campaign_messages").all(now)
    return [message for message in every if message["id"] in wanted]


def _url(request: Request, query: Mapping[str, str]) -> str:
    encoded = urlencode(query, quote_via=quote)
    return f"{request.base_url}{request.path}" + (f"?{encoded}" if encoded else "")
