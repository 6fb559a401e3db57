"""Shopify: an online shop and its tills. Shop, locations, customers, products, orders, refunds.

GraphQL over HTTPS, one address for all. A page is `{"data": {"<connection>": {"nodes": [...],
"pageInfo": {...}}}, "extensions": {"cost": ...}}`; the next page is the same query with `after`
set to its `endCursor`. Errors come with status 200. Every key is `id`, a `gid://shopify/...`.

    shop             the shop itself                      → landing/shopify/shop
    locations        all, closed ones too                 → landing/shopify/locations
    customers        updated in the window                → landing/shopify/customers
    productVariants  all                                  → landing/shopify/products
    orders           updated in the window                → landing/shopify/orders
    nodes            refunds of orders updated in it      → landing/shopify/refunds
    events           what was deleted in the window       → landing/shopify/deletions

Windows of more than `BULK_AFTER_DAYS` are read by a bulk operation (bulk.py): the same rows, in the
same form. Rows inside a row that do not fit its page are fetched and put into it before it lands.
What an order's journey says comes hours after the order, without a new `updatedAt`; hence windows
look back four days.

Alone: `python -m connectors.shopify --from 2026-02-01 --to 2026-02-02 --stream orders`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain
from typing import Any

import msgspec
from dlt.sources.helpers.rest_client.auth import APIKeyAuth
from dlt.sources.helpers.rest_client.paginators import (
    BasePaginator,
    JSONResponseCursorPaginator,
    SinglePagePaginator,
)

from connectors.client import Client, http_client
from connectors.settings import SettingError, VendorSettings
from connectors.shopify import queries
from connectors.shopify.answers import AT_ONCE, VERSION, CostlyError, inspect, pause
from connectors.shopify.bulk import PATH, bulk_pages
from connectors.shopify.queries import Question
from connectors.stream import ApiVersion, ConnectorError, Pages, Stream, Vendor, Window

log = logging.getLogger(__name__)

BULK_AFTER_DAYS = 7
# Shopify shows no more of one search than this, and says nothing of the rest.
MOST_ROWS = 25_000
WHOLE_DAY = timedelta(days=1)
DELETIONS_AT_ONCE = timedelta(days=30)
ALWAYS_SHOWN = timedelta(days=60)
REFUNDS_PER_PAGE = 5
NEEDED = ("read_orders", "read_customers", "read_products", "read_locations")


def connect(settings: VendorSettings) -> Client:
    """A client that knows Shopify's token, errors and costs."""
    host = f"https://{settings.get('shop', 'shop').removesuffix('.myshopify.com')}.myshopify.com"
    root = settings.get("base_url", host).rstrip("/")
    client = http_client(
        settings,
        base_url=host,
        auth=APIKeyAuth(name="X-Shopify-Access-Token", api_key=settings["access_token"]),
        paginator=SinglePagePaginator(),
        inspect=inspect,
        pause=pause,
    )
    assert client.rest is not None
    client.rest.base_url = f"{root}/admin/api/{VERSION}"
    return client


def shop(client: Client, window: Window) -> Pages:
    """The shop: its currency and time zone."""
    return client.pages(PATH, rows=None, method="POST", body={"query": queries.SHOP})


def locations(client: Client, window: Window) -> Pages:
    """Every location, closed ones too."""
    return _paged(client, queries.LOCATIONS, 50)


def customers(client: Client, window: Window) -> Pages:
    """Customers updated in the window.

    Shopify's page says that this search matches whole days, in a time zone it does not name: the
    day before is read as well.
    """
    return _changed(client, queries.CUSTOMERS, Window(window.start - WHOLE_DAY, window.end), 100)


def products(client: Client, window: Window) -> Pages:
    """Every variant with the product it belongs to."""
    if _is_long(client.settings, window):
        return bulk_pages(client, queries.PRODUCTS, None)
    return _paged(client, queries.PRODUCTS, 250)


