"""What TikTok's endpoints do alike: the envelope, JSON text in the query, numbered pages.

Belongs here: reading parameters strictly and answering in TikTok's shape. Does not belong here:
which endpoints and fields there are (tiktok_ads.py, tiktok_report.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from sandbox.strict import Invalid
from sandbox.wire import Request, Response

ADVERTISER_ID = "7012345678901234567"
MOST_PER_PAGE = 1000


def answer(
    data: dict[str, Any],
    code: int = 0,
    message: str = "OK",
    request_id: str = "20260101000000000000000000000000",
) -> Response:
    """Return TikTok's envelope; its HTTP status is 200 whatever the code says."""
    return Response.of({"code": code, "message": message, "request_id": request_id, "data": data})


def refuse(message: str, code: int = 40002) -> NoReturn:
    """Answer the request being handled with an error, by default a wrong parameter's."""
    raise Invalid(answer({}, code, message))


def check_parameters(request: Request, known: set[str], required: set[str]) -> None:
    """Refuse parameters an endpoint does not know, and the lack of those it needs."""
    for name in request.query:
        if name not in known:
            refuse(f"{name}: Unknown field.")
    for name in sorted(required):
        if not request.one(name):
            refuse(f"{name}: Missing data for required field.")


def decoded(request: Request, name: str, kind: type) -> Any:
    """Return a parameter that is JSON text, of that type; None where it is absent."""
    text = request.one(name)
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        refuse(f"{name}: Not a valid JSON text.")
    if not isinstance(value, kind):
        refuse(f"{name}: Not a valid {'list' if kind is list else 'object'}.")
    return value


def listed(request: Request, name: str) -> list[str]:
    """Return a parameter that is a JSON list of texts; empty where it is absent."""
    values = decoded(request, name, list) or []
    for value in values:
        if not isinstance(value, str):
            refuse(f"{name}: Not a valid string.")
    return list(values)


def the_advertiser(advertiser: str) -> None:
    """Refuse any advertiser but the sandbox's own."""
    if not advertiser.isdigit():
        refuse("advertiser_id: Not a valid integer.")
    if advertiser != ADVERTISER_ID:
        refuse(f"No permission to operate advertiser {advertiser}.", 40001)


def page_of(request: Request, rows: Sequence[Any]) -> tuple[Sequence[Any], dict[str, int]]:
    """Return the page of the rows that was asked for, and its `page_info`."""
    page, size = _number(request, "page", 1, None), _number(request, "page_size", 10, MOST_PER_PAGE)
    first = (page - 1) * size
    info = {
        "page": page,
        "page_size": size,
        "total_number": len(rows),
        "total_page": -(-len(rows) // size),
    }
    return rows[first : first + size], info


def _number(request: Request, name: str, default: int, most: int | None) -> int:
    text = request.one(name) or str(default)
    if not text.isdigit() or int(text) < 1 or (most is not None and int(text) > most):
        limit = f"between 1 and {most}" if most else "at least 1"
        refuse(f"{name}: Must be {limit}.")
    return int(text)
