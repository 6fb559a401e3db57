"""How every vendor is called: dlt's RESTClient over one session that waits, retries and explains.

What all vendors share belongs here: time-outs, bounded retries with jitter, Retry-After, reading
the envelope without touching rows, errors in words. What one vendor does otherwise is passed in.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from dlt.common import jsonpath
from dlt.common.configuration import resolve_configuration
from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.rest_client.client import RESTClient
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests.auth import AuthBase

from connectors.answers import (
    LATER,
    REMEDIES,
    UNREACHED,
    RetryError,
    answered_at,
    errors_of,
    header_number,
    holds_a_list,
    read_envelope,
    refusal,
    refuse_by_code,
    retry_after,
    says,
)
from connectors.pace import pace_of
from connectors.settings import VendorSettings
from connectors.stream import ConnectorError, Page, Pages

# A connector finds here what it needs, whichever module of this room has it.
__all__ = [
    "LATER",
    "REMEDIES",
    "UNREACHED",
    "Client",
    "RetryError",
    "errors_of",
    "header_number",
    "http_client",
    "refusal",
    "refuse_by_code",
    "retry_after",
    "says",
]

log = logging.getLogger(__name__)

RETRIED = {408, 425, 429, 500, 502, 503, 504}
# Compiled once: as text, dlt would build a parser for it on every page.
_WHOLE = jsonpath.compile_path("$")
_TIME_OUTS = (requests.Timeout, urllib3.exceptions.TimeoutError)
# A body may take this many time-outs in all, so that one that only drips ends as well.
BODY_TIMEOUTS = 10


Inspect = Callable[[requests.Response], None]
Pause = Callable[[requests.Response], float]


class VendorSession(requests.Session):
    """A requests session that gives an answer, or an error that a person can act on."""

    def __init__(
        self,
        settings: VendorSettings,
        base_url: str,
        inspect: Inspect | None = None,
        pause: Pause | None = None,
    ) -> None:
        super().__init__()
        self.settings, self.inspect, self.pause = settings, inspect, pause
        self.origin = urlsplit(base_url)[:2]
        self.pace = pace_of(settings.vendor, self.origin)
        self.runtime = resolve_configuration(RuntimeConfiguration())

    def send(
        self,
        request: requests.PreparedRequest,
        *,
        rows: str | None = None,
        rows_required: bool = True,
        other_lists: frozenset[str] = frozenset(),
        **kwargs: Any,
    ) -> requests.Response:
        """Send, with bounded retries.

        Args:
            request: as `requests` prepared it.
            rows: the key of the page's rows; None where a page is one object.
            rows_required: False where the vendor leaves that key out of an empty page.
            other_lists: what an empty page lists all the same, such as its columns.
            **kwargs: as `requests.Session.send`.

        Raises:
            ConnectorError: refused, or still failing after the last attempt.
        """
        if urlsplit(request.url)[:2] != self.origin:
            # The credential goes with each request: a link in a page must not send it elsewhere.
            raise ConnectorError("a page links to another host; it was not followed")
        kwargs["timeout"] = kwargs.get("timeout") or self.runtime.request_timeout
        kwargs |= {"allow_redirects": False, "stream": True}
        attempts = self.runtime.request_max_attempts
        for attempt in range(1, attempts + 1):
            asked_at = self.pace.wait()
            status = means = None
            try:
                response = super().send(request, **kwargs)
                self._read(response)
                status = means = response.status_code
                envelope = self._judge(response, rows, rows_required, other_lists)
            except RetryError as fault:
                reason, seconds, means = fault.reason, fault.seconds, fault.means or status
                self._slow_down(asked_at, status, seconds)
            except ConnectorError as refused:
                # Before anybody reads it: vendors repeat what they were asked with.
                refused.reason = self.settings.redact(refused.reason)
                raise
            except (requests.RequestException, urllib3.exceptions.HTTPError) as fault:
                timed_out = isinstance(fault, _TIME_OUTS)
                kind = type(fault).__name__
                reason = "timed out" if timed_out else f"broke the connection ({kind})"
                seconds = None
            else:
                self.pace.hold(self._wait(response))
                # Paginators read the cursor by this; the rows are never built.
                response.json = partial(dict, envelope)  # type: ignore[method-assign]
                return response
            if attempt < attempts:
                delay = self._delay(attempt, seconds)
                log.warning(
                    "%s %s; again in %.0f s (attempt %d of %d)",
                    self.settings.vendor,
                    self.settings.redact(reason),
                    delay,
                    attempt + 1,
                    attempts,
                )
                time.sleep(delay)
        raise ConnectorError(
            self.settings.redact(f"{reason} (after {attempts} attempts)"),
            status=status,
            means=means,
            remedy=REMEDIES.get(means or 0, LATER) if status else self._unreached,
        )

    @property
    def _unreached(self) -> str:
        return UNREACHED.format(vendor=self.settings.vendor.upper())

    def _read(self, response: requests.Response) -> None:
        """Read the body in larger pieces than `requests` does, and not for ever."""
        end = time.monotonic() + BODY_TIMEOUTS * self.runtime.request_timeout
        pieces = []
        while piece := response.raw.read1(2**18, decode_content=True):
            pieces.append(piece)
            if time.monotonic() > end:
                response.close()
                raise requests.Timeout
        response._content = b"".join(pieces)

    def _judge(
        self,
        response: requests.Response,
        rows: str | None,
        rows_required: bool,
        other_lists: frozenset[str],
    ) -> dict[str, Any]:
        status = response.status_code
        if self.inspect:
            self.inspect(response)
        if status in RETRIED:
            raise RetryError(says(response), retry_after(response))
        if not 200 <= status < 300:
            raise refusal(response, status)
        try:
            envelope = read_envelope(response.content, rows)
        except ValueError as error:
            raise RetryError(f"answered with what is not a whole JSON page: {error}") from error
        is_odd = rows_required or holds_a_list(envelope, other_lists)
        if rows and rows not in envelope and is_odd:
            raise RetryError(f"answered with a page without {rows!r}: it has {sorted(envelope)}")
        return envelope

    def _wait(self, response: requests.Response) -> float:
        try:
            wait = self.pause(response) if self.pause else 0.0
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            # The answer is good; only how much of a limit is left cannot be told from it.
            log.warning("%s: its rate headers cannot be read (%s)", self.settings.vendor, error)
            wait = 0.0
        return min(max(wait, 0.0), self.runtime.request_max_retry_delay)

    def _slow_down(self, asked_at: float, status: int | None, seconds: float | None) -> None:
        """Tell the vendor's other sessions of a "too many", or of a wait that the vendor wants."""
        if status == 429 or (seconds is not None and (status or 0) < 500):
            self.pace.throttled(asked_at, seconds)
        if seconds is not None:
            self.pace.hold(min(seconds, self.runtime.request_max_retry_delay))

    def _delay(self, attempt: int, seconds: float | None) -> float:
        if seconds is None:
            backoff = self.runtime.request_backoff_factor * 2 ** (attempt - 1)
            seconds = random.uniform(backoff / 2, backoff)
        else:
            seconds += random.uniform(0, 0.2)
        return min(seconds, self.runtime.request_max_retry_delay)


