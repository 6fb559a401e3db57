"""Shopify against the introspection of its Admin API."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from graphql import (
    FieldNode,
    GraphQLList,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    parse,
)

from connectors.shopify import VERSION
from sandbox.shopify import BULK
from tests.conformance.graphql_schema import GraphSchema
from tests.conformance.proofs import Exchange, Proofs, described_in

PATH = f"/admin/api/{VERSION}/graphql.json"
ROWS = {
    "shop": "QueryRoot",
    "locations": "Location",
    "customers": "Customer",
    "products": "ProductVariant",
    "orders": "Order",
    "refunds": "Refund",
    "deletions": "BasicEvent",
}
MOST_ROWS = 250
# What a bulk operation takes, as the description of its mutation says.
MOST_CONNECTIONS, DEEPEST = 5, 2
# The form of a search over times, as the descriptions of the arguments have it.
TERM = re.compile(r"(\w+):(?:(?:>=|<=|>|<)?'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ'|destroy)")


def _is_decimal(value: Any) -> bool:
    try:
        return isinstance(value, str) and Decimal(value).is_finite()
    except InvalidOperation:
        return False


SCALARS = {
    "DateTime": lambda value: bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(value))),
    "Decimal": _is_decimal,
    "Money": _is_decimal,
    "UnsignedInt64": lambda value: isinstance(value, str) and value.isdigit(),
    "URL": lambda value: bool(urlsplit(str(value)).netloc),
}


@cache
def schema() -> GraphSchema:
    file = described_in(f"shopify/admin_{VERSION}.json.gz")
    return GraphSchema(json.loads(gzip.decompress(file.read_bytes())), SCALARS)


def request(exchange: Exchange) -> list[str]:
    if exchange.path.startswith("/bulk-results/"):
        token = exchange.header("X-Shopify-Access-Token")
        return ["the credential went to where results lie"] if token else []
    found = [] if (exchange.method, exchange.path) == ("POST", PATH) else ["not the API's address"]
    if not exchange.header("X-Shopify-Access-Token"):
        found.append("no X-Shopify-Access-Token")
    if unknown := set(exchange.body) - {"query", "variables", "operationName"}:
        found.append(f"unknown members {unknown}")
    text, variables = exchange.body["query"], exchange.body.get("variables") or {}
    found += schema().query(text, variables)
    found += _sizes(text, variables) + _searches(text, str(variables.get("query", "")))
    if "bulkOperationRunQuery" in text:
        inner = variables["query"]
        found += schema().query(inner) + _bulk(inner)
        searched = re.findall(r'query: ("(?:[^"\\]|\\.)*")', inner)
        found += [each for one in searched for each in _terms(json.loads(one), "orders")]
    return found


def response(exchange: Exchange) -> list[str]:
    if exchange.path.startswith("/bulk-results/"):
        return _file(exchange.path)
    content = exchange.json
    found = [f"unknown member {name}" for name in set(content) - {"data", "extensions", "errors"}]
    if "errors" in content:
        return [*found, f"an error: {content['errors']}"]
    if set(content["extensions"]["cost"]) != {
        "requestedQueryCost",
        "actualQueryCost",
        "throttleStatus",
    }:
        found.append("the cost is not as documented")
    text, variables = exchange.body["query"], exchange.body.get("variables")
    return found + schema().answer(text, content["data"], variables)


def _file(path: str) -> list[str]:
    """The lines of a result, put together again, are an answer to the query it is of.

    They are read where the sandbox keeps them: the connector streams them past the recording.
    """
    running = BULK.find(path.rpartition("/")[2].removesuffix(".jsonl"))
    if running is None:
        return ["no operation has this result"]
    (operation,) = parse(running.text).definitions
    nested = [
        field.name.value
        for field in _node_fields(operation.selection_set)  # type: ignore[attr-defined]
        if field.selection_set and _has(field.selection_set, "edges")
    ]
    rows: dict[str, dict[str, Any]] = {}
    for line in running.content.splitlines():
        row = json.loads(line)
        parent = row.pop("__parentId", None)
        if parent is None:
            rows[row["id"]] = row | {name: {"edges": []} for name in nested}
        else:
            rows[parent][nested[0]]["edges"].append({"node": row})
    edges = [{"node": row} for row in rows.values()]
    return schema().answer(running.text, {running.field.name.value: {"edges": edges}})


def _node_fields(selection: SelectionSetNode) -> list[FieldNode]:
    """The fields of the rows of a bulk query: below its connection, edges and node."""
    for _ in range(3):
        (field,) = selection.selections
        assert isinstance(field, FieldNode)
        assert field.selection_set
        selection = field.selection_set
    return [field for field in selection.selections if isinstance(field, FieldNode)]


def _has(selection: SelectionSetNode, name: str) -> bool:
    return any(
        isinstance(each, FieldNode) and each.name.value == name for each in selection.selections
    )


def _sizes(text: str, variables: dict[str, Any]) -> list[str]:
    sizes = [int(each) for each in re.findall(r"first: (\d+)", text)]
    sizes += [variables["first"]] if "first" in variables else []
    sizes += [len(variables["ids"])] if "ids" in variables else []
    return [f"{each} rows are more than {MOST_ROWS}" for each in sizes if each > MOST_ROWS]


def _searches(text: str, search: str) -> list[str]:
    """Every search term is one of those that the argument's own description lists."""
    named = re.match(r"query (\w+)\(", text)
    return _terms(search, named[1]) if named and search else []


def _terms(search: str, root: str) -> list[str]:
    argument = schema().schema.query_type.fields[root].args["query"]  # type: ignore[union-attr]
    listed = set(re.findall(r"^\| (\w+) \|", argument.description or "", re.MULTILINE))
    found = []
    for term in search.split(" "):
        match = TERM.fullmatch(term)
        if not match:
            found.append(f"no term of a search: {term}")
        elif match[1] not in listed:
            found.append(f"{root} is not searched by {match[1]}")
    return found


def _bulk(text: str) -> list[str]:
    """What the description of bulkOperationRunQuery and its guide do not allow."""
    (operation,) = parse(text).definitions
    root = schema().schema.query_type
    places = list(_connections(operation.selection_set, root, 0, False))  # type: ignore[attr-defined]
    found = []
    if len(places) > MOST_CONNECTIONS:
        found.append(f"{len(places)} connections")
    if any(depth > DEEPEST for depth, _ in places):
        found.append("connections too deep")
    if any(in_list for _, in_list in places):
        found.append("a connection inside a list")
    return found


def _connections(
    selection: SelectionSetNode | None, kind: Any, depth: int, in_list: bool
) -> Iterator[tuple[int, bool]]:
    for field in selection.selections if selection else ():
        if not isinstance(field, FieldNode):
            continue
        type_ = kind.fields[field.name.value].type
        inner = get_named_type(type_)
        is_connection = inner.name.endswith("Connection")
        if is_connection:
            yield depth, in_list
        is_list = isinstance(get_nullable_type(type_), GraphQLList) and field.name.value not in (
            "edges",
            "nodes",
        )
        deeper = depth + int(is_connection)
        yield from _connections(field.selection_set, inner, deeper, in_list or is_list)


def paths(stream: str, path: str) -> list[str]:
    return schema().reads(ROWS[stream], path.removeprefix("data."))


PROOFS = Proofs(
    request=request,
    response=response,
    paths=paths,
    sources={
        "request": f"introspection {VERSION}",
        "response": f"introspection {VERSION}",
        "paths": f"introspection {VERSION}",
    },
    reasons={
        "sdk": "Shopify's Python SDK passes a query's text on as it is and has no types of answers"
    },
)
