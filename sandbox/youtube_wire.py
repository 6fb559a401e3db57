"""YouTube's two APIs as far as they are alike: tokens, quota, errors, parameters that are unknown.

Belongs here: what Google's front does before either API sees a request. Does not belong here:
resources (youtube.py) and reports (youtube_reports.py).
"""

from __future__ import annotations

import functools
import threading
from collections import Counter
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from sandbox import tokens
from sandbox.strict import Invalid, answering
from sandbox.wire import Handler, Request, Response
from sandbox.world import World

PACIFIC = ZoneInfo("America/Los_Angeles")
QUOTA = 10_000
# What every method of Google's takes.
COMMON = {"alt", "fields", "key", "prettyPrint", "quotaUser", "access_token", "oauth_token"}
_SPENT: Counter[tuple[str, date]] = Counter()
_SPENDING = threading.Lock()


def error(status: int, message: str, reason: str, domain: str = "global", **more: str) -> Response:
    """Return an error in the shape of Google's older APIs, which both of these have."""
    detail: dict[str, Any] = {"message": message, "domain": domain, "reason": reason, **more}
    content: dict[str, Any] = {"code": status, "message": message, "errors": [detail]}
    if name := _STATUSES.get(status):
        content["status"] = name
    return Response.of({"error": content}, status)


_STATUSES = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
}


def refuse(message: str, reason: str, where: str = "", *, status: int = 400) -> NoReturn:
    """Answer that a parameter is wrong."""
    place = {"location": where, "locationType": "parameter"} if where else {}
    domain = "youtube.parameter" if where else "global"
    raise Invalid(error(status, message, reason, domain, **place))


def problem(kind: str, detail: str) -> Response:
    """Return YouTube's own error of a kind the server or a fault asks for."""
    match kind:
        case "unauthorized":
            return error(401, "Invalid Credentials", "authError")
        case "forbidden":
            return error(403, "Insufficient Permission", "insufficientPermissions")
        case "rate_limited":
            return error(429, "Rate Limit Exceeded", "rateLimitExceeded", "usageLimits")
        case "quota":
            said = (
                "The request cannot be completed because you have exceeded your "
                '<a href="/youtube/v3/getting-started#quota">quota</a>.'
            )
            return error(403, said, "quotaExceeded", "youtube.quota")
        case "expired_cursor":
            said = "The request specifies an invalid page token."
            place = {"location": "pageToken", "locationType": "parameter"}
            return error(400, said, "invalidPageToken", "youtube.parameter", **place)
        case "gone":
            return error(410, f"This API is no longer available. {detail}", "gone")
        case "server_error":
            return error(500, detail or "Backend Error", "backendError")
        case "bad_request":
            return error(400, detail, "badRequest")
        case "method_not_allowed":
            return error(405, detail, "httpMethodNotAllowed")
    return error(404, f"Not Found. {detail}".strip(), "notFound")


def authorize(request: Request) -> Response | None:
    """Return Google's refusal unless a token is there and right."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return error(401, "Login Required.", "required", location="Authorization")
    return problem("unauthorized", "") if token == "wrong" else None


def guarded(handler: Handler, right: str, units: int) -> Handler:
    """Wrap a handler: the token must not have ended, must have the right, and its quota must do.

    Args:
        handler: what answers then; an `Invalid` raised in it becomes its answer.
        right: what a token may lack: `sandbox-token-without-analytics`.
        units: what a call costs of the 10,000 that a project has until midnight in California; a
            token such as `sandbox-token-quota-20` has so many.
    """
    answer = answering(handler)

    @functools.wraps(handler)
    def guard(request: Request, world: World, now: datetime) -> Response:
        token = request.headers["authorization"].partition(" ")[2]
        ends = tokens.expiry_of(token)
        if ends is not None and ends <= now:
            return problem("unauthorized", "")
        if right in tokens.lacking(token):
            return problem("forbidden", "")
        quota = tokens.quota_of(token)
        if units and quota is not None and not _spend(token, now, units, quota):
            return problem("quota", "")
        return answer(request, world, now)

    return guard


def _spend(token: str, now: datetime, units: int, quota: int) -> bool:
    """Count a call on its day in California; return whether the quota still does."""
    day = now.astimezone(PACIFIC).date()
    with _SPENDING:
        _SPENT[token, day] += units
        return _SPENT[token, day] <= quota


def check_names(request: Request, known: Collection[str]) -> None:
    """Refuse parameters that the method does not have."""
    for name in request.query:
        if name not in known and name not in COMMON:
            said = (
                f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query '
                f"parameter. Field '{name}' could not be found in request message."
            )
            raise Invalid(error(400, said, "invalid"))


def whole_number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """Return a parameter that is a number within bounds."""
    text = request.one(name)
    if text is None:
        return default
    if not text.isdigit() or not least <= int(text) <= most:
        refuse(
            f"Invalid value '{text}'. Values must be within the range: [{least}, {most}]",
            "invalidParameter",
            name,
        )
    return int(text)
