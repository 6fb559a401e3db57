"""HubSpot as Throughline reads it: contacts, forms, submissions, marketing e-mail and its events.

Belongs here: paths, parameters, page limits, errors, headers. Does not belong here: what a row
holds (hubspot_rows.py).

As at HubSpot: searches find up to 10,000 rows and refuse to go on, properties are given as asked
for, archived objects come by themselves and only when asked for, submissions newest first and 50 a
page, older endpoints page by `hasMore` and `offset`. Left out, and refused in so many words: other
filters and sorts than by time of change, either way.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.hubspot_rows import render as render
from sandbox.strict import answering, fingerprint, issue_cursor, read_cursor
from sandbox.wire import BadCursorError, Limit, Refusal, Request, Response, Route
from sandbox.world import World

SEARCH_ENDS_AT = 10_000
# HubSpot gives these whether they are asked for or not.
ALWAYS = ("createdate", "hs_object_id", "lastmodifieddate")
DEFAULTS = ("email", "firstname", "lastname")
TICK = timedelta(milliseconds=1)
_SEARCH = {"filterGroups", "sorts", "properties", "limit", "after", "query"}
_CONTACTS = "/crm/v3/objects/contacts"
_EVENTS = "/email/public/v1"
_COUNTED = {
    "SENT": "sent",
    "DELIVERED": "delivered",
    "OPEN": "open",
    "CLICK": "click",
    "BOUNCE": "bounce",
    "DROPPED": "dropped",
    "STATUSCHANGE": "statuschange",
    "SPAMREPORT": "spamreport",
}
_ERRORS = {
    "bad_request": (400, "VALIDATION_ERROR"),
    "unauthorized": (401, "INVALID_AUTHENTICATION"),
    "forbidden": (403, "MISSING_SCOPES"),
    "not_found": (404, "OBJECT_NOT_FOUND"),
    "method_not_allowed": (405, "VALIDATION_ERROR"),
    "expired_cursor": (400, "VALIDATION_ERROR"),
}


def environment(base_url: str) -> dict[str, str]:
    """Return the connector's settings for this sandbox."""
    return {
        "SOURCES__HUBSPOT__BASE_URL": base_url,
        "SOURCES__HUBSPOT__ACCESS_TOKEN": "pat-na1-sandbox-token",
    }


def routes() -> list[Route]:
    """Return the endpoints: five searches a second, all else 190 in ten seconds."""
    usual = Limit(19, 1140)
    return [
        Route("POST", f"{_CONTACTS}/search", _search, "contacts", "results", Limit(5, 300)),
        Route("GET", _CONTACTS, _contacts, "contacts", "results", usual),
        Route("GET", "/marketing/v3/forms", _forms, "forms", "results", usual),
        Route(
            "GET",
            r"/form-integrations/v1/submissions/forms/(?P<form>[^/]+)",
            _submissions,
            "form_submissions",
            "results",
            usual,
        ),
        Route("GET", "/marketing/v3/emails", _emails, "marketing_emails", "results", usual),
        Route("GET", f"{_EVENTS}/campaigns", _campaigns, "email_campaigns", "campaigns", usual),
        Route(
            "GET",
            rf"{_EVENTS}/campaigns/(?P<campaign>\d+)",
            answering(_campaign),
            "email_campaigns",
            "",
            usual,
        ),
        Route("GET", f"{_EVENTS}/events", _events, "email_events", "events", usual),
    ]


