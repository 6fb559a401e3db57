"""The readers of Google's discovery documents and of GraphQL schemas, on wrong exchanges."""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

import pytest

from tests.conformance.discovery import as_openapi
from tests.conformance.graphql_schema import GraphSchema
from tests.conformance.openapi import Description
from tests.conformance.proofs import described_in
from tests.conformance.test_checker import answered, asked

TOKEN = {"Authorization": "Bearer t"}
VIDEOS: dict[str, Any] = {
    "servicePath": "",
    "parameters": {"fields": {"type": "string", "location": "query"}},
    "resources": {
        "videos": {
            "methods": {
                "list": {
                    "path": "youtube/v3/videos",
                    "httpMethod": "GET",
                    "scopes": ["readonly"],
                    "parameters": {
                        "part": {
                            "type": "string",
                            "required": True,
                            "repeated": True,
                            "location": "query",
                        },
                        "maxResults": {
                            "type": "integer",
                            "minimum": "0",
                            "maximum": "50",
                            "location": "query",
                        },
                        "chart": {"type": "string", "enum": ["mostPopular"], "location": "query"},
                    },
                    "response": {"$ref": "Videos"},
                },
                "report": {
                    "path": "v1/{+property}:run",
                    "flatPath": "v1/properties/{propertiesId}:run",
                    "httpMethod": "POST",
                    "parameters": {"property": {"location": "path", "required": True}},
                    "request": {"$ref": "Query"},
                    "response": {"$ref": "Videos"},
                },
            }
        }
    },
    "schemas": {
        "Query": {"type": "object", "properties": {"limit": {"type": "string", "format": "int64"}}},
        "Videos": {
            "type": "object",
            "properties": {
                "items": {"type": "array", "items": {"$ref": "Video"}},
                "kind": {"type": "string"},
            },
        },
        "Video": {
            "type": "object",
            "properties": {
                "views": {"type": "string", "format": "uint64"},
                "topics": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
    },
}


@cache
def google() -> Description:
    return Description(as_openapi(VIDEOS))


@pytest.mark.parametrize(
    ("line", "body", "problem"),
    [
        ("GET /youtube/v3/videos?part=id&part=snippet&maxResults=50&fields=x", None, None),
        ("GET /youtube/v3/videos?part=id&maxResults=51", None, "greater than the maximum"),
        ("GET /youtube/v3/videos?part=id&pageSize=5", None, "unknown parameter pageSize"),
        ("GET /youtube/v3/videos?part=id&chart=all", None, "is not one of"),
        ("GET /youtube/v3/videos", None, "missing parameter part"),
        ("POST /youtube/v3/videos?part=id", None, "no operation"),
        ("POST /v1/properties/12:run", {"limit": "250"}, None),
        ("POST /v1/properties/12:run", {"limit": 250}, "not of type 'string'"),
        ("POST /v1/properties/12:run", {"limit": "many"}, "is not a 'int64'"),
        ("POST /v1/properties/12:run", {"pageSize": "1"}, "was unexpected"),
    ],
)
def test_a_wrong_request_to_google_is_caught(line: str, body: Any, problem: str | None) -> None:
    found = google().request(asked(line, TOKEN, body))
    assert found == [] if problem is None else any(problem in each for each in found), found


def test_a_request_to_google_without_its_token_is_caught() -> None:
    found = google().request(asked("GET /youtube/v3/videos?part=id"))
    assert found == ["missing credential: none of oauth2"]


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ({"views": "12", "topics": {"any": "thing"}}, None),
        ({"views": 12}, "not of type 'string'"),
        ({"viewCount": "12"}, "was unexpected"),
        ({"topics": {"any": 1}}, "not of type 'string'"),
    ],
)
def test_a_wrong_answer_of_google_is_caught(item: Any, problem: str | None) -> None:
    found = google().response(answered("GET /youtube/v3/videos", {"items": [item]}))
    assert found == [] if problem is None else any(problem in each for each in found), found
    assert google().reads(google().component("Videos"), "items[0].topics.any") == []
    assert google().reads(google().component("Videos"), "items[0].likes") != []


ORDERS = """
    query Orders($first: Int!, $after: String) {
        orders(first: $first, after: $after, sortKey: UPDATED_AT) {
            nodes { id name: name total: totalPriceSet { shopMoney { amount currencyCode } } }
            pageInfo { hasNextPage endCursor }
        }
    }
"""


@cache
def shopify() -> GraphSchema:
    text = gzip.decompress(described_in("shopify/admin_2026-10.json.gz").read_bytes())
    return GraphSchema(
        json.loads(text), {"Decimal": lambda value: isinstance(value, str) and "." in value}
    )


@pytest.mark.parametrize(
    ("text", "variables", "problem"),
    [
        (ORDERS, {"first": 250}, None),
        (ORDERS, {}, "was not provided"),
        (ORDERS, {"first": "250"}, "cannot represent non-integer"),
        (ORDERS, {"first": 250, "before": "x"}, "unknown variable $before"),
        (ORDERS.replace("UPDATED_AT", "MODIFIED_AT"), {"first": 1}, "does not exist"),
        (ORDERS.replace("totalPriceSet", "totalPrices"), {"first": 1}, "Cannot query field"),
        (ORDERS.replace("sortKey", "orderBy"), {"first": 1}, "Unknown argument"),
        (ORDERS.replace("{ shopMoney { amount currencyCode } }", ""), {"first": 1}, "selection"),
        (ORDERS + "}", {"first": 1}, "Syntax Error"),
    ],
)
def test_a_wrong_query_is_caught(text: str, variables: dict[str, Any], problem: str | None) -> None:
    found = shopify().query(text, variables)
    assert found == [] if problem is None else any(problem in each for each in found), found


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, None),
        ({"id": None}, "Cannot return null"),
        ({"name": 7}, "'7'"),
        ({"note": "x"}, "note was not asked for"),
        ({"total": {"shopMoney": {"amount": "1.00"}}}, "has no key 'currencyCode'"),
        ({"total": {"shopMoney": {"amount": "1.00", "currencyCode": "euro"}}}, "euro"),
        ({"total": {"shopMoney": {"amount": 1, "currencyCode": "EUR"}}}, "1 is no Decimal"),
    ],
)
def test_a_wrong_answer_to_a_query_is_caught(change: dict[str, Any], problem: str | None) -> None:
    money = {"shopMoney": {"amount": "1.00", "currencyCode": "EUR"}}
    row = {"id": "gid://shopify/Order/1", "name": "#1", "total": money} | change
    page = {"hasNextPage": False, "endCursor": None}
    data = {"orders": {"nodes": [row], "pageInfo": page}}
    found = shopify().answer(ORDERS, data, {"first": 1})
    assert found == [] if problem is None else any(problem in each for each in found), found


@pytest.mark.parametrize(
    ("path", "described"),
    [
        ("lineItems.nodes[0].originalTotalSet.shopMoney.amount", True),
        ("lineItems.nodes[0].price", False),
        ("customer.defaultEmailAddress.emailAddress", True),
        ("customer", False),
    ],
)
def test_a_path_that_a_type_has_not_is_caught(path: str, described: bool) -> None:
    assert (shopify().reads("Order", path) == []) == described
