"""Mailchimp as Throughline reads it: audiences, members, campaigns, and reports per recipient.

Belongs here: paths, parameters, page limits, errors, and the shape of a page. Does not
belong here: what a stored row holds (mailchimp_rows.py), which rows answer (mailchimp_answers.py).

As at Mailchimp: HTTP Basic with any user name, offset paging with 10 rows by default and 1,000 at
most, `since_…` and `before_…` exclude the moment itself, `fields` cuts the answer, archived members
show only where they are asked for, no header tells of limits, errors are problem documents.
Parameters the vendor's file does not know are refused. Left out: `exclude_fields`, A/B tests.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from sandbox.mailchimp_answers import (
    STATUSES,
    Question,
    Row,
    campaigns,
    email_activity,
    left,
    lists,
    members,
    named,
    open_details,
    opens_in_all,
    reports,
    sent_to,
)
from sandbox.mailchimp_rows import render as render
from sandbox.wire import Limit, Refusal, Request, Response, Route
from sandbox.world import World

Rows = Callable[["Question"], list[Row]]

DOCUMENTATION = "https://mailchimp.com/developer/marketing/docs/errors/"
MOST = 1000
PAGED = ("count", "offset")


@dataclass(frozen=True)
class Endpoint:
    """What one endpoint takes and gives.

    Attributes:
        stream: The stream it serves, as faults name it.
        path: Regular expression of its path.
        rows_at: Key of its rows.
        rows: Finds all rows of a question, in order.
        parameters: Parameters beside `fields`, each with the values it may have, if it has some.
        more: Further members of the answer, from all rows.
    """

    stream: str
    path: str
    rows_at: str
    rows: Rows
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    more: Callable[[Question, list[Row]], Row] = lambda question, rows: {}


def environment(base_url: str) -> dict[str, str]:
    """Return the connector's settings for this sandbox."""
    return {
        "SOURCES__MAILCHIMP__BASE_URL": base_url,
        "SOURCES__MAILCHIMP__API_KEY": "sandboxsandboxsandbox-us1",
    }


