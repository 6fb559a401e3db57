"""How every vendor is called: dlt's RESTClient over one session that waits, retries and explains.

What all vendors share belongs here: time-outs, bounded retries with jitter, Retry-After, reading
the envelope without touching rows, errors in words. What one vendor does otherwise is passed in.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
import requests
from dlt.common.configuration import resolve_configuration
from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.rest_client.client import RESTClient
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests.auth import AuthBase

from connectors.settings import VendorSettings
from connectors.stream import ConnectorError, Page, Pages

RETRIED = {408, 425, 429, 500, 502, 503, 504}
REMEDIES = {
    400: "the request was refused; see the vendor's message, and its API's change log.",
    401: "renew the credential of this vendor in .env.",
    403: "give the credential the right to read this stream, or renew it.",
    404: "check the account or property id of this vendor in .env.",
    410: "this API version is retired: upgrade the connector.",
    429: "the vendor's limit is used up: run again later or lower the concurrency.",
}
_NETWORK_FAULTS = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


class RetryError(Exception):
    """Raised by a vendor's `inspect` where an answer means: later. Seconds, if it says how many."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        self.reason, self.seconds = reason, seconds
        super().__init__(reason)


def read_envelope(body: bytes, rows: str | None) -> dict[str, Any]:
    """Everything of a JSON page but its rows, which are counted and not built.

    Args:
        body: the response.
        rows: the key that holds the list of rows; None where the page is one object.

    Returns:
        The page's other keys, and `rows` → count (absent where the page has no such key).

    Raises:
        msgspec.DecodeError: not a JSON object, or cut off.
    """
    raw = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    envelope: dict[str, Any] = {
        key: msgspec.json.decode(value) for key, value in raw.items() if key != rows
    }
    if rows is not None and rows in raw:
        items = msgspec.json.decode(raw[rows], type=list[msgspec.Raw])
        envelope[rows] = len(items)
    return envelope


@dataclass(eq=False)
class VendorSession(requests.Session):
    """A requests session that gives an answer, or an error that a person can act on.

    Attributes:
        inspect: sees each answer below 500; may raise `RetryError`, `ConnectorError`, `CursorExpiredError`.
        pause: seconds to wait after an answer, read from the vendor's own rate-limit headers.
        rows: the envelope's key of the stream that is read now.
        rows_required: whether each page must have that key.
    """

    settings: VendorSettings
    inspect: Callable[[requests.Response], None] | None = None
    pause: Callable[[requests.Response], float] | None = None
    rows: str | None = None
    rows_required: bool = True
    runtime: RuntimeConfiguration = field(
        default_factory=lambda: resolve_configuration(RuntimeConfiguration())
    )

    def __post_init__(self) -> None:
        """Start as any requests session does."""
        super().__init__()

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send, with bounded retries.

        Raises:
            ConnectorError: refused, or still failing after the last attempt.
        """
        kwargs["timeout"] = kwargs.get("timeout") or self.runtime.request_timeout
        attempts = self.runtime.request_max_attempts
        for attempt in range(1, attempts + 1):
            try:
                response = super().send(request, **kwargs)
                self._judge(response)
            except RetryError as fault:
                reason, seconds, status = fault.reason, fault.seconds, response.status_code
            except _NETWORK_FAULTS as fault:
                reason, seconds, status = self._explain(fault), None, None
            else:
                if self.pause and (wait := self.pause(response)) > 0:
                    time.sleep(min(wait, self.runtime.request_max_retry_delay))
                return response
            if attempt < attempts:
                time.sleep(self._delay(attempt, seconds))
        raise ConnectorError(
            self.settings.redact(f"{reason} (after {attempts} attempts)"),
            status=status,
            remedy=REMEDIES.get(status or 0, "the vendor is failing: run the night again later."),
        )

    def _judge(self, response: requests.Response) -> None:
        if self.inspect and response.status_code < 500:
            self.inspect(response)
        if response.status_code in RETRIED:
            raise RetryError(self._quote(response), _retry_after(response))
        if not response.ok:
            raise ConnectorError(
                self._quote(response),
                status=response.status_code,
                remedy=REMEDIES.get(response.status_code, "see the vendor's message."),
            )
        try:
            envelope = read_envelope(response.content, self.rows)
        except msgspec.DecodeError as error:
            raise RetryError(f"answered with what is not a whole JSON page: {error}") from error
        if self.rows and self.rows_required and self.rows not in envelope:
            raise RetryError(f"answered with a page without {self.rows!r}")
        response.json = lambda **_: envelope  # type: ignore[method-assign]

    def _delay(self, attempt: int, seconds: float | None) -> float:
        if seconds is not None:
            return min(seconds, self.runtime.request_max_retry_delay) + random.uniform(0, 0.2)
        backoff = self.runtime.request_backoff_factor * 2 ** (attempt - 1)
        return min(random.uniform(backoff / 2, backoff), self.runtime.request_max_retry_delay)

    def _quote(self, response: requests.Response) -> str:
        text = " ".join(response.text[:400].split())
        return self.settings.redact(f"answered {response.status_code} {text}".strip())

    def _explain(self, fault: requests.RequestException) -> str:
        kind = "timed out" if isinstance(fault, requests.Timeout) else "broke the connection"
        return f"{kind} ({type(fault).__name__})"


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _pulled_at(response: requests.Response) -> datetime:
    """The vendor's clock, so that versions are ordered by the clock that made them."""
    try:
        return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError):
        return datetime.now(UTC)


