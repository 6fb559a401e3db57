"""Klaviyo: profiles, campaigns, metrics and events (sends, opens, clicks) of e-mail marketing.

JSON:API over HTTPS. A page is `{"data": [...], "links": {"next": <url or null>}}`; the next page is
that URL as it is, the filter and the cursor inside. Every key is `id`, an opaque text.

    GET /api/profiles   updated in the window      → landing/klaviyo/profiles
    GET /api/campaigns  updated in the window      → landing/klaviyo/campaigns
    GET /api/metrics    all, each night            → landing/klaviyo/metrics
    GET /api/events     happened in the window     → landing/klaviyo/events

Profiles can be filtered by "greater than", not by "or equal": the window is asked for from one
second earlier, and base keeps a row once. Profiles and campaigns are asked for until a day after
the window's end, so that one which changed again before the pull is not missed. Events arrive late
(a phone opens a mail offline), so a night looks back three days.

Alone: `python -m connectors.klaviyo --from 2026-02-01 --to 2026-02-02 --stream events`.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice
from typing import Any

import requests
from dlt.sources.helpers.rest_client.auth import APIKeyAuth
from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator

from connectors.client import (
    Client,
    errors_of,
    header_number,
    http_client,
    refuse_by_code,
    says,
)
from connectors.settings import VendorSettings
from connectors.stream import ApiVersion, CursorExpiredError, Pages, Stream, Vendor, Window, utc

# A revision is answered for two years, and with 410 afterwards.
API = ApiVersion(
    "2026-07-15",
    date(2028, 7, 15),
    "https://developers.klaviyo.com/en/docs/api_versioning_and_deprecation_policy",
)
REVISION = API.name
MEANINGS = {
    "permission_denied": (
        403,
        "make a private key that may read what the message names, and put it into"
        " SOURCES__KLAVIYO__API_KEY.",
    ),
    "account_disabled": (403, "Klaviyo has closed this account: ask its support."),
}


def connect(settings: VendorSettings) -> Client:
    """A client that knows Klaviyo's key, revision, paging, limits and errors."""
    return http_client(
        settings,
        base_url="https://a.klaviyo.com",
        auth=APIKeyAuth("Authorization", f"Klaviyo-API-Key {settings['api_key']}"),
        headers={"revision": REVISION, "accept": "application/vnd.api+json"},
        paginator=JSONLinkPaginator("links.next"),
        inspect=inspect,
        pause=pause,
    )


def inspect(response: requests.Response) -> None:
    """Tell an expired cursor from other refusals, and those by their code.

    Raises:
        CursorExpiredError: the cursor of the page is not known any more.
        ConnectorError: the key may not read this, or the account is closed.
    """
    if response.status_code == 400:
        for error in errors_of(response):
            if (error.get("source") or {}).get("parameter") == "page[cursor]":
                raise CursorExpiredError(says(response), status=400)
    refuse_by_code(response, MEANINGS)


def pause(response: requests.Response) -> float:
    """Seconds until the current limit window ends, once nothing of it is left."""
    if header_number(response, "RateLimit-Remaining", 1) > 0:
        return 0.0
    return header_number(response, "RateLimit-Reset", 1)


def profiles(client: Client, window: Window) -> Pages:
    """Profiles updated in the window, with their consents."""
    since, until = window.start - timedelta(seconds=1), window.with_late_updates().end
    params = {
        "filter": f"and(greater-than(updated,{utc(since)}),less-than(updated,{utc(until)}))",
        "sort": "updated",
        "page[size]": 100,
        "additional-fields[profile]": "subscriptions",
    }
    return client.pages("/api/profiles", rows="data", params=params)


def campaigns(client: Client, window: Window) -> Pages:
    """E-mail campaigns updated in the window, with their messages."""
    updated = _between("updated_at", window.with_late_updates())
    params = {
        "filter": f"and(equals(messages.channel,'email'),{updated})",
        "sort": "updated_at",
        "include": "campaign-messages",
    }
    return client.pages("/api/campaigns", rows="data", params=params)


def metrics(client: Client, window: Window) -> Pages:
    """What kinds of events there are; few, so all of them."""
    return client.pages("/api/metrics", rows="data")


def events(client: Client, window: Window) -> Pages:
    """Events that happened in the window."""
    params: dict[str, Any] = {
        "filter": f"and({_between('datetime', window)})",
        "sort": "datetime",
        "page[size]": 1000,
    }
    return client.pages("/api/events", rows="data", params=params)


def _between(field: str, window: Window) -> str:
    start, end = utc(window.start), utc(window.end)
    return f"greater-or-equal({field},{start}),less-than({field},{end})"


def probe(client: Client) -> Pages:
    """A page of each endpoint: a key has a scope of its own for each."""
    first = {"page[size]": 1}
    e_mails = {"filter": "equals(messages.channel,'email')"}
    for path, params in (
        ("/api/metrics", {}),
        ("/api/profiles", first),
        ("/api/campaigns", e_mails),
        ("/api/events", first),
    ):
        yield from islice(client.pages(path, rows="data", params=params), 1)


VENDOR = Vendor(
    name="klaviyo",
    streams=(
        Stream("profiles", profiles, lookback_days=2),
        Stream("campaigns", campaigns, lookback_days=30),
        Stream("metrics", metrics),
        Stream("events", events, lookback_days=3),
    ),
    connect=connect,
    required=("api_key",),
    secrets=("api_key",),
    version=API,
    probe=probe,
    # Each endpoint has a limit of its own.
    concurrency=4,
)
