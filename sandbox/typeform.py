"""Typeform as Throughline reads it: forms page by page, one form whole, and its responses.

Belongs here: paths, parameters, page limits, errors. Does not belong here: what a stored row holds
(typeform_rows.py).

As at Typeform: responses come newest first, 25 a page by default and 1,000 at most; `before` and
`after` are the token of a response, and cannot be used with `sort`; `since` and `until` include
their moment; what was just submitted is not in the list yet. Two requests a second are allowed.
Parameters the vendor does not know are refused. Left out: searching, unfinished responses.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from sandbox.typeform_rows import render as render
from sandbox.wire import Limit, Refusal, Request, Response, Route
from sandbox.world import World

Row = dict[str, Any]

LIMIT = Limit(2, 120)
FORMS = {"page": (1, 10**6), "page_size": (1, 200)}
RESPONSES = {"page_size": (1, 1000), "since": None, "until": None, "before": None, "after": None}
SECOND = timedelta(seconds=1)


def environment(base_url: str) -> dict[str, str]:
    """Return the connector's settings for this sandbox."""
    return {
        "SOURCES__TYPEFORM__BASE_URL": base_url,
        "SOURCES__TYPEFORM__ACCESS_TOKEN": "tfp_sandbox_token",
    }


def authorize(request: Request) -> Response | None:
    """Refuse requests without a good token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or token == "wrong":
        return problem("unauthorized", "Authentication credentials not found on the Request")
    return None


def problem(kind: str, detail: str) -> Response:
    """Return an error as Typeform words it."""
    status, code = {
        "bad_request": (400, "VALIDATION_ERROR"),
        "expired_cursor": (400, "VALIDATION_ERROR"),
        "unauthorized": (401, "AUTHENTICATION_FAILED"),
        "forbidden": (403, "AUTHORIZATION_FAILED"),
        "not_found": (404, "FORM_NOT_FOUND"),
        "gone": (410, "GONE"),
        "method_not_allowed": (405, "METHOD_NOT_ALLOWED"),
        "rate_limited": (429, "TOO_MANY_REQUESTS"),
    }.get(kind, (500, "SERVER_ERROR"))
    return Response.of({"code": code, "description": detail}, status)


def rate_headers(limit: Limit, second: int, minute: int) -> dict[str, str]:
    """Return none: Typeform does not say what is left."""
    return {}


def routes() -> list[Route]:
    """Return the endpoints."""
    return [
        Route("GET", "/forms", _forms, "forms", "items", LIMIT),
        Route("GET", r"/forms/(?P<form>\w+)", _form, "form_definitions", None, LIMIT),
        Route("GET", r"/forms/(?P<form>\w+)/responses", _responses, "responses", "items", LIMIT),
    ]


def _forms(request: Request, world: World, now: datetime) -> Response:
    query = _checked(request, FORMS)
    size, page = int(query.get("page_size", 10)), int(query.get("page", 1))
    rows = world.stream("typeform", "forms").all(now)
    return _page(rows[(page - 1) * size : page * size], len(rows), size)


def _form(request: Request, world: World, now: datetime) -> Response:
    _checked(request, {})
    found = world.stream("typeform", "form_definitions").all(now, [request.match["form"]])
    if not found:
        raise Refusal("not_found", "Non existing form with uid " + request.match["form"])
    return Response.of(found[0])


def _responses(request: Request, world: World, now: datetime) -> Response:
    query = _checked(request, RESPONSES)
    form = request.match["form"]
    if not world.stream("typeform", "form_definitions").all(now, [form]):
        raise Refusal("not_found", "Non existing form with uid " + form)
    stream = world.stream("typeform", "responses")
    every = stream.page(now, 2**62, tags=[form], descending=True).objects()
    start, end = _moment(query, "since"), _moment(query, "until")
    rows = [
        row
        for row in every
        if (start is None or _at(row) >= start) and (end is None or _at(row) < end + SECOND)
    ]
    total = len(rows)
    if "before" in query:
        rows = rows[_place(rows, every, query["before"]) :]
    size = int(query.get("page_size", 25))
    return _page(rows[:size], total, size)


def _place(rows: list[Row], every: list[Row], token: str) -> int:
    """Where rows older than the response with that token begin."""
    tokens = [row["token"] for row in every]
    if token not in tokens:
        _refuse("before", "is not the token of a response")
    older = set(tokens[tokens.index(token) + 1 :])
    return next((place for place, row in enumerate(rows) if row["token"] in older), len(rows))


def _at(row: Row) -> datetime:
    return datetime.fromisoformat(row["submitted_at"])


def _page(rows: list[Row], total: int, size: int) -> Response:
    return Response.of({"total_items": total, "page_count": -(-total // size), "items": rows})


def _checked(request: Request, known: dict[str, Any]) -> dict[str, str]:
    query = {name: values[-1] for name, values in request.query.items()}
    for name, text in query.items():
        if name not in known:
            _refuse(name, "is not a known parameter")
        if known[name] and not (text.isdigit() and known[name][0] <= int(text) <= known[name][1]):
            _refuse(name, f"should be between {known[name][0]} and {known[name][1]}")
    if "before" in query and "after" in query:
        _refuse("before", "cannot be used together with after")
    if "after" in query:
        _refuse("after", "is not offered here; before is")
    return query


def _moment(query: dict[str, str], name: str) -> datetime | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        _refuse(name, "should be a time in ISO 8601 or Unix seconds")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _refuse(name: str, message: str) -> NoReturn:
    raise Refusal("bad_request", f"{name} {message}")