@dataclass
class Client:
    """One vendor's client for one stream: its settings, and pages as they come.

    Where an API is no HTTP API (a folder of files), only `settings` is used.
    """

    settings: VendorSettings
    rest: RESTClient | None = None

    def pages(
        self,
        path: str,
        *,
        rows: str | None,
        method: str = "GET",
        params: dict[str, Any] | None = None,
        json: dict[str, Any] | None = None,
        paginator: BasePaginator | None = None,
        rows_required: bool = True,
    ) -> Pages:
        """Every page of an endpoint.

        Args:
            path: relative to the vendor's base URL.
            rows: the key of the page's list of rows; None where a page is one object.
            method: GET or POST.
            params: the query.
            json: the body.
            paginator: where it differs from the client's.
            rows_required: False where the vendor leaves the key out of an empty page.

        Yields:
            Pages in the vendor's order.

        Raises:
            ConnectorError: as `VendorSession.send`.
        """
        assert self.rest is not None, f"{self.settings.vendor} has no HTTP client"
        session = self.rest.session
        assert isinstance(session, VendorSession)
        session.rows, session.rows_required = rows, rows_required
        found = self.rest.paginate(
            path,
            method=method,  # type: ignore[arg-type]
            params=params,
            json=json,
            paginator=paginator,
            data_selector="$",
            # The session raises by itself; dlt's own hook would hide the vendor's message.
            hooks={"response": []},
        )
        for page in found:
            response = page.response
            count = response.json().get(rows, 0) if rows else 1
            yield Page(
                body=response.content,
                rows=count,
                pulled_at=_pulled_at(response),
                request=self._describe(response.request),
            )

    def _describe(self, request: requests.PreparedRequest) -> str:
        body = request.body or b""
        text = body.decode() if isinstance(body, bytes) else body
        return self.settings.redact(f"{request.method} {request.url} {text}".strip())


def http_client(
    settings: VendorSettings,
    *,
    base_url: str,
    auth: AuthBase | None = None,
    headers: dict[str, str] | None = None,
    paginator: BasePaginator | None = None,
    inspect: Callable[[requests.Response], None] | None = None,
    pause: Callable[[requests.Response], float] | None = None,
) -> Client:
    """A client over HTTP.

    Args:
        settings: the vendor's; `base_url` among them overrides the vendor's own host.
        base_url: the vendor's own host.
        auth: dlt's or requests' authentication.
        headers: sent with every request.
        paginator: the vendor's usual way of paging.
        inspect: see `VendorSession`.
        pause: see `VendorSession`.
    """
    session = VendorSession(settings, inspect=inspect, pause=pause)
    rest = RESTClient(
        base_url=settings.get("base_url", base_url),
        auth=auth,
        headers=headers,
        paginator=paginator,
        session=session,
    )
    return Client(settings, rest)