def authorize(request: Request) -> Response | None:
    """Refuse requests without a good token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or token in {"", "wrong"}:
        return problem("unauthorized", "Authentication credentials not found.")
    return None


def problem(kind: str, detail: str) -> Response:
    """Return an error as HubSpot words it."""
    about = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}:{detail}"))
    if kind == "rate_limited":
        limited = {
            "status": "error",
            "message": "You have reached your ten_secondly_rolling limit.",
            "errorType": "RATE_LIMIT",
            "correlationId": about,
            "policyName": "TEN_SECONDLY_ROLLING",
        }
        return Response.of(limited, 429)
    status, category = _ERRORS.get(kind, (500, "INTERNAL_ERROR"))
    content: dict[str, Any] = {
        "status": "error",
        "message": detail,
        "correlationId": about,
        "category": category,
    }
    if category == "MISSING_SCOPES":
        needed = {"requiredGranularScopes": ["crm.objects.contacts.read"]}
        content["errors"] = [
            {"message": "One or more of the following scopes are required.", "context": needed}
        ]
    return Response.of(content, status)


def rate_headers(limit: Limit, second: int, minute: int) -> dict[str, str]:
    """Return the headers of the short interval, which is a second here, and of the day."""
    left = max(0, min(limit.per_second - second, limit.per_minute - minute))
    return {
        "X-HubSpot-RateLimit-Max": str(limit.per_second),
        "X-HubSpot-RateLimit-Remaining": str(left),
        "X-HubSpot-RateLimit-Interval-Milliseconds": "1000",
        "X-HubSpot-RateLimit-Daily": "650000",
        "X-HubSpot-RateLimit-Daily-Remaining": str(650000 - minute),
    }


def _search(request: Request, world: World, now: datetime) -> Response:
    body = request.json()
    if unknown := set(body) - _SEARCH:
        raise Refusal("bad_request", f"Invalid input JSON: unknown field {sorted(unknown)}")
    start, end = _changed_between(body.get("filterGroups", []))
    is_descending = _is_descending(body.get("sorts"))
    limit = _whole(body.get("limit", 10), "limit", 1, 200)
    offset = _whole(body.get("after", 0), "after", 0, SEARCH_ENDS_AT)
    if offset + limit > SEARCH_ENDS_AT:
        raise Refusal(
            "bad_request", f"The maximum number of results of a search is {SEARCH_ENDS_AT}"
        )
    stream = world.stream("hubspot", "contacts")
    rows = stream.page(now, 2**62, start, end, descending=is_descending).objects()
    shown = [_chosen(row, body.get("properties")) for row in rows[offset : offset + limit]]
    answer: dict[str, Any] = {"total": len(rows), "results": shown}
    if offset + limit < len(rows):
        answer["paging"] = {"next": {"after": str(offset + limit)}}
    return Response.of(answer)


def _is_descending(sorts: Any) -> bool:
    for direction in ("ASCENDING", "DESCENDING"):
        if sorts == [{"propertyName": "lastmodifieddate", "direction": direction}]:
            return direction == "DESCENDING"
    raise Refusal("bad_request", "the sandbox sorts by lastmodifieddate only, one way or the other")


def _changed_between(groups: Any) -> tuple[datetime | None, datetime | None]:
    start, end = None, None
    if not isinstance(groups, list) or len(groups) > 1:
        raise Refusal("bad_request", "the sandbox takes one group of filters")
    for condition in groups[0].get("filters", []) if groups else []:
        if condition.get("propertyName") != "lastmodifieddate":
            raise Refusal("bad_request", "the sandbox filters by lastmodifieddate only")
        text = str(condition.get("value", ""))
        if not text.isdigit():
            raise Refusal("bad_request", f"{text} is no number of milliseconds")
        moment = datetime.fromtimestamp(int(text) / 1000, UTC)
        match condition.get("operator"):
            case "GTE":
                start = moment
            case "GT":
                start = moment + TICK
            case "LT":
                end = moment
            case "LTE":
                end = moment + TICK
            case other:
                raise Refusal("bad_request", f"{other} is no operator of a time here")
    return start, end


def _chosen(row: dict[str, Any], properties: Sequence[str] | None) -> dict[str, Any]:
    wanted = {*(DEFAULTS if properties is None else properties), *ALWAYS}
    held = row["properties"]
    return row | {"properties": {name: held.get(name) for name in sorted(wanted)}}


def _contacts(request: Request, world: World, now: datetime) -> Response:
    query = _query(request, {"limit", "after", "archived", "properties"})
    stream = "archived_contacts" if _is_archived(query) else "contacts"
    # Repeated, or joined by commas.
    named = request.query.get("properties")
    properties = ",".join(named).split(",") if named else None
    answer = _list(stream, query, world, now, 10, 100)
    answer["results"] = [_chosen(row, properties) for row in answer["results"]]
    return Response.of(answer)


def _forms(request: Request, world: World, now: datetime) -> Response:
    query = _query(request, {"limit", "after", "archived", "formTypes"})
    kinds = {"hubspot", "captured", "flow", "blog_comment", "all"}
    if query.get("formTypes", "hubspot") not in kinds:
        raise Refusal("bad_request", f"formTypes is none of {sorted(kinds)}")
    tags = ["archived" if _is_archived(query) else "active"]
    return Response.of(_list("forms", query, world, now, 50, 500, tags=tags))


def _emails(request: Request, world: World, now: datetime) -> Response:
    known = {"limit", "after", "archived", "sort", "updatedAfter", "updatedBefore", "includeStats"}
    query = _query(request, known)
    if query.get("sort", "updatedAt") != "updatedAt":
        raise Refusal("bad_request", "the sandbox sorts e-mails by updatedAt only")
    start, end = _moment(query, "updatedAfter"), _moment(query, "updatedBefore")
    tags = ["archived" if _is_archived(query) else "active"]
    return Response.of(
        _list("marketing_emails", query, world, now, 10, 1000, start and start + TICK, end, tags)
    )


def _submissions(request: Request, world: World, now: datetime) -> Response:
    query = _query(request, {"limit", "after"})
    form = request.match["form"]
    if form not in {row["id"] for row in world.stream("hubspot", "forms").all(now)}:
        raise Refusal("not_found", f"no form {form}")
    return Response.of(
        _list("form_submissions", query, world, now, 20, 50, tags=[form], descending=True)
    )


def _campaigns(request: Request, world: World, now: datetime) -> Response:
    """Ids, those of the latest activity first."""
    query = _query(request, {"limit", "offset"})
    limit = _whole(query.get("limit", "10"), "limit", 1, 1000)
    same = fingerprint("email_campaigns")
    begin = read_cursor(query["offset"], same, now) if query.get("offset") else 0
    listed = [
        {name: row[name] for name in ("id", "appId", "appName")}
        | {"lastUpdatedTime": _last_event(row, world, now)}
        for row in world.stream("hubspot", "email_campaigns").all(now)
    ]
    listed.sort(key=lambda row: (-row["lastUpdatedTime"], row["id"]))
    end = begin + limit
    return Response.of(
        {
            "campaigns": listed[begin:end],
            "hasMore": end < len(listed),
            "offset": issue_cursor(same, now, end),
        }
    )


def _campaign(request: Request, world: World, now: datetime) -> Response:
    found = world.stream("hubspot", "email_campaigns").all(now, [request.match["campaign"]])
    if not found:
        raise Refusal("not_found", f"no e-mail campaign {request.match['campaign']}")
    counted: Counter[str] = Counter()
    for event in _events_of(found[0], world, now):
        if not event.get("filteredEvent"):
            counted[_COUNTED[event["type"]]] += 1
    return Response.of(found[0] | {"counters": dict(counted), "numIncluded": counted["sent"]})


def _last_event(row: Mapping[str, Any], world: World, now: datetime) -> int:
    events = _events_of(row, world, now)
    latest = max((int(event["created"]) for event in events), default=0)
    return max(latest, int(row["lastProcessingFinishedAt"]))


def _events_of(row: Mapping[str, Any], world: World, now: datetime) -> list[dict[str, Any]]:
    return world.stream("hubspot", "email_events").all(now, [str(row["id"])])


def _events(request: Request, world: World, now: datetime) -> Response:
    query = _query(request, {"limit", "offset", "startTimestamp", "endTimestamp"})
    start, end = (_milliseconds(query, name) for name in ("startTimestamp", "endTimestamp"))
    rows, more = _older("email_events", query, world, now, start, end and end + TICK)
    return Response.of({"events": rows} | more)


def _older(
    stream: str,
    query: Mapping[str, str],
    world: World,
    now: datetime,
    start: datetime | None,
    end: datetime | None,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Rows newest first, and how the older endpoints say where the next page begins."""
    limit = _whole(query.get("limit", "10"), "limit", 1, 1000)
    same = fingerprint(stream, {name: query[name] for name in query if name != "offset"})
    position = None
    if query.get("offset"):
        position = read_cursor(query["offset"], same, now)
        if position == "end":
            return [], {"hasMore": False, "offset": query["offset"]}
    page = world.stream("hubspot", stream).page(now, limit, start, end, position, descending=True)
    onward = issue_cursor(same, now, page.position or "end")
    return page.objects(), {"hasMore": page.position is not None, "offset": onward}


