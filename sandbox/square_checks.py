"""What Square checks in a request, and how it refuses one.

Belongs here: Square's error shape and the checks its endpoints share. Does not belong here: what
the endpoints answer (square.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from sandbox.strict import Invalid
from sandbox.wire import Request, Response

VERSION = "2026-01-22"
# Square's ranges end inclusively; the row store's do not.
TICK = timedelta(microseconds=1)

_PROBLEMS = {
    "bad_request": (400, "BAD_REQUEST", "The request could not be understood."),
    "unauthorized": (
        401,
        "UNAUTHORIZED",
        "The `Authorization` http header of your request was incorrect or expired. The header "
        "value is expected to be of the format `Bearer TOKEN`, where TOKEN is a valid access "
        "token.",
    ),
    "forbidden": (403, "INSUFFICIENT_SCOPES", "The token lacks a permission for this."),
    "not_found": (404, "NOT_FOUND", "Resource not found."),
    "gone": (410, "GONE", "The target resource is no longer available."),
    "method_not_allowed": (405, "METHOD_NOT_ALLOWED", "Method not allowed."),
    "rate_limited": (429, "RATE_LIMITED", "Too many requests: slow down and try again."),
    "expired_cursor": (400, "INVALID_CURSOR", "The pagination cursor is invalid."),
    "server_error": (500, "INTERNAL_SERVER_ERROR", "An internal error has occurred."),
}
_CATEGORIES = {
    401: "AUTHENTICATION_ERROR",
    403: "AUTHENTICATION_ERROR",
    429: "RATE_LIMIT_ERROR",
    500: "API_ERROR",
    501: "API_ERROR",
}


def problem(kind: str, detail: str) -> Response:
    """Return Square's own error of a kind the server or a fault asks for."""
    status, code, usual = _PROBLEMS[kind]
    return error(status, code, detail or usual, "cursor" if kind == "expired_cursor" else None)


def error(status: int, code: str, detail: str, field: str | None = None) -> Response:
    """Return a response with one of Square's errors."""
    content = {
        "category": _CATEGORIES.get(status, "INVALID_REQUEST_ERROR"),
        "code": code,
        "detail": detail,
    }
    if field:
        content["field"] = field
    return Response.of({"errors": [content]}, status, square_version=VERSION)


def refuse(code: str, detail: str, field: str | None = None, status: int = 400) -> NoReturn:
    """Answer the request being handled with an error."""
    raise Invalid(error(status, code, detail, field))


def not_served(asked: bool, what: str) -> None:
    """Refuse what Square can do and this sandbox does not, rather than ignore it."""
    if asked:
        refuse("NOT_IMPLEMENTED", f"This sandbox does not {what}.", status=501)


def body_of(request: Request, known: set[str]) -> dict[str, Any]:
    """Return the body of a POST, whose members must all be known."""
    only(request.query, set(), "UNKNOWN_QUERY_PARAMETER")
    try:
        body = request.json()
    except ValueError:
        refuse("EXPECTED_JSON_BODY", "The request body is not valid JSON.")
    if not isinstance(body, dict):
        refuse("EXPECTED_OBJECT", "Expected an object value.")
    only(body, known, "UNKNOWN_BODY_PARAMETER")
    return body


def only(given: Mapping[str, Any], known: set[str], code: str, inside: str = "") -> None:
    """Refuse names that are not known."""
    for name in given:
        if name not in known:
            field = f"{inside}.{name}" if inside else name
            refuse(code, f"Unknown parameter `{field}`.", field)


def member(
    parent: Mapping[str, Any], name: str, known: set[str], inside: str = ""
) -> dict[str, Any]:
    """Return an object inside another, empty where it is absent."""
    value = parent.get(name, {})
    path = f"{inside}.{name}" if inside else name
    if not isinstance(value, dict):
        refuse("EXPECTED_OBJECT", "Expected an object value.", path)
    only(value, known, "UNKNOWN_BODY_PARAMETER", path)
    return value


def one_of(value: Any, allowed: Sequence[str], field: str) -> None:
    """Refuse a value that is none of an enumeration's."""
    if value not in allowed:
        refuse("INVALID_ENUM_VALUE", f"`{value}` is not a valid enum value.", field)


def whole_number(value: Any, field: str) -> int:
    """Return an integer of a body or a query string."""
    if isinstance(value, str) and value.lstrip("-").isdigit():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        refuse("EXPECTED_INTEGER", "Expected an integer value.", field)
    return value


def page_limit(value: Any, most: int) -> int:
    """Return a page size that must lie between 1 and the most allowed."""
    limit = whole_number(value, "limit")
    if limit < 1:
        refuse("VALUE_TOO_LOW", "Field must be greater than or equal to 1.", "limit")
    if limit > most:
        refuse("VALUE_TOO_HIGH", f"Field must be less than or equal to {most}.", "limit")
    return limit


def time_range(value: Any, field: str) -> tuple[datetime | None, datetime | None]:
    """Return start and exclusive end of a TimeRange."""
    if value is None:
        return None, None
    if not isinstance(value, dict):
        refuse("EXPECTED_OBJECT", "Expected an object value.", field)
    only(value, {"start_at", "end_at"}, "UNKNOWN_BODY_PARAMETER", field)
    start = moment(value.get("start_at"), f"{field}.start_at")
    end = moment(value.get("end_at"), f"{field}.end_at")
    in_order(start, end, field)
    return start, end and end + TICK


def in_order(start: datetime | None, end: datetime | None, field: str) -> None:
    """Refuse a range that ends before it starts."""
    if start and end and start > end:
        refuse("INVALID_TIME_RANGE", "The start of the range lies after its end.", field)


def moment(text: Any, field: str) -> datetime | None:
    """Return an RFC 3339 time as aware UTC, None where it is absent."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        refuse("INVALID_TIME", f"`{text}` is not an RFC 3339 time.", field)
    if found.tzinfo is None:
        refuse("INVALID_TIME", f"`{text}` has no time zone.", field)
    return found.astimezone(UTC)
