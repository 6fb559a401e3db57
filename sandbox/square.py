"""Square as Throughline reads it: locations, customers, catalog, orders, payments, refunds.

Belongs here: the endpoints and their pages. Does not belong here: what a row says
(square_rows.py, square_sales.py), how a request is checked (square_checks.py), and what was bought
(the truth tables).

As at Square: a cursor must come with the same request; SearchOrders wants its sort_field to be
the filtered timestamp and includes both ends of its range; ListPayments without a location
answers for the main one, and without a begin for the last year; deleted catalog objects show only
when asked for. Unlike Square: ranges of any timestamp but updated_at are refused (501), and
customers come in the order of their last change instead of by name or creation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from sandbox import tokens
from sandbox.square_catalog import search_objects
from sandbox.square_checks import (
    TICK,
    VERSION,
    body_of,
    error,
    in_order,
    member,
    moment,
    not_served,
    one_of,
    only,
    page_limit,
    problem,
    refuse,
    time_range,
    whole_number,
)
from sandbox.square_rows import CATALOG, CUSTOMERS, JOINING, LOCATIONS
from sandbox.square_sales import ORDERS, PAYMENTS, REFUNDS
from sandbox.strict import answering, fingerprint, issue_cursor, read_cursor
from sandbox.wire import Limit, Request, Response, Route
from sandbox.world import World

__all__ = ["authorize", "environment", "problem", "render", "routes"]

YEAR = timedelta(days=365)
SCOPES = {"MERCHANT_PROFILE_READ", "CUSTOMERS_READ", "ITEMS_READ", "ORDERS_READ"}
SCOPES |= {"PAYMENTS_READ", "INVENTORY_READ"}

_SERVED = {"location_id", "limit", "cursor", "sort_order", "sort_field"}
_SERVED |= {"updated_at_begin_time", "updated_at_end_time"}
_PAYMENTS = _SERVED | {"begin_time", "end_time", "total", "last_4", "card_brand"}
_PAYMENTS |= {"is_offline_payment", "offline_begin_time", "offline_end_time"}
_REFUNDS = _SERVED | {"begin_time", "end_time", "status", "source_type"}
_ORDERS = {"location_ids", "cursor", "query", "limit", "return_entries"}
_ORDER_FILTERS = {"state_filter", "date_time_filter", "fulfillment_filter", "source_filter"}
_ORDER_FILTERS |= {"customer_filter"}
_ORDER_TIMES = {"created_at", "updated_at", "closed_at"}
_CUSTOMERS = {"cursor", "limit", "query", "count"}
_CUSTOMER_FILTERS = {"creation_source", "created_at", "updated_at", "email_address"}
_CUSTOMER_FILTERS |= {"phone_number", "reference_id", "group_ids", "custom_attribute"}
_CUSTOMER_FILTERS |= {"segment_ids"}


@dataclass(frozen=True)
class _Question:
    """Which rows of a stream are asked for; `end` is exclusive."""

    stream: str
    limit: int
    start: datetime | None
    end: datetime | None
    places: Sequence[str] | None
    descending: bool


def render(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write what Square would know of the truth."""
    con.execute(JOINING, {"end": world.end.replace(tzinfo=None)})
    world.write_rows(con, "square", "locations", LOCATIONS)
    world.write_rows(con, "square", "customers", CUSTOMERS)
    world.write_rows(con, "square", "catalog", CATALOG)
    world.write_rows(con, "square", "orders", ORDERS, daily=True)
    world.write_rows(con, "square", "payments", PAYMENTS, daily=True)
    world.write_rows(con, "square", "refunds", REFUNDS, daily=True)
    con.execute("drop table square_joining")


def environment(base_url: str) -> dict[str, str]:
    """Return the settings with which a connector finds this sandbox."""
    return {
        "SOURCES__SQUARE__BASE_URL": base_url,
        "SOURCES__SQUARE__ACCESS_TOKEN": "sandbox-access-token",
    }