def _list(
    stream: str,
    query: Mapping[str, str],
    world: World,
    now: datetime,
    default: int,
    most: int,
    start: datetime | None = None,
    end: datetime | None = None,
    tags: list[str] | None = None,
    descending: bool = False,
) -> dict[str, Any]:
    """One page as the newer endpoints give it; `after` is left out with its object at the end."""
    limit = _whole(query.get("limit", str(default)), "limit", 1, most)
    same = fingerprint(stream, tags, {name: query[name] for name in query if name != "after"})
    position = read_cursor(query["after"], same, now) if query.get("after") else None
    page = world.stream("hubspot", stream).page(
        now, limit, start, end, position, tags, descending=descending
    )
    answer: dict[str, Any] = {"results": page.objects()}
    if page.position is not None:
        answer["paging"] = {"next": {"after": issue_cursor(same, now, page.position)}}
    return answer


def _query(request: Request, known: set[str]) -> dict[str, str]:
    if unknown := set(request.query) - known:
        raise Refusal("bad_request", f"unknown parameter {', '.join(sorted(unknown))}")
    return {name: values[-1] for name, values in request.query.items()}


def _is_archived(query: Mapping[str, str]) -> bool:
    text = query.get("archived", "false")
    if text not in ("true", "false"):
        raise Refusal("bad_request", "archived is neither true nor false")
    return text == "true"


def _whole(value: Any, name: str, least: int, most: int) -> int:
    text = str(value)
    if not text.isdigit():
        raise BadCursorError(name) if name == "after" else Refusal("bad_request", f"bad {name}")
    if not least <= int(text) <= most:
        raise Refusal("bad_request", f"{name} must be between {least} and {most}")
    return int(text)


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name)
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refusal("bad_request", f"{name} is no moment") from error


def _milliseconds(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name)
    if text is None:
        return None
    if not text.isdigit():
        raise Refusal("bad_request", f"{name} is no number of milliseconds")
    return datetime.fromtimestamp(int(text) / 1000, UTC)
