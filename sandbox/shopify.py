"""Shopify as Throughline reads it: one address that answers GraphQL, and the files of bulk results.

Belongs here: the roots of a query and their searches, bulk operations, errors and costs. Does not
belong here: how fields are chosen (shopify_graphql.py), what rows say (shopify_rows.py,
shopify_sales.py), and what was bought (the truth tables).

As at Shopify: errors come with status 200; a query of more than 1,000 points is refused, and one
for which the bucket has not enough is throttled; an app without read_all_orders sees the orders of
60 days and is told of none beyond; a search over customers goes by whole days of the shop; the file
of a bulk operation needs no credential. Unlike Shopify: a search over anything but times is
refused, where Shopify passes over what it does not know.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import duckdb
from graphql import FieldNode

from sandbox.shopify_bulk import Bulk, Running
from sandbox.shopify_cost import BUCKET, MOST, cost_extension
from sandbox.shopify_graphql import (
    Operation,
    QueryError,
    Row,
    chosen,
    connection,
    cost_of,
    key_of,
    kind_of,
    page_size,
    read_operation,
    refuse_field,
)
from sandbox.shopify_rows import CUSTOMERS, DELETIONS, LOCATIONS, SHOP, VARIANTS
from sandbox.shopify_sales import ORDERS, REFUNDS
from sandbox.strict import fingerprint, issue_cursor, read_cursor
from sandbox.wire import Request, Response, Route
from sandbox.world import World

VERSION = "2026-10"
ZONE = ZoneInfo("America/Chicago")
SCOPES = ("read_all_orders", "read_customers", "read_locations", "read_orders", "read_products")
RECENT = timedelta(days=60)
# Connection → its stream, the scope it takes, the times it is searched by, its arguments.
ROOTS: dict[str, tuple[str, str, set[str], set[str]]] = {
    "locations": ("locations", "read_locations", set(), {"includeInactive", "includeLegacy"}),
    "customers": ("customers", "read_customers", {"updated_at"}, {"query"}),
    "productVariants": ("products", "read_products", set(), set()),
    "orders": ("orders", "read_orders", {"updated_at"}, {"query"}),
    "events": ("deletions", "read_products", {"created_at"}, {"query"}),
}
SORTS = {"customers": "UPDATED_AT", "orders": "UPDATED_AT", "events": "CREATED_AT"}
BULK = Bulk()


def render(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write what Shopify would know of the truth."""
    world.write_rows(con, "shopify", "locations", LOCATIONS)
    world.write_rows(con, "shopify", "customers", CUSTOMERS)
    world.write_rows(con, "shopify", "products", VARIANTS)
    world.write_rows(con, "shopify", "deletions", DELETIONS)
    world.write_rows(con, "shopify", "orders", ORDERS, daily=True)
    world.write_rows(con, "shopify", "refunds", REFUNDS, daily=True)


def environment(base_url: str) -> dict[str, str]:
    """Return the settings with which a connector finds this sandbox."""
    return {
        "SOURCES__SHOPIFY__BASE_URL": base_url,
        "SOURCES__SHOPIFY__SHOP": "throughline-outlet",
        "SOURCES__SHOPIFY__ACCESS_TOKEN": "shpat_of-the-sandbox",
    }


def routes() -> list[Route]:
    """Return the endpoints."""
    path = rf"/admin/api/{VERSION}/graphql\.json"
    return [
        Route("POST", path, _graphql, _stream_of, _rows_at),
        Route("GET", r"/bulk-results/(?P<operation>\d+)\.jsonl", _result, lambda _: None),
    ]


def authorize(request: Request) -> Response | None:
    """Return Shopify's refusal unless a token is there and right; results take none."""
    token = request.headers.get("x-shopify-access-token", "")
    if request.path.startswith("/bulk-results/"):
        # Nobody but Shopify is to see the token, and results lie with somebody else.
        return Response.of({"errors": "a credential was sent"}, 400) if token else None
    return problem("unauthorized", "") if token in {"", "wrong"} else None


def problem(kind: str, detail: str) -> Response:
    """Return Shopify's own error of a kind the server or a fault asks for."""
    texts = {
        "unauthorized": (
            401,
            "[API] Invalid API key or access token (unrecognized login or wrong password)",
        ),
        "forbidden": (403, "[API] This action requires merchant approval."),
        "not_found": (404, "Not Found"),
        "gone": (410, "Gone"),
        "method_not_allowed": (406, "Not Acceptable"),
        "bad_request": (400, detail),
    }
    if kind in texts:
        status, text = texts[kind]
        return Response.of({"errors": text}, status)
    if kind == "rate_limited":
        return _throttled(0)
    if kind == "expired_cursor":
        return _errors([{"message": "Invalid cursor for current pagination sort."}])
    error = {"message": "Internal error. Looks like something went wrong on our end."}
    return _errors([error | {"extensions": {"code": "INTERNAL_SERVER_ERROR"}}], 500)


