"""Shopify's answers: errors that come with status 200, what a query cost, what is left.

Belongs here: telling a refusal from a wait, and how long to wait. Does not belong here: what is
asked (queries.py).
"""

from __future__ import annotations

from typing import Any

import msgspec
import requests

from connectors.client import RetryError, says
from connectors.stream import ConnectorError, CursorExpiredError

VERSION = "2026-10"
# Streams that are pulled at once draw on the same bucket.
AT_ONCE = 2


class CostlyError(ConnectorError):
    """The query could cost more than Shopify allows for one: ask for fewer rows."""


class _Throttle(msgspec.Struct):
    maximumAvailable: float  # noqa: N815
    currentlyAvailable: float  # noqa: N815
    restoreRate: float  # noqa: N815


class _Cost(msgspec.Struct):
    requestedQueryCost: float = 0  # noqa: N815
    throttleStatus: _Throttle | None = None  # noqa: N815


class _Extensions(msgspec.Struct):
    cost: _Cost | None = None


class _Envelope(msgspec.Struct):
    extensions: _Extensions | None = None
    errors: Any = None


_ENVELOPES = msgspec.json.Decoder(_Envelope)


def _envelope(response: requests.Response) -> _Envelope:
    try:
        return _ENVELOPES.decode(response.content)
    except msgspec.MsgspecError:
        # Not for us to judge: the session says what is wrong with a page that is not whole.
        return _Envelope()


def inspect(response: requests.Response) -> None:
    """Raise what an answer means.

    Raises:
        RetryError: throttled, or Shopify failed.
        CostlyError: the query is too large.
        CursorExpiredError: the cursor is not known any more.
        ConnectorError: refused, or answered by another API version than asked.
    """
    answered = response.headers.get("X-Shopify-API-Version", VERSION)
    if answered != VERSION:
        # A version past its end is not refused: an older or newer one answers in its place.
        raise ConnectorError(
            f"answered with API version {answered} instead of {VERSION}",
            status=response.status_code,
            remedy="upgrade the connector: its API version is no longer served.",
        )
    if b'"errors"' not in response.content:
        return
    envelope = _envelope(response)
    if not envelope.errors:
        return
    if response.status_code >= 400:
        text = envelope.errors if isinstance(envelope.errors, str) else says(response)
        _refused(response.status_code, text)
        return
    found = envelope.errors if isinstance(envelope.errors, list) else [envelope.errors]
    codes = {_code(error) for error in found}
    text = "; ".join(_message(error) for error in found)[:400]
    if "THROTTLED" in codes:
        # Without a time: points are what counts, and asking less often would be the wrong lesson.
        raise RetryError(f"is throttling: {text}", means=429)
    if codes & {"INTERNAL_SERVER_ERROR", "TIMEOUT"}:
        raise RetryError(f"answered 200 with an error of its own: {text}")
    if "invalid cursor" in text.lower():
        raise CursorExpiredError(f"answered 200: {text}", status=200)
    if "MAX_COST_EXCEEDED" in codes:
        raise CostlyError(f"answered 200: {text}", status=200)
    means = 403 if "ACCESS_DENIED" in codes else 400
    raise ConnectorError(
        f"answered 200 with errors: {text}", status=200, means=means, remedy=_remedy(codes)
    )


def pause(response: requests.Response) -> float:
    """Seconds until the same question may be asked again, by each of the streams at work."""
    return _until_affordable(_envelope(response), AT_ONCE)


def _until_affordable(envelope: _Envelope, times: int) -> float:
    cost = envelope.extensions and envelope.extensions.cost
    if not cost or not cost.throttleStatus or cost.throttleStatus.restoreRate <= 0:
        return 0.0
    status = cost.throttleStatus
    wanted = min(times * cost.requestedQueryCost, status.maximumAvailable)
    return max(0.0, (wanted - status.currentlyAvailable) / status.restoreRate)


def _refused(status: int, text: str) -> None:
    """Shopify's own words for some statuses are a plain text instead of a list."""
    remedies = {
        401: "renew SOURCES__SHOPIFY__ACCESS_TOKEN: it is wrong, or the app was uninstalled.",
        402: "the shop's bill is not paid: its owner has to.",
        403: "give the app the right to read this, or ask the shop's owner whether it is closed.",
        404: "check SOURCES__SHOPIFY__SHOP: it is the name before .myshopify.com.",
        423: "the shop is locked: ask Shopify.",
    }
    if status in remedies:
        raise ConnectorError(f"answered {status} {text}", status=status, remedy=remedies[status])


def _code(error: Any) -> str:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    return str(extensions.get("code", "")) if isinstance(extensions, dict) else ""


def _message(error: Any) -> str:
    return str(error.get("message", error)) if isinstance(error, dict) else str(error)


def _remedy(codes: set[str]) -> str:
    if "ACCESS_DENIED" in codes:
        return "give the app the access scope that the message names, and install it again."
    return "see Shopify's message and its change log."