def routes() -> list[Route]:
    """Return the endpoints."""
    few = Limit(50, 2000)
    return [
        Route("GET", "/v2/locations", answering(_locations), "locations", "locations", few),
        Route("POST", "/v2/customers/search", answering(_customers), "customers", "customers"),
        Route("POST", "/v2/catalog/search", answering(search_objects), "catalog", "objects", few),
        Route("POST", "/v2/orders/search", answering(_orders), "orders", "orders"),
        Route("GET", "/v2/payments", answering(_payments), "payments", "payments"),
        Route("GET", "/v2/refunds", answering(_refunds), "refunds", "refunds"),
        Route("POST", "/oauth2/token/status", _token_status, "token_status", None, few),
    ]


def _token_status(request: Request, world: World, now: datetime) -> Response:
    token = request.headers["authorization"].partition(" ")[2]
    expires_at = tokens.expiry_of(token)
    facts = {
        "scopes": sorted(SCOPES - tokens.lacking(token)),
        "expires_at": expires_at.strftime("%Y-%m-%dT%H:%M:%SZ") if expires_at else "",
        "client_id": "sq0idp-sandbox",
        "merchant_id": "MLSANDBOX00001",
    }
    return Response.of(facts)


def authorize(request: Request) -> Response | None:
    """Return Square's refusal unless a bearer token is there and right."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or token in {"", "wrong"}:
        return problem("unauthorized", "")
    version = request.headers.get("square-version", VERSION)
    try:
        datetime.strptime(version, "%Y-%m-%d")
    except ValueError:
        return error(
            400, "INVALID_SQUARE_VERSION_FORMAT", f"Square-Version {version} is not YYYY-MM-DD."
        )
    return None


def _locations(request: Request, world: World, now: datetime) -> Response:
    only(request.query, set(), "UNKNOWN_QUERY_PARAMETER")
    page = world.stream("square", "locations").page(now, limit=10_000)
    return Response.of_rows("locations", page)


def _orders(request: Request, world: World, now: datetime) -> Response:
    body = body_of(request, _ORDERS)
    places = body.get("location_ids")
    if not isinstance(places, list) or not places:
        refuse("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "location_ids")
    if len(places) > 10:
        refuse("ARRAY_LENGTH_TOO_LONG", "At most 10 location IDs are allowed.", "location_ids")
    _check_places(places, world, now)
    query = member(body, "query", {"filter", "sort"})
    filters = member(query, "filter", _ORDER_FILTERS, "query")
    ranges = member(filters, "date_time_filter", _ORDER_TIMES, "query.filter")
    sort = member(query, "sort", {"sort_field", "sort_order"}, "query")
    field = sort.get("sort_field", "CREATED_AT")
    order = sort.get("sort_order", "DESC")
    one_of(field, ("CREATED_AT", "UPDATED_AT", "CLOSED_AT"), "query.sort.sort_field")
    one_of(order, ("ASC", "DESC"), "query.sort.sort_order")
    if len(ranges) > 1:
        refuse("BAD_REQUEST", "Only one time range may be filtered for at a time.")
    for name in ranges:
        if name.upper() != field:
            refuse(
                "BAD_REQUEST",
                f"sort_field {field} must match the time filter, which is {name.upper()}.",
                "query.sort.sort_field",
            )
    not_served(field != "UPDATED_AT", "sort or filter orders by anything but UPDATED_AT")
    not_served(bool(set(filters) - {"date_time_filter"}), "filter orders by anything but time")
    not_served(bool(body.get("return_entries")), "return entries")
    start, end = time_range(ranges.get("updated_at"), "query.filter.date_time_filter.updated_at")
    limit = page_limit(body.get("limit", 500), 1000)
    question = _Question("orders", limit, start, end, places, order == "DESC")
    return _page(question, body, world, now)


def _customers(request: Request, world: World, now: datetime) -> Response:
    body = body_of(request, _CUSTOMERS)
    query = member(body, "query", {"filter", "sort"})
    filters = member(query, "filter", _CUSTOMER_FILTERS, "query")
    sort = member(query, "sort", {"field", "order"}, "query")
    order = sort.get("order", "ASC")
    one_of(sort.get("field", "DEFAULT"), ("DEFAULT", "CREATED_AT"), "query.sort.field")
    one_of(order, ("ASC", "DESC"), "query.sort.order")
    not_served(bool(set(filters) - {"updated_at"}), "filter customers by anything but updated_at")
    not_served(bool(body.get("count")), "count")
    start, end = time_range(filters.get("updated_at"), "query.filter.updated_at")
    limit = page_limit(body.get("limit", 100), 100)
    question = _Question("customers", limit, start, end, None, order == "DESC")
    return _page(question, body, world, now)


def _payments(request: Request, world: World, now: datetime) -> Response:
    sort_fields = ("CREATED_AT", "OFFLINE_CREATED_AT", "UPDATED_AT")
    query = _list_query(request, _PAYMENTS, sort_fields)
    place = query.get("location_id") or _places(world, now)[0]
    return _listed("payments", query, world, now, [place])


def _refunds(request: Request, world: World, now: datetime) -> Response:
    query = _list_query(request, _REFUNDS, ("CREATED_AT", "UPDATED_AT"))
    place = query.get("location_id")
    return _listed("refunds", query, world, now, [place] if place else None)


def _list_query(request: Request, known: set[str], sort_fields: Sequence[str]) -> dict[str, str]:
    only(request.query, known, "UNKNOWN_QUERY_PARAMETER")
    query = {name: values[-1] for name, values in request.query.items()}
    one_of(query.get("sort_field", "CREATED_AT"), sort_fields, "sort_field")
    one_of(query.get("sort_order", "DESC"), ("ASC", "DESC"), "sort_order")
    return query


def _listed(
    stream: str,
    query: Mapping[str, str],
    world: World,
    now: datetime,
    places: Sequence[str] | None,
) -> Response:
    """Answer ListPayments or ListPaymentRefunds."""
    _check_places(places or [], world, now)
    not_served(query.get("sort_field") != "UPDATED_AT", "list by anything but UPDATED_AT")
    not_served(bool(set(query) - _SERVED), "filter by anything but location and time of change")
    start = moment(query.get("updated_at_begin_time"), "updated_at_begin_time") or now - YEAR
    end = moment(query.get("updated_at_end_time"), "updated_at_end_time") or now
    in_order(start, end, "updated_at_begin_time")
    limit = whole_number(query.get("limit", "100"), "limit")
    if limit < 1:
        refuse("VALUE_TOO_LOW", "Field must be greater than or equal to 1.", "limit")
    # More than 100 is no error here: Square then sends 100.
    descending = query.get("sort_order", "DESC") == "DESC"
    question = _Question(stream, min(limit, 100), start, end + TICK, places, descending)
    return _page(question, query, world, now)


def _page(
    question: _Question, asked: Mapping[str, object], world: World, now: datetime
) -> Response:
    """Answer with one page, and a cursor for the same request while there is more."""
    same = fingerprint(question.stream, {name: asked[name] for name in asked if name != "cursor"})
    cursor = asked.get("cursor")
    page = world.stream("square", question.stream).page(
        now,
        question.limit,
        question.start,
        question.end,
        read_cursor(str(cursor), same, now) if cursor else None,
        question.places,
        question.descending,
    )
    if page.count == 0:
        # Square leaves an empty list out.
        return Response.of({})
    rest = {} if page.position is None else {"cursor": issue_cursor(same, now, page.position)}
    return Response.of_rows(question.stream, page, **rest)


def _places(world: World, now: datetime) -> list[str]:
    """Return the ids of the locations, the main one first."""
    return [place["id"] for place in world.stream("square", "locations").all(now)]


def _check_places(places: Sequence[object], world: World, now: datetime) -> None:
    known = _places(world, now)
    for place in places:
        if place not in known:
            refuse("NOT_FOUND", f"Location `{place}` was not found.", "location_id", 404)