def _graphql(request: Request, world: World, now: datetime) -> Response:
    try:
        body = request.json()
        unknown = set(body) - {"query", "variables", "operationName"}
        if unknown:
            raise QueryError(f"unknown members {sorted(unknown)}")
        operation = read_operation(body.get("query"), body.get("variables"))
        cost = sum(_root_cost(field, operation) for field in operation.fields)
        if cost > MOST:
            raise QueryError(
                f"Query cost is {cost}, which exceeds the single query max cost limit ({MOST}).",
                "MAX_COST_EXCEEDED",
                cost=cost,
                maxCost=MOST,
            )
        if not BUCKET.holds(cost):
            return _throttled(cost)
        shop = _Shop(request, world, now)
        data = {key_of(field): shop.answer(field, operation) for field in operation.fields}
    except QueryError as error:
        found: Row = {"message": str(error)}
        if error.extensions:
            found["extensions"] = error.extensions
        return _errors([found])
    return _answer({"data": data, "extensions": {"cost": cost_extension(cost, data)}})


def _root_cost(field: FieldNode, operation: Operation) -> int:
    arguments = operation.arguments(field)
    inner = cost_of(field.selection_set, operation)
    if "first" in arguments:
        return 2 + page_size(arguments) * (1 + inner)
    if "ids" in arguments:
        return len(arguments["ids"]) * (1 + inner)
    return (10 if operation.kind == "mutation" else 1) + inner


class _Shop:
    """Answers the roots of one request."""

    def __init__(self, request: Request, world: World, now: datetime):
        self.request, self.world, self.now = request, world, now
        token = request.headers["x-shopify-access-token"]
        # A token that says so lacks a scope.
        self.scopes = [scope for scope in SCOPES if f"without-{scope}" not in token]

    def answer(self, field: FieldNode, operation: Operation) -> Any:
        name = field.name.value
        arguments = operation.arguments(field)
        if name in ROOTS and operation.kind == "query":
            return self._connection(field, arguments, operation)
        if operation.kind == "mutation" and name == "bulkOperationRunQuery":
            return chosen(field.selection_set, self._run(arguments), operation)
        if operation.kind == "mutation" and name == "bulkOperationCancel":
            return chosen(field.selection_set, BULK.cancel(arguments["id"]), operation)
        if operation.kind == "query" and name == "bulkOperations":
            if arguments.get("query") != "operation_type:query status:running":
                raise QueryError("This sandbox lists bulk queries at work only")
            listed = BULK.at_work(self.request.base_url)[: page_size(arguments)]
            return connection(field, listed, None, False, operation)
        match name:
            case "shop":
                value: Any = SHOP
            case "currentAppInstallation":
                value = {"accessScopes": [{"handle": scope} for scope in self.scopes]}
            case "node":
                value = self._by_id(arguments["id"])
            case "nodes":
                value = [self._by_id(each) for each in arguments["ids"]]
            case "bulkOperation":
                value = BULK.status(arguments["id"], self.request.base_url)
            case _:
                refuse_field(name, "QueryRoot" if operation.kind == "query" else "Mutation")
        return chosen(field.selection_set, value, operation)

    def rows(self, name: str, arguments: Row, limit: int, position: str | None) -> Any:
        """A page of the store for a root's arguments."""
        stream, scope, times, known = ROOTS[name]
        if scope not in self.scopes:
            _denied(name, scope)
        allowed = known | {"first", "after", "sortKey"}
        for argument in arguments:
            if argument not in allowed:
                raise QueryError(
                    f"Field '{name}' doesn't accept argument '{argument}'", "argumentNotAccepted"
                )
        if arguments.get("sortKey", "ID") != SORTS.get(name, "ID"):
            raise QueryError("This sandbox sorts by the time that is searched, or by id")
        start, end = _times(name, str(arguments.get("query", "")), times)
        tags = None
        if name == "locations" and not arguments.get("includeInactive"):
            tags = ["active"]
        stored = self.world.stream("shopify", stream)
        return stored.page(self.now, limit, start, end, position, tags)

    def shown(self, name: str, rows: list[Row]) -> list[Row]:
        """Of orders only the recent ones, unless the app may see all."""
        if name != "orders" or "read_all_orders" in self.scopes:
            return rows
        since = f"{self.now - RECENT:%Y-%m-%dT%H:%M:%SZ}"
        return [row for row in rows if row["createdAt"] >= since]

    def _connection(self, field: FieldNode, arguments: Row, operation: Operation) -> Row:
        name = field.name.value
        first = page_size(arguments)
        same = fingerprint(name, {key: arguments[key] for key in arguments if key != "after"})
        after = arguments.get("after")
        position = read_cursor(after, same, self.now) if after else None
        page = self.rows(name, arguments, first, position)
        rows = self.shown(name, page.objects())
        # Shopify gives the last row's cursor on the last page as well.
        end = issue_cursor(same, self.now, page.position or "end") if page.count else None
        return connection(field, rows, end, page.position is not None, operation)

    def _by_id(self, name: str) -> Row | None:
        kind = kind_of({"id": name})
        streams = {"Order": "orders", "Refund": "refunds"}
        if kind not in streams:
            raise QueryError(f"Invalid global id '{name}'", "argumentLiteralsIncompatible")
        found = self.world.stream("shopify", streams[kind]).all(self.now, [name])
        return found[0] if found else None

    def _run(self, arguments: Row) -> Row:
        operation = read_operation(arguments["query"], {})
        (field,) = operation.fields
        name = field.name.value
        if name not in ROOTS:
            refuse_field(name, "QueryRoot")
        page = self.rows(name, operation.arguments(field), 10**9, None)
        rows = self.shown(name, page.objects())
        grouped = bool(arguments.get("groupObjects", False))
        return BULK.run(Running(str(arguments["query"]), field, operation, rows, grouped, self.now))


