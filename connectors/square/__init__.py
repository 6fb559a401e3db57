"""Square: the till and the online store. Locations, customers, catalog, orders, payments, refunds.

JSON over HTTPS. A page is `{"<rows>": [...], "cursor": <text>}`; the next page is the same request
with that cursor, and the last page has none. An empty page leaves its rows out. Every key is `id`.

    GET  /v2/locations         all, each night                       → landing/square/locations
    POST /v2/customers/search  updated in the window                 → landing/square/customers
    POST /v2/catalog/search    items and categories, deleted ones too → landing/square/catalog
    POST /v2/orders/search     updated in the window, 10 locations   → landing/square/orders
    GET  /v2/payments          updated in the window, per location   → landing/square/payments
    GET  /v2/refunds           updated in the window                 → landing/square/refunds

A till that was offline sends its orders up to 72 hours late with their old `created_at`, hence
windows are over `updated_at`, and look back four days. They are asked for until a day after their
end, so that a row which changed again before the pull is not missed; orders of the running day come
with that. Payments are asked for location by location, for without one Square answers for the main
location only. Square's time ranges include their end: a row that changed on the very bound comes in
both windows, and base keeps it once.

Alone: `python -m connectors.square --from 2026-02-01 --to 2026-02-02 --stream orders`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import requests
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from connectors.client import (
    REMEDIES,
    Client,
    errors_of,
    http_client,
    refuse_by_code,
    says,
)
from connectors.settings import VendorSettings
from connectors.stream import (
    ApiVersion,
    Credential,
    CursorExpiredError,
    Pages,
    Stream,
    Vendor,
    Window,
    utc,
)

# Square dates its versions and keeps old ones for years; fields go with a year's notice.
API = ApiVersion(
    "2026-01-22", None, "https://developer.squareup.com/docs/build-basics/versioning-overview"
)
VERSION = API.name
_TOKEN = "renew this vendor's credential: a new SOURCES__SQUARE__ACCESS_TOKEN is needed."
MEANINGS = {
    "ACCESS_TOKEN_EXPIRED": (401, _TOKEN),
    "ACCESS_TOKEN_REVOKED": (401, _TOKEN),
    "INSUFFICIENT_SCOPES": (
        403,
        "give the token the rights that connectors/square/README.md names, and authorise it again.",
    ),
    "APPLICATION_DISABLED": (403, "Square has switched the application off: ask its support."),
    "CLIENT_DISABLED": (403, "Square has switched the application off: ask its support."),
    "INVALID_SQUARE_VERSION_FORMAT": (410, REMEDIES[410]),
}
# Where Square's own default span ends: a longer window is asked for in pieces.
LONGEST = timedelta(days=365)
LOCATIONS_PER_SEARCH = 10


def connect(settings: VendorSettings) -> Client:
    """A client that knows Square's token, version and errors."""
    return http_client(
        settings,
        base_url="https://connect.squareup.com",
        auth=BearerTokenAuth(settings["access_token"]),
        headers={"Square-Version": VERSION},
        paginator=JSONResponseCursorPaginator("cursor", cursor_param="cursor"),
        inspect=inspect,
    )


def inspect(response: requests.Response) -> None:
    """Tell an expired cursor from other refusals, and those by their code.

    Raises:
        CursorExpiredError: the cursor is not known any more.
        ConnectorError: the token ended or lacks a right, or the application is switched off.
    """
    if response.status_code == 400:
        for error in errors_of(response):
            if error.get("code") == "INVALID_CURSOR" or error.get("field") == "cursor":
                raise CursorExpiredError(says(response), status=400)
    refuse_by_code(response, MEANINGS)


def locations(client: Client, window: Window) -> Pages:
    """Every location, closed ones too."""
    return _get(client, "locations", {})


def customers(client: Client, window: Window) -> Pages:
    """Customers updated in the window."""
    query = {"filter": {"updated_at": _range(window)}, "sort": {"field": "CREATED_AT"}}
    return _search(client, "customers", "customers", {"query": query, "limit": 100})


