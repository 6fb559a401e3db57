"""The checkers themselves: one that lets everything pass would prove nothing.

Each wrong question differs in one thing from a right one, which passes; with each stands the
problem that has to be found.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.conformance.openapi import Description
from tests.conformance.proofs import Check, Deviation, Exchange, described_in, load, proofs_of

BASIC = {"Authorization": "Basic dTpw"}
KLAVIYO = {"Authorization": "Klaviyo-API-Key k", "revision": "2026-07-15"}
SQUARE = {"Authorization": "Bearer t", "Square-Version": "2026-01-22"}
MESSAGES = f"/2010-04-01/Accounts/AC{'0' * 32}/Messages.json"
REPORT = "/report/integrated/get/?report_type=BASIC&Access-Token=t&page_size=1000"
ORDERS = "POST /v2/orders/search"


@cache
def mailchimp() -> Description:
    return Description(load("mailchimp/mailchimp-marketing-3.0.85-openapi3.json"))


@cache
def twilio() -> Description:
    return Description(load("twilio/twilio_api_v2010.json"))


@cache
def tiktok() -> Description:
    text = described_in("tiktok/report_integrated_get.yml").read_text()
    return Description(yaml.safe_load(text), prefix="")


def judge(vendor: str) -> Check:
    if vendor in ("klaviyo", "square"):
        check = proofs_of(vendor).request
        assert check is not None
        return check
    return {"mailchimp": mailchimp, "twilio": twilio, "tiktok": tiktok}[vendor]().request


def asked(
    line: str, headers: dict[str, str] | None = None, body: dict[str, Any] | str | None = None
) -> Exchange:
    """The exchange of a request line, `GET /path?query`."""
    method, _, url = line.partition(" ")
    parts = urlsplit(url)
    given = {"Content-Type": "application/json"} if body is not None else {}
    content = body if isinstance(body, str) else json.dumps(body) if body is not None else ""
    return Exchange(
        "any",
        "any",
        method,
        parts.path,
        parts.path,
        raw_query=parts.query,
        headers=given | (headers or {}),
        content=content.encode(),
    )


RIGHT = [
    ("klaviyo", "GET /api/events?page[size]=1000&sort=datetime", KLAVIYO, None),
    ("klaviyo", "GET /api/profiles?fields[profile]=email,created&page[size]=100", KLAVIYO, None),
    ("klaviyo", "GET /api/campaigns?filter=equals(messages.channel,'email')", KLAVIYO, None),
    ("square", ORDERS, SQUARE, {"location_ids": ["L"], "limit": 1000}),
    ("square", "GET /v2/payments?limit=100&sort_order=ASC", SQUARE, None),
    ("square", "POST /v2/catalog/search", SQUARE, {"object_types": ["ITEM"]}),
    ("mailchimp", "GET /3.0/lists?count=1000&offset=0", BASIC, None),
    ("mailchimp", "GET /3.0/lists/4f1c/members?status=subscribed&count=1000", BASIC, None),
    ("twilio", f"GET {MESSAGES}?PageSize=1000&DateSent%3E=2026-01-01T00:00:00Z", BASIC, None),
    ("tiktok", f'GET {REPORT}&metrics=["spend"]', {}, None),
]
WRONG = [
    # Names that the vendor does not know.
    ("klaviyo", "GET /api/events?page[limit]=10", KLAVIYO, None, "unknown parameter page[limit]"),
    ("klaviyo", "GET /api/events?size=10", KLAVIYO, None, "unknown parameter size"),
    ("klaviyo", "GET /api/profiles?fields[event]=email", KLAVIYO, None, "unknown parameter"),
    ("square", "GET /v2/payments?updated_after=2026", SQUARE, None, "unknown parameter"),
    ("mailchimp", "GET /3.0/lists?limit=10", BASIC, None, "unknown parameter limit"),
    ("mailchimp", "GET /3.0/lists?filter[name]=x", BASIC, None, "unknown parameter filter[name]"),
    ("twilio", f"GET {MESSAGES}?DateUpdated=2026-01-01", BASIC, None, "unknown parameter"),
    ("twilio", f"GET {MESSAGES}?DateSent[gte]=2026-01-01", BASIC, None, "unknown parameter"),
    ("tiktok", f"GET {REPORT}&limit=10", {}, None, "unknown parameter limit"),
    # Values of another type, or none of those listed.
    ("klaviyo", "GET /api/events?page[size]=many", KLAVIYO, None, "not of type 'integer'"),
    ("klaviyo", "GET /api/events?sort=id", KLAVIYO, None, "is not one of"),
    ("klaviyo", "GET /api/profiles?fields[profile]=emails", KLAVIYO, None, "is not one of"),
    ("square", "GET /v2/payments?limit=ten", SQUARE, None, "not of type 'integer'"),
    ("mailchimp", "GET /3.0/lists?count=all", BASIC, None, "not of type 'integer'"),
    ("mailchimp", "GET /3.0/lists/4/members?status=active", BASIC, None, "is not one of"),
    ("mailchimp", "GET /3.0/lists?count=1&count=2", BASIC, None, "given 2 times"),
    ("twilio", f"GET {MESSAGES}?DateSent%3E=yesterday", BASIC, None, "is not a 'date-time'"),
    ("tiktok", f"GET {REPORT}&metrics=spend", {}, None, "is no JSON"),
    ("tiktok", f'GET {REPORT}&metrics={{"a":1}}', {}, None, "not of type 'array'"),
    # Larger pages than the vendor gives.
    ("klaviyo", "GET /api/events?page[size]=1001", KLAVIYO, None, "greater than the maximum"),
    ("klaviyo", "GET /api/profiles?page[size]=0", KLAVIYO, None, "less than the minimum"),
    ("square", ORDERS, SQUARE, {"location_ids": ["L"], "limit": 1001}, "greater than the max"),
    ("square", ORDERS, SQUARE, {"location_ids": ["L"] * 11}, "too long"),
    ("square", "POST /v2/customers/search", SQUARE, {"limit": 101}, "greater than the maximum"),
    ("mailchimp", "GET /3.0/lists?count=1001", BASIC, None, "greater than the maximum"),
    ("twilio", f"GET {MESSAGES}?PageSize=1001", BASIC, None, "greater than the maximum"),
    ("tiktok", f"GET {REPORT}0", {}, None, "greater than the maximum"),
    # What has to be there.
    ("klaviyo", "GET /api/campaigns", KLAVIYO, None, "missing parameter filter"),
    ("klaviyo", "GET /api/events", {"Authorization": "x"}, None, "missing header revision"),
    ("klaviyo", "GET /api/events", {"revision": "2026-07-15"}, None, "missing credential"),
    ("klaviyo", "GET /api/events", KLAVIYO | {"revision": "2024-02-15"}, None, "header revision"),
    ("square", "GET /v2/payments", {"Authorization": "Bearer t"}, None, "Square-Version"),
    ("square", "GET /v2/payments", {"Square-Version": "2026-01-22"}, None, "missing credential"),
    ("square", ORDERS, SQUARE, None, "missing body"),
    ("mailchimp", "GET /3.0/lists", {"Authorization": "Bearer t"}, None, "missing credential"),
    ("tiktok", "GET /report/integrated/get/", {}, None, "missing parameter report_type"),
    # Bodies.
    ("square", ORDERS, SQUARE, {"location_id": ["L"]}, "'location_id' was unexpected"),
    ("square", ORDERS, SQUARE, {"location_ids": "L"}, "not of type 'array'"),
    ("square", ORDERS, SQUARE, {"query": {"sort": {"sort_field": "updated_at"}}}, "is not one of"),
    ("square", ORDERS, SQUARE, {"query": {"sort": {"field": "CREATED_AT"}}}, "was unexpected"),
    ("square", "POST /v2/catalog/search", SQUARE, {"object_types": ["ITEMS"]}, "is not one of"),
    ("square", "GET /v2/payments", SQUARE, {"limit": 1}, "a body where none is described"),
    ("square", ORDERS, SQUARE | {"Content-Type": "text/plain"}, "limit=1", "the body is"),
    # Places.
    ("klaviyo", "POST /api/events/none", KLAVIYO, None, "no operation"),
    ("square", "PUT /v2/payments", SQUARE, None, "no operation"),
    ("mailchimp", "GET /lists", BASIC, None, "no operation"),
    ("twilio", f"GET {MESSAGES.replace('AC', 'XX')}", BASIC, None, "does not match"),
    ("klaviyo", "GET /api/profiles?filter=greater-or-equal(updated,x)", KLAVIYO, None, "knows no"),
    ("klaviyo", "GET /api/profiles?filter=equals(age,'4')", KLAVIYO, None, "cannot be filtered"),
]


@pytest.mark.parametrize(("vendor", "line", "headers", "body"), RIGHT)
def test_a_right_request_passes(
    vendor: str, line: str, headers: dict[str, str], body: dict[str, Any] | None
) -> None:
    assert judge(vendor)(asked(line, headers, body)) == []


@pytest.mark.parametrize(("vendor", "line", "headers", "body", "problem"), WRONG)
def test_a_wrong_request_is_caught(
    vendor: str,
    line: str,
    headers: dict[str, str],
    body: dict[str, Any] | str | None,
    problem: str,
) -> None:
    found = judge(vendor)(asked(line, headers, body))
    assert any(problem in each for each in found), found


def answered(line: str, answer: Any, status: int = 200) -> Exchange:
    method, _, path = line.partition(" ")
    return Exchange(
        "any",
        "any",
        method,
        path,
        path,
        status=status,
        answer_headers={"Content-Type": "application/json"},
        answer=json.dumps(answer).encode(),
    )


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"refunds": [{"id": "R", "amount_money": {"amount": 1, "currency": "EUR"}}]}, None),
        ({"refunds": [{"ident": "R"}]}, "'ident' was unexpected"),
        ({"refunds": [{"id": 7}]}, "not of type 'string'"),
        ({"refunds": [{"id": "R", "amount_money": {"amount": "1"}}]}, "not of type 'integer'"),
        ({"refunds": [{"id": "R", "amount_money": {"currency": "euro"}}]}, "is not one of"),
        ({"rows": []}, "'rows' was unexpected"),
        ([], "not of type 'object'"),
    ],
)
def test_a_wrong_answer_is_caught(answer: Any, problem: str | None) -> None:
    check = proofs_of("square").response
    assert check is not None
    found = check(answered("GET /v2/refunds", answer))
    assert found == [] if problem is None else any(problem in each for each in found), found


@pytest.mark.parametrize(
    ("path", "described"),
    [
        ("line_items[0].total_money.amount", True),
        ("line_items[0].price", False),
        ("line_items.uid", False),
        ("metadata.anything", True),
        ("total.amount", False),
    ],
)
def test_a_path_that_is_not_described_is_caught(path: str, described: bool) -> None:
    check = proofs_of("square").paths
    assert check is not None
    assert (check("orders", path) == []) == described


SMALL: dict[str, Any] = {
    "openapi": "3.0.0",
    "paths": {
        "/rows": {"get": {"responses": {"200": {"$ref": "#/components/responses/Rows"}}}},
        "/rows/{id}": {
            "parameters": [
                {"in": "path", "name": "id", "required": True, "schema": {"type": "integer"}},
                {"in": "query", "name": "with", "style": "deepObject", "schema": {}},
            ],
            "get": {"responses": {"default": {"description": "nothing"}}},
        },
    },
    "components": {
        "responses": {
            "Rows": {
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}
            }
        },
        "schemas": {
            "A": {"allOf": [{"$ref": "#/components/schemas/B"}, {"properties": {"own": {}}}]},
            "B": {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/A"}}},
        },
    },
}


def test_what_an_object_is_put_together_from_is_closed_as_a_whole() -> None:
    small = Description(SMALL)
    assert small.response(answered("GET /rows", {"own": 1, "a": {"own": 2, "a": {}}})) == []
    found = small.response(answered("GET /rows", {"own": 1, "a": {"a": {"other": 3}}}))
    assert found == ["answer.a.a: Additional properties are not allowed ('other' was unexpected)"]


def test_ids_in_the_path_and_members_of_a_parameter_are_read() -> None:
    small = Description(SMALL)
    assert small.request(asked("GET /rows/7?with[a]=1")) == []
    assert small.request(asked("GET /rows/seven")) == ["id: 'seven' is not of type 'integer'"]


def test_an_overlay_changes_the_description_where_it_says() -> None:
    place = "/components/schemas/B/properties/b"
    small = Description(SMALL, overlay=(Deviation(place, {"type": "string"}, "a page"),))
    assert small.response(answered("GET /rows", {"b": "text"})) == []
    assert Description(SMALL).response(answered("GET /rows", {"b": "text"})) != []


def test_an_overlay_for_a_place_that_is_gone_is_refused() -> None:
    gone = Deviation("/components/schemas/C/properties/b", {"type": "string"}, "a page")
    with pytest.raises(KeyError, match="no C"):
        Description(SMALL, overlay=(gone,))


def test_a_reference_to_nothing_is_refused_until_the_overlay_mends_it() -> None:
    dangling = Deviation("/components/schemas/B/properties/c", {"$ref": "#/nowhere"}, "a page")
    with pytest.raises(KeyError, match="nowhere"):
        Description(SMALL, overlay=(dangling,)).response(answered("GET /rows", {"c": 1}))