def _times(name: str, search: str, known: set[str]) -> tuple[datetime | None, datetime | None]:
    """Read the span of a search: `updated_at:>='…' updated_at:<'…'`."""
    start = end = None
    rest = search
    for match in re.finditer(r"(\w+):(>=|<|)('[^']*'|\S+)\s*", search):
        field, comparator, value = match.groups()
        rest = rest.replace(match[0], "", 1)
        if (field, comparator, value) == ("action", "", "destroy") and name == "events":
            continue
        if field not in known or not comparator or not value.startswith("'"):
            raise QueryError(f"This sandbox does not search {name} for {match[0].strip()}")
        moment = datetime.fromisoformat(value.strip("'")).astimezone(UTC)
        if name == "customers":
            # The customer's page says that this matches whole days.
            moment = moment.astimezone(ZONE).replace(hour=0, minute=0, second=0).astimezone(UTC)
        if comparator == "<":
            end = moment
        else:
            start = moment
    if rest.strip():
        raise QueryError(f"This sandbox cannot read the search {rest!r}")
    if name == "events" and "action:destroy" not in search:
        raise QueryError("This sandbox knows of no events but deletions")
    return start, end


def _denied(name: str, scope: str) -> NoReturn:
    raise QueryError(
        f"Access denied for {name} field. Required access: `{scope}` access scope.",
        "ACCESS_DENIED",
        requiredAccess=f"`{scope}` access scope.",
    )


def _throttled(cost: int) -> Response:
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    content = {"errors": [error], "extensions": {"cost": cost_extension(cost, None)}}
    return _answer(content)


def _errors(errors: list[Row], status: int = 200) -> Response:
    return _answer({"errors": errors}, status)


def _answer(content: Row, status: int = 200) -> Response:
    response = Response.of(content, status)
    response.headers["X-Shopify-API-Version"] = VERSION
    return response


def _stream_of(request: Request) -> str | None:
    """The stream that a query serves, by its name and by what it asks for."""
    text = request.body.decode(errors="replace")
    # A bulk operation's question stands within another, after its variables' names.
    found = re.search(r'"query (\w+)', text) or re.search(r"\b(customers|productVariants)\(", text)
    names = {"productVariants": "products", "events": "deletions", "scopes": None, "bulk": None}
    name = found[1] if found else "orders"
    if name in names:
        return names[name]
    if name in ("orders", "rest"):
        return "orders" if "lineItems(" in text or "lineItems {" in text else "refunds"
    return name


def _rows_at(request: Request) -> str:
    """Where the rows stand of what a query asks for."""
    found = re.search(r'"query (\w+)', request.body.decode(errors="replace"))
    return "data.nodes" if found and found[1] == "refunds" else f"data.{found and found[1]}.nodes"


def _result(request: Request, world: World, now: datetime) -> Response:
    running = BULK.find(request.match["operation"])
    if running is None:
        return problem("not_found", "")
    return Response(200, running.content, {"Content-Type": "application/jsonl"})