def orders(client: Client, window: Window) -> Pages:
    """Orders updated in the window, each with all of its lines."""
    _check_reach(client, window)
    pages = _changed(client, queries.ORDERS, window, 5)
    yield from _completed(client, pages, "orders", "lineItems", queries.REST_OF_ORDER)


def refunds(client: Client, window: Window) -> Pages:
    """Every refund of the orders updated in the window, each with all of its lines."""
    _check_reach(client, window)
    found = list(dict.fromkeys(_refund_ids(client, window)))
    for first in range(0, len(found), REFUNDS_PER_PAGE):
        pages = _refunds_by_id(client, found[first : first + REFUNDS_PER_PAGE])
        yield from _completed(client, pages, None, "refundLineItems", queries.REST_OF_REFUND)


def deletions(client: Client, window: Window) -> Pages:
    """What was deleted in the window; the rows themselves are gone from every list.

    Shopify tells of products, their variants and collections, for a year. Orders and customers are
    not told of: an order cannot be deleted once it is paid, a customer only after a request.
    """
    for part in window.split(DELETIONS_AT_ONCE):
        search = f"action:destroy {queries.changed(part, 'created_at')}"
        yield from _paged(client, queries.DELETIONS, 100, search)


def probe(client: Client) -> Pages:
    """Ask what the app may read, and say what it may not."""
    for page in client.pages(PATH, rows=None, method="POST", body={"query": queries.SCOPES}):
        scopes = _scopes(page.body)
        if missing := [scope for scope in NEEDED if scope not in scopes]:
            raise _lacking(missing)
        yield page


def _changed(client: Client, question: Question, window: Window, first: int) -> Pages:
    """Rows that changed in the window, by a bulk operation where it is long."""
    seen = window.with_late_updates()
    if _is_long(client.settings, window):
        yield from bulk_pages(client, question, queries.changed(seen))
        return
    for part in seen.split(WHOLE_DAY):
        yield from _paged(client, question, first, queries.changed(part))


def _is_long(settings: VendorSettings, window: Window) -> bool:
    text = settings.get("bulk_after_days", str(BULK_AFTER_DAYS))
    if not text.isdigit():
        raise SettingError(
            f"SOURCES__SHOPIFY__BULK_AFTER_DAYS is {text!r}: write a whole number of days."
        )
    return window.end - window.start > timedelta(days=int(text))


def _paged(client: Client, question: Question, first: int, search: str | None = None) -> Pages:
    """Pages of a question."""
    variables = {"query": search} if search else {}
    return _counted(_asked(client, question.page(), variables, f"data.{question.name}", first))


