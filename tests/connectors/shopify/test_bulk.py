"""What a bulk operation may answer, and where its result may be fetched from."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from connectors.settings import VendorSettings
from connectors.shopify import VENDOR, bulk, queries, results
from connectors.shopify.bulk import bulk_pages
from connectors.shopify.results import nested_rows
from connectors.stream import ConnectorError, Page
from tests.connectors.conftest import Answer, ScriptedServer

LINES = b"""{"id":"gid://shopify/Order/1","name":"#1"}
{"id":"gid://shopify/LineItem/11","quantity":1,"__parentId":"gid://shopify/Order/1"}
{"id":"gid://shopify/LineItem/12","quantity":2,"__parentId":"gid://shopify/Order/1"}
{"id":"gid://shopify/Order/2","name":"caf\xc3\xa9 }{ \\"x\\""}
"""


def json_answer(**data: Any) -> Answer:
    return Answer(body=json.dumps({"data": data}).encode())


def begun(**errors: Any) -> Answer:
    operation = None if errors else {"id": "gid://shopify/BulkOperation/1", "status": "CREATED"}
    found = [{"field": None, "message": "a message", **errors}] if errors else []
    return json_answer(bulkOperationRunQuery={"bulkOperation": operation, "userErrors": found})


def looked_at(status: str, url: str | None = None, objects: int = 4, **more: Any) -> Answer:
    found = {"id": "gid://shopify/BulkOperation/1", "status": status, "errorCode": None}
    found |= {"objectCount": str(objects), "fileSize": str(len(LINES)), "url": url}
    return json_answer(bulkOperation=found | more)


@pytest.fixture(autouse=True)
def _settings(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__SHOPIFY__BASE_URL", server.url)
    monkeypatch.setenv("SOURCES__SHOPIFY__SHOP", "outlet")
    monkeypatch.setenv("SOURCES__SHOPIFY__ACCESS_TOKEN", "shpat_of-the-test")


def pulled() -> list[Page]:
    client = VENDOR.connect(VendorSettings("shopify", VENDOR.secrets))
    return list(bulk_pages(client, queries.ORDERS, "updated_at:>='2026-01-01T00:00:00Z'"))


def test_lines_are_put_back_into_their_parent_as_they_came(server: ScriptedServer) -> None:
    url = f"{server.url}/file"
    server.script += [
        begun(),
        looked_at("RUNNING"),
        looked_at("COMPLETED", url),
        Answer(body=LINES),
    ]
    (page,) = pulled()
    one, two = json.loads(page.body or b"")["data"]["orders"]["nodes"]
    assert [line["quantity"] for line in one["lineItems"]["nodes"]] == [1, 2]
    assert two == {
        "id": "gid://shopify/Order/2",
        "name": 'café }{ "x"',
        "lineItems": {"nodes": []},
    }
    assert page.rows == 2
    assert "/file" not in page.request


def test_the_file_is_asked_for_without_the_credential(server: ScriptedServer) -> None:
    server.script += [begun(), looked_at("COMPLETED", f"{server.url}/file"), Answer(body=LINES)]
    pulled()
    *asked, fetched = server.seen
    assert all(each.headers["x-shopify-access-token"] == "shpat_of-the-test" for each in asked)
    assert "x-shopify-access-token" not in fetched.headers
    assert "authorization" not in fetched.headers


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/file?signature=secret",
        "http://storage.googleapis.com/file?signature=secret",
        "https://storage.googleapis.com.evil.example/file?signature=secret",
        "file:///etc/passwd",
    ],
)
def test_a_file_at_an_unknown_host_is_not_fetched(server: ScriptedServer, url: str) -> None:
    server.script += [begun(), looked_at("COMPLETED", url)]
    with pytest.raises(ConnectorError, match="not a known host") as caught:
        pulled()
    assert "secret" not in str(caught.value)
    assert "RESULT_HOSTS" in str(caught.value)


def test_a_host_that_is_named_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = VendorSettings("shopify", ())
    monkeypatch.setenv("SOURCES__SHOPIFY__RESULT_HOSTS", "files.example,other.example")
    bulk._check_host(settings, "https://other.example/file")
    bulk._check_host(settings, "https://storage.googleapis.com/file")
    with pytest.raises(ConnectorError):
        bulk._check_host(settings, "https://example/file")


@pytest.mark.parametrize(
    "bad",
    [
        Answer(body=LINES, cut=60),
        Answer(body=LINES[: LINES.rindex(b"\n", 0, -1)]),
        Answer(status=503),
        Answer(reset=True),
        Answer(status=302, headers={"Location": "http://127.0.0.1:9/"}),
    ],
)
def test_a_file_that_is_not_whole_is_fetched_again_and_nothing_of_it_lands(
    server: ScriptedServer, bad: Answer
) -> None:
    server.script += [begun(), looked_at("COMPLETED", f"{server.url}/file"), bad]
    server.script += [Answer(body=LINES)]
    (page,) = pulled()
    assert page.rows == 2


def test_a_file_that_only_drips_ends_as_well(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "LONGEST_FETCH", 0.3)
    server.script += [begun(), looked_at("COMPLETED", f"{server.url}/file")]
    server.script += [Answer(body=LINES, drip=0.01)] * 3
    with pytest.raises(ConnectorError, match="it took more than 0 s"):
        pulled()


def test_a_file_that_is_never_whole_is_an_error(server: ScriptedServer) -> None:
    server.script += [begun(), looked_at("COMPLETED", f"{server.url}/file", objects=5)]
    server.script += [Answer(body=LINES)] * 3
    with pytest.raises(ConnectorError, match=r"4 lines, and was to have .* 5 objects"):
        pulled()


@pytest.mark.parametrize(
    ("status", "more", "said"),
    [
        ("FAILED", {"errorCode": "TIMEOUT"}, r"is FAILED \(TIMEOUT\)"),
        ("CANCELED", {}, "is CANCELED"),
        ("EXPIRED", {}, "is EXPIRED"),
    ],
)
def test_an_operation_that_fails_is_an_error(
    server: ScriptedServer, status: str, more: dict[str, Any], said: str
) -> None:
    server.script += [begun(), looked_at(status, **more)] * 2
    with pytest.raises(ConnectorError, match=said):
        pulled()


def test_where_all_places_are_taken_one_is_waited_for(server: ScriptedServer) -> None:
    server.script += [begun(code="OPERATION_IN_PROGRESS"), at_work()]
    server.script += [begun(code="LIMIT_REACHED"), at_work(("b/7", "{ shop }")), begun()]
    server.script += [looked_at("COMPLETED", None, objects=0)]
    (page,) = pulled()
    assert page.rows == 0


def test_a_query_that_is_refused_is_an_error(server: ScriptedServer) -> None:
    server.script += [begun(code="INVALID")]
    with pytest.raises(ConnectorError, match="refused a bulk operation: a message"):
        pulled()


@pytest.mark.parametrize("order", [(0, 3, 1, 2), (1, 0, 2, 3), (2, 3, 1, 0)])
def test_lines_out_of_order_are_put_back_into_their_parent(order: tuple[int, ...]) -> None:
    lines = LINES.splitlines(keepends=True)
    rows = [
        json.loads(row)
        for row in nested_rows(io.BytesIO(b"".join(lines[n] for n in order)), "lineItems")
    ]
    found = {row["name"]: {line["quantity"] for line in row["lineItems"]["nodes"]} for row in rows}
    assert found == {"#1": {1, 2}, 'café }{ "x"': set()}


def test_a_line_of_what_is_not_there_is_an_error() -> None:
    lines = LINES.splitlines(keepends=True)
    with pytest.raises(ConnectorError, match="has 2 rows of what is not in it"):
        list(nested_rows(io.BytesIO(b"".join(lines[1:])), "lineItems"))


@pytest.mark.parametrize("code", ["TIMEOUT", "INTERNAL_SERVER_ERROR"])
def test_what_shopify_could_not_finish_is_run_once_more_without_its_order(
    server: ScriptedServer, code: str
) -> None:
    partial = {"errorCode": code, "partialDataUrl": f"{server.url}/part"}
    url = f"{server.url}/file"
    server.script += [begun(), looked_at("FAILED", **partial), begun()]
    server.script += [looked_at("COMPLETED", url), Answer(body=LINES)]
    (page,) = pulled()
    assert page.rows == 2
    asked = [json.loads(seen.body)["variables"] for seen in server.seen if seen.body]
    assert [each["groupObjects"] for each in asked if "groupObjects" in each] == [True, False]
    assert "/part" not in [seen.path for seen in server.seen], "a part is never landed"


def test_a_part_that_is_left_is_told_and_not_used(server: ScriptedServer) -> None:
    partial = {"errorCode": "TIMEOUT", "partialDataUrl": f"{server.url}/part?signature=secret"}
    server.script += [begun(), looked_at("FAILED", **partial)] * 2
    with pytest.raises(ConnectorError, match="the part of 4 rows that it left was not used") as no:
        pulled()
    assert "secret" not in str(no.value)
    assert "load a shorter window" in no.value.remedy


def test_a_scope_that_an_operation_lacks_is_said_in_words(server: ScriptedServer) -> None:
    server.script += [begun(), looked_at("FAILED", errorCode="ACCESS_DENIED")]
    with pytest.raises(ConnectorError, match="give the app the access scopes") as caught:
        pulled()
    assert caught.value.means == 403


@pytest.mark.parametrize("status", [403, 404, 410])
def test_an_address_that_ended_is_asked_for_anew(server: ScriptedServer, status: int) -> None:
    server.script += [begun(), looked_at("COMPLETED", f"{server.url}/old"), Answer(status)]
    server.script += [looked_at("COMPLETED", f"{server.url}/new"), Answer(body=LINES)]
    (page,) = pulled()
    assert page.rows == 2
    assert [seen.path for seen in server.seen if not seen.body] == ["/old", "/new"]


def at_work(*operations: tuple[str, str]) -> Answer:
    nodes = [{"id": name, "status": "RUNNING", "query": query} for name, query in operations]
    return json_answer(bulkOperations={"nodes": nodes})


def test_what_a_killed_run_left_at_work_is_cancelled_and_what_is_foreign_is_not(
    server: ScriptedServer,
) -> None:
    ours = queries.ORDERS.bulk("updated_at:>='2026-01-01T00:00:00Z'")
    canceled = json_answer(bulkOperationCancel={"bulkOperation": None, "userErrors": []})
    server.script += [begun(code="LIMIT_REACHED"), at_work(("b/7", "{ shop }"), ("b/8", ours))]
    server.script += [canceled, begun(), looked_at("COMPLETED", None, objects=0)]
    pulled()
    bodies = [json.loads(seen.body) for seen in server.seen]
    assert [b["variables"] for b in bodies if "bulkOperationCancel" in b["query"]] == [
        {"id": "b/8"}
    ]


def test_pages_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [b'{"id":1}'] * 7
    monkeypatch.setattr(results, "ROWS_PER_PAGE", 3)
    assert [len(batch) for batch in results.batches(iter(rows))] == [3, 3, 1]
    monkeypatch.setattr(results, "BYTES_PER_PAGE", 10)
    assert [len(batch) for batch in results.batches(iter(rows))] == [2, 2, 2, 1]


def test_an_answer_of_another_version_stops_the_pull(server: ScriptedServer) -> None:
    server.script += [Answer(headers={"X-Shopify-API-Version": "2027-10"})]
    with pytest.raises(ConnectorError, match="version 2027-10 instead of 2026-10"):
        pulled()


@pytest.mark.parametrize("code", ["INTERNAL_SERVER_ERROR", "TIMEOUT"])
def test_an_error_of_shopifys_own_inside_a_good_status_is_asked_again(
    server: ScriptedServer, code: str
) -> None:
    body = {"errors": [{"message": "oh", "extensions": {"code": code}}], "data": None}
    server.script += [Answer(body=json.dumps(body).encode()), begun()]
    server.script += [looked_at("COMPLETED", None, objects=0)]
    assert pulled()
