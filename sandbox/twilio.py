"""Twilio as Throughline reads it: messages, daily usage and messaging services.

Belongs here: paths, parameters, page limits, errors. Does not belong here: what a row holds
(twilio_rows.py).

As at Twilio: Basic authentication, newest messages first, `DateSent>` and `DateSent<` inclusive and
by whole days where a date is given, `next_page_uri` a path with a token, no page without its token,
unknown parameters refused (Twilio itself ignores some; a connector should send none). Left out, and
refused in so many words: filters by sender and receiver, offsets as dates.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sandbox.strict import fingerprint, issue_cursor, read_cursor
from sandbox.twilio_rows import ACCOUNT
from sandbox.twilio_rows import render as render
from sandbox.wire import BadCursorError, Limit, Refusal, Request, Response, Route
from sandbox.world import World

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
PAGING = {"PageSize", "Page", "PageToken"}
MESSAGES = PAGING | {"To", "From", "DateSent", "DateSent>", "DateSent<"}
USAGE = PAGING | {"Category", "StartDate", "EndDate", "IncludeSubaccounts"}
# Where the sandbox has what Twilio has on a host of its own, messaging.twilio.com.
MESSAGING = "/messaging"
_MOMENT = r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?"
_ACCOUNTS = r"/2010-04-01/Accounts/(?P<account>[^/]+)"
_SERVICES = "messaging_services", "services"
_ERRORS = {
    "bad_request": (400, 20001, "Bad request"),
    "unauthorized": (401, 20003, "Authenticate"),
    "not_found": (404, 20404, "The requested resource was not found"),
    "method_not_allowed": (405, 20004, "Method not allowed"),
    "rate_limited": (429, 20429, "Too Many Requests"),
    "expired_cursor": (400, 20001, "Invalid page token"),
}


def environment(base_url: str) -> dict[str, str]:
    """Return the connector's settings for this sandbox."""
    return {
        "SOURCES__TWILIO__BASE_URL": base_url,
        "SOURCES__TWILIO__MESSAGING_BASE_URL": base_url + MESSAGING,
        "SOURCES__TWILIO__ACCOUNT_SID": ACCOUNT,
        "SOURCES__TWILIO__AUTH_TOKEN": "sandbox-auth-token",
    }


def routes() -> list[Route]:
    """Return the endpoints. Twilio tells no limit; it counts what is under way at once."""
    limit = Limit(100, 3000)
    return [
        Route("GET", f"{_ACCOUNTS}/Messages.json", _messages, "messages", "messages", limit),
        Route(
            "GET",
            f"{_ACCOUNTS}/Usage/Records/Daily.json",
            _usage_records,
            "usage_records",
            "usage_records",
            limit,
        ),
        Route("GET", f"{MESSAGING}/v1/Services", _services, *_SERVICES, limit),
    ]