def _asked(client: Client, query: str, variables: dict[str, Any], place: str, first: int) -> Pages:
    """Pages of a connection, with fewer rows each where so many cost more than one query may."""
    while True:
        sized = {"first": first, "after": None} | variables
        pages = client.pages(
            PATH,
            rows=f"{place}.nodes",
            method="POST",
            body={"query": query, "variables": sized},
            paginator=_by_cursor(place),
        )
        try:
            start = next(pages)
        except CostlyError:
            if first == 1:
                raise
            first = max(1, first // 2)
            continue
        yield from chain([start], pages)
        return


def _by_cursor(place: str) -> BasePaginator:
    return JSONResponseCursorPaginator(
        f"{place}.pageInfo.endCursor",
        cursor_body_path="variables.after",
        has_more_path=f"{place}.pageInfo.hasNextPage",
    )


def _counted(pages: Pages) -> Pages:
    count = 0
    for page in pages:
        count += page.rows
        if count >= MOST_ROWS:
            raise ConnectorError(
                f"has {MOST_ROWS:,} rows or more in one list, and would not show the others",
                remedy="set SOURCES__SHOPIFY__BULK_AFTER_DAYS=0, so that bulk operations are used.",
            )
        yield page


def _completed(client: Client, pages: Pages, root: str | None, nested: str, query: str) -> Pages:
    """Pages whose rows hold all of their nested rows, also those beyond the first page of them."""
    for page in pages:
        content = msgspec.json.decode(page.body or b"{}")
        rows = content["data"][root]["nodes"] if root else content["data"]["nodes"]
        unfinished = [row for row in rows if _has_more(row, nested)]
        for row in unfinished:
            row[nested]["nodes"] += _rest(client, row["id"], row[nested], nested, query)
            row[nested]["pageInfo"] = {"hasNextPage": False, "endCursor": None}
        yield replace(page, body=msgspec.json.encode(content)) if unfinished else page


def _has_more(row: Any, nested: str) -> bool:
    # What a bulk operation brought is whole, and has no page to tell of.
    return bool(row and row[nested].get("pageInfo", {}).get("hasNextPage"))


def _rest(client: Client, name: str, held: Any, nested: str, query: str) -> list[Any]:
    variables = {"id": name, "after": held["pageInfo"]["endCursor"]}
    found: list[Any] = []
    for page in _asked(client, query, variables, f"data.node.{nested}", 50):
        found += msgspec.json.decode(page.body or b"{}")["data"]["node"][nested]["nodes"]
    return found


def _refunds_by_id(client: Client, ids: list[str]) -> Pages:
    """Refunds in one page, or in more where they cost more than one query may."""
    body = {"query": queries.REFUNDS, "variables": {"ids": ids}}
    try:
        yield from client.pages(PATH, rows="data.nodes", method="POST", body=body)
    except CostlyError:
        if len(ids) == 1:
            raise
        half = len(ids) // 2
        yield from _refunds_by_id(client, ids[:half])
        yield from _refunds_by_id(client, ids[half:])


def _refund_ids(client: Client, window: Window) -> Iterator[str]:
    for page in _changed(client, queries.REFUND_IDS, window, 250):
        for order in msgspec.json.decode(page.body or b"{}")["data"]["orders"]["nodes"]:
            yield from (refund["id"] for refund in order["refunds"])


def _check_reach(client: Client, window: Window) -> None:
    """Without a scope of its own an app sees orders of the last 60 days, and no error.

    Raises:
        ConnectorError: the window begins earlier, and the app has not got it.
    """
    page = next(client.pages(PATH, rows=None, method="POST", body={"query": queries.SCOPES}))
    if "read_all_orders" in _scopes(page.body):
        return
    if window.start < page.pulled_at - ALWAYS_SHOWN:
        raise _lacking(["read_all_orders"])
    log.warning(
        "shopify: without the scope read_all_orders nothing is shown of orders made more than"
        " 60 days ago, nor of their refunds"
    )


def _scopes(body: bytes | None) -> set[str]:
    granted = msgspec.json.decode(body or b"{}")["data"]["currentAppInstallation"]["accessScopes"]
    return {scope["handle"] for scope in granted}


def _lacking(scopes: list[str]) -> ConnectorError:
    remedy = f"give the app {', '.join(scopes)}, and install it again"
    if "read_all_orders" in scopes:
        remedy += " (Shopify grants it on request), or load no earlier than 60 days ago"
    text = f"the app lacks the scope {', '.join(scopes)}"
    return ConnectorError(text, means=403, remedy=f"{remedy}.")


VENDOR = Vendor(
    name="shopify",
    streams=(
        Stream("shop", shop),
        Stream("locations", locations),
        Stream("customers", customers, lookback_days=2),
        Stream("products", products),
        Stream("orders", orders, lookback_days=4),
        Stream("refunds", refunds, lookback_days=4),
        Stream("deletions", deletions, lookback_days=2),
    ),
    connect=connect,
    required=("shop", "access_token"),
    secrets=("access_token",),
    version=ApiVersion(VERSION, date(2027, 10, 1), "https://shopify.dev/docs/api/usage/versioning"),
    probe=probe,
    concurrency=AT_ONCE,
)