def catalog(client: Client, window: Window) -> Pages:
    """Every item with its variations, and the categories they belong to."""
    body = {"object_types": ["ITEM", "CATEGORY"], "include_deleted_objects": True, "limit": 100}
    return _search(client, "catalog", "objects", body)


def orders(client: Client, window: Window) -> Pages:
    """Sales and returns updated in the window."""
    places = _location_ids(client, window)
    for first in range(0, len(places), LOCATIONS_PER_SEARCH):
        query = {
            "filter": {"date_time_filter": {"updated_at": _range(window)}},
            # Square refuses a filter by one time and a sort by another.
            "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
        }
        some = places[first : first + LOCATIONS_PER_SEARCH]
        body = {"location_ids": some, "query": query, "limit": 500}
        yield from _search(client, "orders", "orders", body)


def payments(client: Client, window: Window) -> Pages:
    """Payments updated in the window."""
    for place in _location_ids(client, window):
        for part in window.with_late_updates().split(LONGEST):
            yield from _get(client, "payments", _updated(part) | {"location_id": place})


def refunds(client: Client, window: Window) -> Pages:
    """Refunds updated in the window; without a location Square answers for all of them."""
    for part in window.with_late_updates().split(LONGEST):
        yield from _get(client, "refunds", _updated(part))


def _location_ids(client: Client, window: Window) -> list[str]:
    pages = (msgspec.json.decode(page.body or b"{}") for page in locations(client, window))
    return [place["id"] for page in pages for place in page.get("locations", [])]


def _range(window: Window) -> dict[str, str]:
    window = window.with_late_updates()
    return {"start_at": utc(window.start), "end_at": utc(window.end)}


def _updated(window: Window) -> dict[str, Any]:
    return {
        "updated_at_begin_time": utc(window.start),
        "updated_at_end_time": utc(window.end),
        "sort_field": "UPDATED_AT",
        "sort_order": "ASC",
        "limit": 100,
    }


def _get(client: Client, rows: str, params: dict[str, Any]) -> Pages:
    return client.pages(f"/v2/{rows}", rows=rows, params=params, rows_required=False)


def _search(client: Client, what: str, rows: str, body: dict[str, Any]) -> Pages:
    return client.pages(
        f"/v2/{what}/search",
        rows=rows,
        method="POST",
        body=body,
        paginator=JSONResponseCursorPaginator("cursor", cursor_body_path="cursor"),
        rows_required=False,
    )


def probe(client: Client) -> Pages:
    """The locations, which are few."""
    return _get(client, "locations", {})


def credential(client: Client) -> Credential:
    """What Square says about the token; it has no end where the text is empty."""
    (page,) = client.pages("/oauth2/token/status", rows=None, method="POST")
    facts = msgspec.json.decode(page.body or b"{}")
    ends = facts.get("expires_at")
    return Credential(
        expires_at=datetime.fromisoformat(ends) if ends else None,
        scopes=frozenset(facts["scopes"]) if facts.get("scopes") else None,
    )


VENDOR = Vendor(
    name="square",
    streams=(
        Stream("locations", locations),
        Stream("customers", customers, lookback_days=2, cadence="hourly"),
        Stream("catalog", catalog),
        Stream("orders", orders, lookback_days=4, cadence="hourly"),
        Stream("payments", payments, lookback_days=4, cadence="hourly"),
        Stream("refunds", refunds, lookback_days=4, cadence="hourly"),
    ),
    connect=connect,
    required=("access_token",),
    secrets=("access_token",),
    version=API,
    probe=probe,
    credential=credential,
    scopes=(
        "MERCHANT_PROFILE_READ",
        "CUSTOMERS_READ",
        "ITEMS_READ",
        "ORDERS_READ",
        "PAYMENTS_READ",
    ),
    concurrency=3,
)