def authorize(request: Request) -> Response | None:
    """Refuse requests without a good key."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        _, _, key = base64.b64decode(encoded).decode().partition(":")
    except ValueError:
        key = ""
    if scheme != "Basic" or not key or key.startswith("wrong"):
        return problem("unauthorized", "Your API key may be invalid, or you've attempted to "
                       "access the wrong datacenter.")  # fmt: skip
    return None


def problem(kind: str, detail: str) -> Response:
    """Return an error as Mailchimp words it: a problem document."""
    status, title = {
        "bad_request": (400, "Invalid Resource"),
        "expired_cursor": (400, "Invalid Resource"),
        "unauthorized": (401, "API Key Invalid"),
        "forbidden": (403, "Forbidden"),
        "not_found": (404, "Resource Not Found"),
        "gone": (410, "Gone"),
        "method_not_allowed": (405, "Method Not Allowed"),
        "rate_limited": (429, "Too Many Requests"),
    }.get(kind, (500, "Internal Server Error"))
    content = {
        "type": DOCUMENTATION,
        "title": title,
        "status": status,
        "detail": detail,
        "instance": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}:{detail}")),
    }
    return Response.of(content, status, Content_Type="application/problem+json; charset=utf-8")


def rate_headers(limit: Limit, second: int, minute: int) -> dict[str, str]:
    """Return none: Mailchimp does not say what is left."""
    return {}


def refuse(name: str, message: str) -> NoReturn:
    """Answer that a parameter cannot be used."""
    raise Refusal("bad_request", f"{name}: {message}")


def routes() -> list[Route]:
    """Return the endpoints."""
    ping = Route("GET", r"/3\.0/ping", _ping, "ping")
    return [ping, *(_route(endpoint) for endpoint in ENDPOINTS)]


def _ping(request: Request, world: World, now: datetime) -> Response:
    return Response.of({"health_status": "Everything's Chimpy!"})


def _route(endpoint: Endpoint) -> Route:
    def answer(request: Request, world: World, now: datetime) -> Response:
        query = _checked(endpoint, request)
        question = Question(world, now, query, request.match)
        rows = endpoint.rows(question)
        first = int(query.get("offset", 0))
        page = rows[first : first + int(query.get("count", 10))]
        if "count" not in endpoint.parameters:
            page = rows
        content = {endpoint.rows_at: page, "total_items": len(rows), "_links": []}
        content |= endpoint.more(question, rows)
        if "fields" in query:
            content = _cut(content, query["fields"].split(","))
        return Response.of(content)

    return Route("GET", endpoint.path, answer, endpoint.stream, endpoint.rows_at, Limit(50, 3000))


def _checked(endpoint: Endpoint, request: Request) -> dict[str, str]:
    query = {name: values[-1] for name, values in request.query.items()}
    for name, text in query.items():
        if name != "fields" and name not in endpoint.parameters:
            refuse(name, "This parameter is not known here.")
        if len(request.query[name]) > 1:
            refuse(name, "This parameter may be given once only.")
        allowed = endpoint.parameters.get(name, ())
        if allowed and text not in allowed:
            refuse(name, f"This value should be one of {', '.join(allowed)}.")
        if name in PAGED and not text.isdigit():
            refuse(name, "This value should be a number that is not negative.")
    if int(query.get("count", 10)) > MOST:
        refuse("count", f"This value should be {MOST} or less.")
    return query


def _cut(content: Row, paths: Iterable[str]) -> Row:
    """Keep the members named by dotted paths; lists are looked into."""
    wanted: dict[str, list[str]] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        wanted.setdefault(head, []).append(rest)
    kept: Row = {}
    for name, value in content.items():
        if name not in wanted:
            continue
        inner = [rest for rest in wanted[name] if rest]
        if not inner:
            kept[name] = value
        elif isinstance(value, list):
            kept[name] = [_cut(item, inner) for item in value]
        elif isinstance(value, dict):
            kept[name] = _cut(value, inner)
    return kept


def _times(*names: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys((*PAGED, *names), ())


_DIRECTION = {"sort_dir": ("ASC", "DESC")}
_OF_CAMPAIGN = r"/3\.0/reports/(?P<campaign>\w+)"
ENDPOINTS = (
    Endpoint(
        "lists",
        r"/3\.0/lists",
        "lists",
        lists,
        _times("since_date_created", "before_date_created")
        | {"sort_field": ("date_created",)}
        | _DIRECTION,
    ),
    Endpoint(
        "members",
        r"/3\.0/lists/(?P<list>\w+)/members",
        "members",
        members,
        _times("since_last_changed", "before_last_changed")
        | {"status": STATUSES, "sort_field": ("last_changed",)}
        | _DIRECTION,
        lambda question, rows: {"list_id": question.match["list"]},
    ),
    Endpoint(
        "campaigns",
        r"/3\.0/campaigns",
        "campaigns",
        campaigns,
        _times("since_send_time", "before_send_time", "since_create_time", "before_create_time")
        | {
            "status": ("save", "paused", "schedule", "sending", "sent"),
            "sort_field": ("create_time", "send_time"),
        }
        | _DIRECTION,
    ),
    Endpoint(
        "reports",
        r"/3\.0/reports",
        "reports",
        reports,
        _times("since_send_time", "before_send_time"),
    ),
    Endpoint(
        "email_activity",
        _OF_CAMPAIGN + "/email-activity",
        "emails",
        email_activity,
        _times("since"),
        named,
    ),
    Endpoint(
        "open_details",
        _OF_CAMPAIGN + "/open-details",
        "members",
        open_details,
        _times("since"),
        opens_in_all,
    ),
    Endpoint("sent_to", _OF_CAMPAIGN + "/sent-to", "sent_to", sent_to, _times(), named),
    Endpoint(
        "unsubscribed",
        _OF_CAMPAIGN + "/unsubscribed",
        "unsubscribes",
        lambda question: left(question, "unsubscribe"),
        _times(),
        named,
    ),
    Endpoint(
        "abuse_reports",
        _OF_CAMPAIGN + "/abuse-reports",
        "abuse_reports",
        lambda question: left(question, "complaint"),
        {},
        named,
    ),
)