@dataclass
class Client:
    """One vendor's client for one stream: its settings, and pages as they come.

    Where an API is no HTTP API (a folder of files), only `settings` is used.

    Attributes:
        only_first: each question ends after its first page, as for a question that only wants to
            know whether it is answered.
    """

    settings: VendorSettings
    rest: RESTClient | None = None
    only_first: bool = False

    def pages(
        self,
        path: str,
        *,
        rows: str | None,
        method: str = "GET",
        params: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        paginator: BasePaginator | None = None,
        rows_required: bool = True,
        other_lists: frozenset[str] = frozenset(),
    ) -> Pages:
        """Every page of an endpoint.

        Args:
            path: relative to the vendor's base URL.
            rows: the key of the page's list of rows, dotted where it lies deeper; None where a
                page is one object.
            method: GET or POST.
            params: the query.
            body: what a POST sends, as JSON.
            paginator: where it differs from the client's.
            rows_required: False where the vendor leaves the key out of an empty page.
            other_lists: what an empty page lists all the same, such as its columns.

        Yields:
            Pages in the vendor's order.

        Raises:
            ConnectorError: as `VendorSession.send`, or the vendor pages in a circle.
        """
        assert self.rest is not None, f"{self.settings.vendor} has no HTTP client"
        found = self.rest.paginate(
            path,
            method=method,  # type: ignore[arg-type]
            params=params,
            json=body,
            paginator=paginator,
            data_selector=_WHOLE,
            # The session raises by itself; dlt's own hook would hide the vendor's message.
            hooks={"response": []},
            rows=rows,
            rows_required=rows_required,
            other_lists=other_lists,
        )
        asked = ""
        for page in found:
            response = page.response
            request = self._describe(response.request)
            if request == asked:
                raise ConnectorError("gave the same cursor twice: paging would never end")
            asked = request
            yield Page(
                body=response.content,
                rows=response.json().get(rows, 0) if rows else 1,
                pulled_at=answered_at(response),
                request=request,
            )
            if self.only_first:
                return

    def _describe(self, request: requests.PreparedRequest) -> str:
        body = request.body or b""
        text = body.decode() if isinstance(body, bytes) else body
        return self.settings.redact(f"{request.method} {request.url} {text}".strip())


def http_client(
    settings: VendorSettings,
    *,
    base_url: str,
    auth: AuthBase,
    paginator: BasePaginator,
    setting: str = "base_url",
    headers: dict[str, str] | None = None,
    inspect: Inspect | None = None,
    pause: Pause | None = None,
) -> Client:
    """A client over HTTP.

    Args:
        settings: the vendor's; `setting` among them overrides the vendor's own host.
        base_url: the vendor's own host.
        auth: dlt's or requests' authentication.
        paginator: the vendor's way of paging.
        setting: another name where the vendor has a second host.
        headers: sent with every request; no secrets, for dlt logs them when it debugs.
        inspect: sees each answer first; may raise `RetryError`, `ConnectorError` or
            `CursorExpiredError`.
        pause: seconds to leave the vendor alone after an answer, read from its own headers.
    """
    url = settings.get(setting, base_url)
    session = VendorSession(settings, url, inspect, pause)
    rest = RESTClient(
        base_url=url,
        auth=auth,
        headers=headers,
        paginator=paginator,
        session=session,
        # By itself it would read all settings a second time.
        config=session.runtime,
    )
    return Client(settings, rest)
