"""What an answer says: how many rows it holds, what went wrong, when to ask again.

Belongs here: reading an answer that any vendor may give. Does not belong here: asking
(`connectors.client`), and what one vendor's own codes mean (`inspect` of its connector).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
import requests

from connectors.stream import ConnectorError

REMEDIES = {
    400: "the request was refused: see the vendor's message and its API's change log.",
    401: "renew this vendor's credential in .env.",
    403: "give the credential the right to read this stream, or renew it.",
    404: "check this vendor's account ids and base URL in .env.",
    410: "this API version is retired: upgrade the connector.",
    429: "the vendor's limit is used up: run again later.",
}
LATER = "the vendor is failing: run the night again later."
UNREACHED = (
    "run the night again later; where it stays so, check the network, the proxy and, where it is"
    " set, SOURCES__{vendor}__BASE_URL."
)
# Where vendors put in words what went wrong; each has some of them.
WORDS = (
    *("code", "status", "category", "errorType", "error_subcode"),
    *("title", "message", "detail", "description"),
)


class RetryError(Exception):
    """Raised where an answer means: ask again, after so many seconds if it says how many.

    Attributes:
        means: the HTTP status that says it best, where the vendor gives another one: with it an
            error in the end tells of a limit, and not of a vendor that fails.
    """

    def __init__(
        self, reason: str, seconds: float | None = None, *, means: int | None = None
    ) -> None:
        self.reason, self.seconds, self.means = reason, seconds, means
        super().__init__(reason)


def read_envelope(body: bytes, rows: str | None) -> dict[str, Any]:
    """Everything of a JSON page but its rows, which are counted and not built.

    Args:
        body: the response.
        rows: the key of the rows, dotted where it lies deeper (`data.list`); None without a list.

    Returns:
        The page's other keys, and `rows` → count (absent where the page has no such key).

    Raises:
        ValueError: not UTF-8, not a JSON object, cut off, or its rows are no list.
    """
    if not body.isascii():
        body.decode()
    *parents, leaf = rows.split(".") if rows else [""]
    try:
        envelope, found = _without_rows(body, parents, leaf if rows else None)
        count = None if found is None else len(msgspec.json.decode(found, type=list[msgspec.Raw]))
    except msgspec.DecodeError:
        # Slow, and lenient: a text cut within an emoji holds half a surrogate pair.
        envelope = json.loads(body)
        if not isinstance(envelope, dict):
            raise
        holder: Any = envelope
        for parent in parents:
            holder = holder.get(parent) if isinstance(holder, dict) else None
        count = None
        if rows and isinstance(holder, dict) and leaf in holder:
            listed = holder.pop(leaf)
            if not isinstance(listed, list):
                raise
            count = len(listed)
    return envelope if rows is None or count is None else envelope | {rows: count}


def _without_rows(
    body: bytes | msgspec.Raw, parents: list[str], leaf: str | None
) -> tuple[dict[str, Any], msgspec.Raw | None]:
    """The object without its rows, and the rows as they came where it has any."""
    raw = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    inner: dict[str, Any] = {}
    found = None
    if parents and parents[0] in raw and bytes(raw[parents[0]]) != b"null":
        parent, *deeper = parents
        inner[parent], found = _without_rows(raw.pop(parent), deeper, leaf)
    elif not parents and leaf is not None:
        found = raw.pop(leaf, None)
    return {key: msgspec.json.decode(value) for key, value in raw.items()} | inner, found


def holds_a_list(envelope: dict[str, Any], known: frozenset[str] = frozenset()) -> bool:
    """Whether rows may have come under another name than these: then it is no empty page."""
    return any(
        isinstance(value, list) and any(isinstance(item, dict) for item in value)
        for key, value in envelope.items()
        if key not in known
    )


def errors_of(response: requests.Response) -> list[dict[str, Any]]:
    """The errors in an answer: `{"error": {…}}`, `{"errors": [{…}]}`, or the answer itself."""
    try:
        body = msgspec.json.decode(response.content)
    except ValueError:
        return []
    if not isinstance(body, dict):
        return []
    found = body.get("errors") or [body.get("error") or body]
    return [error for error in found if isinstance(error, dict)] if isinstance(found, list) else []


def says(response: requests.Response) -> str:
    """What the vendor says went wrong, in one line."""
    parts = []
    for error in errors_of(response):
        words = [f"{error[key]}" for key in WORDS if error.get(key)]
        parts.append(" ".join(dict.fromkeys(words)))
    kind = response.headers.get("Content-Type", "no content type")
    text = "; ".join(parts) or f"with {len(response.content)} bytes of {kind}"
    return f"answered {response.status_code} {' '.join(text.split())[:400]}".strip()


def refusal(response: requests.Response, means: int, remedy: str = "") -> ConnectorError:
    """A refusal by what it means.

    Args:
        response: the answer.
        means: the HTTP status that says it best, whichever the vendor gave.
        remedy: in this vendor's own terms; else what such a status calls for.
    """
    return ConnectorError(
        says(response),
        status=response.status_code,
        means=means,
        remedy=remedy or REMEDIES.get(means, "see the vendor's message."),
    )


def refuse_by_code(
    response: requests.Response, meanings: Mapping[Any, tuple[int, str]], *keys: str
) -> None:
    """Refuse what a vendor's own code means, where its status alone would tell something else.

    Args:
        response: the answer.
        meanings: by code the HTTP status that says it best, and the remedy.
        keys: where the vendor has its codes; `code` if none is named.

    Raises:
        ConnectorError: one of the answer's errors has such a code.
    """
    for error in [] if response.ok else errors_of(response):
        for key in keys or ("code",):
            if isinstance(code := error.get(key), str | int) and code in meanings:
                raise refusal(response, *meanings[code])


def retry_after(response: requests.Response) -> float | None:
    """Seconds that the vendor asks to wait: a number or a date, as HTTP allows both."""
    value = response.headers.get("Retry-After", "").strip()
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def header_number(response: requests.Response, name: str, default: float) -> float:
    """A header that holds a number; the default where it is missing, empty or none."""
    try:
        number = float(response.headers.get(name, ""))
    except ValueError:
        return default
    return number if math.isfinite(number) else default


def answered_at(response: requests.Response) -> datetime:
    """The vendor's clock, so that versions are ordered by the clock that made them."""
    try:
        return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError):
        return datetime.now(UTC)
