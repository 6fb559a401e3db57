"""The sandbox's Shopify: it refuses what Shopify refuses, pages, and runs bulk operations."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from sandbox import Running, shopify_cost
from sandbox.shopify import BULK
from sandbox.shopify_cost import Bucket
from tests.sandbox.asking import get, good, truth

PATH = "/shopify/admin/api/2026-10/graphql.json"
ALL = "updated_at:>='2025-01-01T00:00:00Z' updated_at:<'2027-01-01T00:00:00Z'"


def asked(sandbox: Running, text: str, token: str = "shpat_1", **variables: Any) -> Any:
    url = f"http://127.0.0.1:{sandbox.port}{PATH}"
    body = {"query": text, "variables": variables}
    headers = {"X-Shopify-Access-Token": token}
    return good(requests.post(url, json=body, headers=headers, timeout=30))


def refused(sandbox: Running, query: str, **variables: Any) -> dict[str, Any]:
    answer = asked(sandbox, query, **variables)
    assert "data" not in answer
    (error,) = answer["errors"]
    return dict(error)


def orders(fields: str = "id", arguments: str = "first: 100") -> str:
    return (
        f'{{ orders({arguments}, sortKey: UPDATED_AT, query: "{ALL}")'
        f" {{ nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    )


def test_pages_hold_every_order_once(shop: Running) -> None:
    found: list[str] = []
    after = ""
    while True:
        page = asked(shop, orders(arguments=f"first: 40{after}"))["data"]["orders"]
        found += [row["id"] for row in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = f', after: "{page["pageInfo"]["endCursor"]}"'
    [(right,)] = truth(shop, "select count(*) from placed", placed="shopify_order")
    assert len(found) == len(set(found)) == right > 100


def test_the_last_page_has_a_cursor_too(shop: Running) -> None:
    info = asked(shop, orders(arguments="first: 250"))["data"]["orders"]["pageInfo"]
    assert info["hasNextPage"] in (True, False)
    assert info["endCursor"]


def test_only_what_was_asked_for_is_answered(shop: Running) -> None:
    fields = "number: name customer { id } lineItems(first: 1) { nodes { sku } }"
    (row,) = asked(shop, orders(fields, "first: 1"))["data"]["orders"]["nodes"]
    assert set(row) == {"number", "customer", "lineItems"}
    assert len(row["lineItems"]["nodes"]) == 1


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("{ orders(first: 5", "syntax error"),
        (orders("colour"), "'colour' doesn't exist on type 'Order'"),
        ("{ order_list { id } }", "'order_list' doesn't exist on type 'QueryRoot'"),
        (orders(arguments="first: 251"), "first cannot exceed 250"),
        ("{ orders { nodes { id } } }", "you must provide one of first or last"),
        (orders("customer"), "must have selections"),
        ("{ orders(first: 1, limit: 2) { nodes { id } } }", "doesn't accept argument 'limit'"),
        (
            '{ orders(first: 1, sortKey: UPDATED_AT, query: "updated_at:>=2026-01-01")'
            " { nodes { id } } }",
            "does not search orders",
        ),
        ("query q($n: Int!) { orders(first: $n) { nodes { id } } }", "Variable $n"),
    ],
)
def test_a_wrong_query_is_refused_with_status_200(shop: Running, query: str, said: str) -> None:
    assert said in refused(shop, query)["message"]


def test_a_query_that_may_cost_too_much_is_refused(shop: Running) -> None:
    error = refused(shop, orders("lineItems(first: 50) { nodes { id } }", "first: 50"))
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"


def test_a_bucket_refills_at_its_rate() -> None:
    now = [0.0]
    bucket = Bucket(lambda: now[0])
    bucket.limit(1000, 100)
    assert bucket.take(900) == 100
    assert not bucket.holds(200)
    now[0] = 1.0
    assert bucket.holds(200)
    now[0] = 60.0
    assert bucket.take(0) == 1000


def test_an_empty_bucket_throttles_with_status_200(shop: Running) -> None:
    shopify_cost.BUCKET.limit(10, 1)
    try:
        answer = asked(shop, orders())
    finally:
        shopify_cost.BUCKET.limit(shopify_cost.CAPACITY, shopify_cost.RESTORED)
    assert answer["errors"][0]["extensions"]["code"] == "THROTTLED"
    cost = answer["extensions"]["cost"]
    assert cost["actualQueryCost"] is None
    assert cost["throttleStatus"]["currentlyAvailable"] <= 10


def test_without_the_scope_old_orders_are_silently_absent(shop: Running) -> None:
    # The clock of this sandbox stands 35 days after its first order, so all are recent.
    token = "shpat_without-read_all_orders"
    some = asked(shop, orders(), token)["data"]["orders"]["nodes"]
    assert some == asked(shop, orders())["data"]["orders"]["nodes"]
    scopes = asked(shop, "{ currentAppInstallation { accessScopes { handle } } }", token)
    handles = [each["handle"] for each in scopes["data"]["currentAppInstallation"]["accessScopes"]]
    assert "read_all_orders" not in handles
    assert "read_orders" in handles


def test_a_journey_comes_later_without_an_update(shop: Running) -> None:
    stream = shop.world.stream("shopify", "orders")
    [(name, known_at, ready_at)] = truth(
        shop,
        "select order_id, known_at, journey_ready_at from placed"
        " where paid_at = known_at and refunded_at is null and cancelled_at is null"
        " and source_name = 'web' limit 1",
        placed="shopify_order",
    )
    (before,) = stream.all(known_at, [name])
    (after,) = stream.all(ready_at, [name])
    assert before["customerJourneySummary"]["ready"] is False
    assert before["customerJourneySummary"]["lastVisit"] is None
    assert after["customerJourneySummary"]["ready"] is True
    assert after["customerJourneySummary"]["lastVisit"]["source"]
    assert before["updatedAt"] == after["updatedAt"]


@pytest.mark.parametrize("grouped", [True, False])
def test_a_bulk_operation_leaves_a_file_that_needs_no_credential(
    shop: Running, grouped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BULK, "looks_at_work", 1)
    inner = (
        f'{{ orders(query: "{ALL}", sortKey: UPDATED_AT)'
        " { edges { node { id lineItems { edges { node { sku } } } } } } }"
    )
    run = (
        "mutation run($query: String!) { bulkOperationRunQuery(query: $query,"
        f" groupObjects: {json.dumps(grouped)}) {{ bulkOperation {{ id status }} userErrors"
        " { message } } }"
    )
    name = asked(shop, run, query=inner)["data"]["bulkOperationRunQuery"]["bulkOperation"]["id"]
    look = "query look($id: ID!) { bulkOperation(id: $id) { status objectCount url } }"
    assert asked(shop, look, id=name)["data"]["bulkOperation"]["status"] == "RUNNING"
    done = asked(shop, look, id=name)["data"]["bulkOperation"]
    assert done["status"] == "COMPLETED"
    answer = requests.get(done["url"], timeout=30)
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert len(lines) == int(done["objectCount"])
    parents = [index for index, line in enumerate(lines) if "__parentId" not in line]
    assert (parents == list(range(len(parents)))) is not grouped
    path = done["url"].partition(str(shop.port))[2]
    sent = get(shop, path, **{"X-Shopify-Access-Token": "shpat_1"})
    assert sent.status_code == 400


def test_an_app_has_so_many_bulk_operations_at_work_and_may_cancel_them(
    shop: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BULK, "looks_at_work", 10**6)
    monkeypatch.setattr(BULK, "most", len(BULK.at_work("")) + 1)
    run = (
        "mutation run($query: String!) { bulkOperationRunQuery(query: $query) {"
        " bulkOperation { id } userErrors { code } } }"
    )
    inner = "{ productVariants { edges { node { id } } } }"
    first = asked(shop, run, query=inner)["data"]["bulkOperationRunQuery"]
    second = asked(shop, run, query=inner)["data"]["bulkOperationRunQuery"]
    assert (second["bulkOperation"], second["userErrors"]) == (None, [{"code": "LIMIT_REACHED"}])
    name = first["bulkOperation"]["id"]
    listing = (
        'query bulk { bulkOperations(first: 50, query: "operation_type:query status:running")'
        " { nodes { id query } } }"
    )
    assert {"id": name, "query": inner} in asked(shop, listing)["data"]["bulkOperations"]["nodes"]
    cancel = "mutation c($id: ID!) { bulkOperationCancel(id: $id) { userErrors { message } } }"
    assert asked(shop, cancel, id=name)["data"]["bulkOperationCancel"] == {"userErrors": []}
    look = "query look($id: ID!) { bulkOperation(id: $id) { status url } }"
    assert asked(shop, look, id=name)["data"]["bulkOperation"]["status"] == "CANCELED"
    assert asked(shop, run, query=inner)["data"]["bulkOperationRunQuery"]["userErrors"] == []
