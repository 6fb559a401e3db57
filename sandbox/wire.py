"""What goes over the wire: requests, responses, routes, and the vendor's manners.

Belongs here: the plain types a vendor module and the server share. Does not belong here: sockets
(server.py), what goes wrong on purpose (faults.py), and anything one vendor does alone.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson

if TYPE_CHECKING:
    from sandbox.store import Page
    from sandbox.world import World


@dataclass(frozen=True)
class Request:
    """One request as a vendor module sees it.

    Attributes:
        method: Upper-case HTTP method.
        path: Path below the vendor's base URL, e.g. `/api/events`.
        raw_query: The query string as it came, without `?`.
        headers: Header values by lower-case name.
        body: The body's bytes.
        base_url: Absolute URL of the vendor's root, for links in a response.
        match: What the named groups of the route's path pattern matched.
    """

    method: str
    path: str
    raw_query: str
    headers: Mapping[str, str]
    body: bytes
    base_url: str
    match: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, list[str]]:
        """Query values by name, decoded; a parameter without a value counts as empty."""
        return parse_qs(self.raw_query, keep_blank_values=True)

    def one(self, name: str, default: str | None = None) -> str | None:
        """Return the last value of a query parameter, or the default."""
        values = self.query.get(name)
        return values[-1] if values else default

    def json(self) -> Any:
        """Return the decoded body; an empty body counts as an empty object.

        Raises:
            ValueError: the body is no JSON (orjson's error is a ValueError).
        """
        return orjson.loads(self.body) if self.body.strip() else {}


@dataclass
class Response:
    """One response: a status, a body and the headers beyond the usual ones.

    The server adds Date (the simulated clock), Content-Length and the rate-limit headers.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})

    @classmethod
    def of(cls, content: Any, status: int = 200, **headers: str) -> Response:
        """Make a JSON response of a Python object."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, orjson.dumps(content), {"Content-Type": "application/json"} | named)

    @classmethod
    def of_rows(
        cls, rows_at: str, page: Page, content_type: str = "application/json", /, **rest: Any
    ) -> Response:
        """Make `{"<rows_at>": [rows], **rest}` without decoding a row.

        Args:
            rows_at: The key of the array of rows.
            page: Rows as the store gave them.
            content_type: The response's content type.
            **rest: Further top-level members, encoded after the rows; None is encoded as null.
        """
        tail = b"]" + (b"," + orjson.dumps(rest)[1:] if rest else b"}")
        body = b"".join((b'{"', rows_at.encode(), b'":[', page.body, tail))
        return cls(200, body, {"Content-Type": content_type})


Handler = Callable[[Request, "World", datetime], Response]


@dataclass(frozen=True)
class Limit:
    """How many requests a vendor allows, counted in fixed windows of wall-clock time."""

    per_second: int
    per_minute: int


@dataclass(frozen=True)
class Route:
    """One endpoint of a vendor.

    Attributes:
        method: Upper-case HTTP method.
        pattern: Regular expression the whole path below the base URL must match; named groups
            reach the handler as `request.match`.
        handler: Called with the request, the world and the simulated now (aware UTC).
        stream: The stream's name, for faults and the request log; a function of the request
            where one endpoint serves several streams (it may return None).
        rows_at: Key of the array of rows in a good response, dotted where it lies deeper, so that
            faults can spoil rows; empty where the body is one row; None where it has none to
            spoil. A function of the request where one endpoint serves several streams.
        limit: The vendor's rate limit for this endpoint.
    """

    method: str
    pattern: str
    handler: Handler
    stream: str | Callable[[Request], str | None]
    rows_at: str | Callable[[Request], str | None] | None = None
    limit: Limit = Limit(350, 3500)

    def matches(self, method: str, path: str) -> dict[str, str] | None:
        """Return the named groups when this route answers method and path, else None."""
        if method != self.method:
            return None
        found = re.fullmatch(self.pattern, path)
        return None if found is None else found.groupdict()

    def stream_of(self, request: Request) -> str | None:
        """Return the name of the stream a request asks for."""
        return self.stream if isinstance(self.stream, str) else self.stream(request)

    def rows_of(self, request: Request) -> str | None:
        """Return where the rows stand that a request asks for."""
        return self.rows_at(request) if callable(self.rows_at) else self.rows_at


class BadCursorError(ValueError):
    """A cursor that was never issued, was issued for another query, or has expired."""


def encode_cursor(*parts: object) -> str:
    """Pack the parts of a cursor into one opaque, URL-safe text."""
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[Any]:
    """Unpack a cursor made by `encode_cursor`.

    Raises:
        BadCursorError: the text is no cursor of ours.
    """
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, UnicodeEncodeError) as error:
        raise BadCursorError(f"not a cursor: {cursor}") from error
    if not isinstance(parts, list):
        raise BadCursorError(f"not a cursor: {cursor}")
    return parts


class Refusal(Exception):  # noqa: N818 - it is an answer, not a defect
    """Raised by a handler to answer with the vendor's own error shape.

    Attributes:
        kind: One of the kinds a vendor module's `problem` knows.
        detail: What is wrong, in a sentence.
    """

    def __init__(self, kind: str, detail: str):
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
