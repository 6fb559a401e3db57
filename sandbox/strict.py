"""Answering a wrong request the way the vendor would, from anywhere inside a handler.

Belongs here: what the vendor modules share when they check a request. Does not belong here: which
parameters a vendor knows and what its errors look like (the vendor's module).
"""

from __future__ import annotations

import functools
import hashlib
from datetime import datetime, timedelta
from typing import Any

import orjson

from sandbox.wire import BadCursorError, Handler, Request, Response, decode_cursor, encode_cursor
from sandbox.world import World

CURSOR_LIFE = timedelta(hours=1)


class Invalid(Exception):  # noqa: N818 - it is an answer, not a defect
    """Raised where a request turns out wrong; carries the answer in the vendor's own shape."""

    def __init__(self, response: Response):
        super().__init__(response.body.decode())
        self.response = response


def answering(handler: Handler) -> Handler:
    """Wrap a handler so that an `Invalid` raised inside it becomes its answer."""

    @functools.wraps(handler)
    def answer(request: Request, world: World, now: datetime) -> Response:
        try:
            return handler(request, world, now)
        except Invalid as invalid:
            return invalid.response

    return answer


def fingerprint(*parts: Any) -> str:
    """Return a short text that differs between requests that ask for different rows."""
    content = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:16]


def issue_cursor(query: str, now: datetime, position: str | int) -> str:
    """Return a cursor that is good for the same query only, and only for a while.

    Args:
        query: Fingerprint of what was asked for.
        now: The simulated now.
        position: Where the next page begins.
    """
    return encode_cursor(query, now.isoformat(), position)


def read_cursor(cursor: str, query: str, now: datetime) -> Any:
    """Return the position in a cursor.

    Raises:
        BadCursorError: it was never issued, belongs to another query, or has expired.
    """
    parts = decode_cursor(cursor)
    if len(parts) != 3 or parts[0] != query:
        raise BadCursorError("this cursor belongs to another query")
    if now - datetime.fromisoformat(parts[1]) > CURSOR_LIFE:
        raise BadCursorError("this cursor has expired")
    return parts[2]