def authorize(request: Request) -> Response | None:
    """Refuse requests without a good account or key and its secret."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return problem("unauthorized", "")
    if scheme != "Basic" or secret in {"", "wrong"} or not re.match("AC|SK", user):
        return problem("unauthorized", "")
    return None


def problem(kind: str, detail: str) -> Response:
    """Return an error as Twilio words it."""
    status, code, message = _ERRORS.get(kind, (500, 20500, "Internal Server Error"))
    content = {
        "code": code,
        "message": f"{message}: {detail}" if detail else message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return Response.of(content, status)


def _messages(request: Request, world: World, now: datetime) -> Response:
    query = _checked(request, MESSAGES)
    if {"To", "From", "DateSent"} & set(query):
        raise Refusal("bad_request", "the sandbox filters by DateSent> and DateSent< only")
    start = _bound(query, "DateSent>", timedelta(0), timedelta(0))
    # "On or before": a date stands for its whole day, a moment for itself.
    end = _bound(query, "DateSent<", DAY, MOMENT)
    return _listed("messages", request, query, world, now, start, end, descending=True)


def _usage_records(request: Request, world: World, now: datetime) -> Response:
    query = _checked(request, USAGE)
    for name in ("StartDate", "EndDate"):
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", query.get(name, "2026-01-01")):
            raise Refusal("bad_request", f"{name} is no date of the form YYYY-MM-DD")
    if query.get("IncludeSubaccounts", "true") not in ("true", "false"):
        raise Refusal("bad_request", "IncludeSubaccounts is neither true nor false")
    start = _bound(query, "StartDate", timedelta(0), timedelta(0))
    end = _bound(query, "EndDate", DAY, DAY)
    tags = [query["Category"]] if "Category" in query else None
    return _listed("usage_records", request, query, world, now, start, end, tags)


def _services(request: Request, world: World, now: datetime) -> Response:
    query = _checked(request, PAGING)
    size = _page_size(query)
    asked = fingerprint("services", size)
    position = _position(query, asked, now)
    page = world.stream("twilio", "messaging_services").page(now, size, position=position)
    here = f"{request.base_url}{request.path}"
    meta = {
        "page": _page_number(query),
        "page_size": size,
        "first_page_url": f"{here}?PageSize={size}&Page=0",
        "previous_page_url": None,
        "next_page_url": _onward(here, query, size, asked, now, page.position),
        "key": "services",
        "url": f"{here}?{request.raw_query}",
    }
    return Response.of_rows("services", page, meta=meta)


def _checked(request: Request, allowed: set[str]) -> dict[str, str]:
    if request.match.get("account", ACCOUNT) != ACCOUNT:
        raise Refusal("not_found", request.path)
    unknown = set(request.query) - allowed
    if unknown:
        raise Refusal("bad_request", f"unknown parameter {', '.join(sorted(unknown))}")
    query = {name: values[-1] for name, values in request.query.items()}
    if _page_number(query) > 0 and "PageToken" not in query:
        raise Refusal("bad_request", "Page alone names no page: follow next_page_uri")
    return query


def _page_number(query: Mapping[str, str]) -> int:
    text = query.get("Page", "0")
    if not text.isdigit():
        raise Refusal("bad_request", "Page is no whole number")
    return int(text)


def _page_size(query: Mapping[str, str]) -> int:
    text = query.get("PageSize", "50")
    if not text.isdigit() or not 1 <= int(text) <= 1000:
        raise Refusal("bad_request", "PageSize must be between 1 and 1000")
    return int(text)


def _bound(
    query: Mapping[str, str], name: str, of_day: timedelta, of_moment: timedelta
) -> datetime | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text) if re.fullmatch(_MOMENT, text) else None
    except ValueError:
        moment = None
    if moment is None:
        raise Refusal("bad_request", f"{name} is no date or moment in GMT: {text}")
    moment = moment.replace(tzinfo=UTC)
    return moment + (of_day if len(text) == 10 else of_moment)


def _position(query: Mapping[str, str], asked: str, now: datetime) -> str | None:
    token = query.get("PageToken")
    if token is None:
        return None
    if not token.startswith("PA"):
        raise BadCursorError("no page token")
    return str(read_cursor(token[2:], asked, now))


def _onward(
    place: str,
    query: Mapping[str, str],
    size: int,
    asked: str,
    now: datetime,
    position: str | None,
) -> str | None:
    if position is None:
        return None
    onward = {name: text for name, text in query.items() if name not in PAGING}
    onward |= {"PageSize": str(size), "Page": str(_page_number(query) + 1)}
    return f"{place}?{urlencode(onward | {'PageToken': 'PA' + issue_cursor(asked, now, position)})}"


def _listed(
    stream: str,
    request: Request,
    query: Mapping[str, str],
    world: World,
    now: datetime,
    start: datetime | None,
    end: datetime | None,
    tags: list[str] | None = None,
    descending: bool = False,
) -> Response:
    size = _page_size(query)
    asked = fingerprint(stream, size, {n: t for n, t in query.items() if n not in PAGING})
    position = _position(query, asked, now)
    page = world.stream("twilio", stream).page(
        now, size, start, end, position, tags, descending=descending
    )
    number = _page_number(query)
    filters = {name: text for name, text in query.items() if name not in PAGING}
    first = urlencode(filters | {"PageSize": str(size), "Page": "0"})
    rest: dict[str, Any] = {
        "end": number * size + max(page.count - 1, 0),
        "first_page_uri": f"{request.path}?{first}",
        "next_page_uri": _onward(request.path, query, size, asked, now, page.position),
        "page": number,
        "page_size": size,
        "previous_page_uri": None,
        "start": number * size,
        "uri": f"{request.path}?{request.raw_query}",
    }
    return Response.of_rows(stream, page, **rest)
