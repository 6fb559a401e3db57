"""Wrong rows, one for each way to be wrong, at each kind of description: a lenient judge fails."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance import hubspot, meta_ads, snowplow, typeform
from tests.conformance.proofs import Exchange, load, proofs_of
from tests.conformance.test_checker import answered

TIME = "2026-01-02T03:04:05.000Z"
CONTACT: dict[str, Any] = {
    "id": "7",
    "properties": {"email": "ada@example.com"},
    "createdAt": TIME,
    "updatedAt": TIME,
    "archived": False,
}
EVENT: dict[str, Any] = {
    "id": "e",
    "created": 1767322800000,
    "type": "OPEN",
    "recipient": "ada@example.com",
    "portalId": 1,
    "appId": 1,
    "appName": "Batch",
    "emailCampaignId": 7,
}
RESPONSE: dict[str, Any] = {
    "response_id": "r",
    "landed_at": "2026-01-02T03:04:05Z",
    "submitted_at": "2026-01-02T03:05:05Z",
    "answers": [
        {"field": {"id": "f", "type": "number", "ref": "x"}, "type": "number", "number": 4}
    ],
}
PAGE = {"total_items": 1, "page_count": 1}
Judge = Callable[[dict[str, Any]], list[str]]


def contact(row: dict[str, Any]) -> list[str]:
    exchange = answered("GET /crm/v3/objects/contacts", {"results": [row]})
    return hubspot.response(dataclasses.replace(exchange, stream="contacts"))


def event(row: dict[str, Any]) -> list[str]:
    page = {"events": [row], "hasMore": False, "offset": "x"}
    return hubspot.response(answered("GET /email/public/v1/events", page))


def survey(row: dict[str, Any]) -> list[str]:
    return typeform.response(answered("GET /forms/f/responses", {**PAGE, "items": [row]}))


def refund(row: dict[str, Any]) -> list[str]:
    check = proofs_of("square").response
    assert check is not None
    return check(answered("GET /v2/refunds", {"refunds": [row]}))


REFUND = {"id": "R", "amount_money": {"amount": 1, "currency": "EUR"}}
WRONG: list[tuple[Judge, dict[str, Any], dict[str, Any], str]] = [
    # Models of an SDK.
    (contact, CONTACT, {"mail": "x"}, "knows no mail"),
    (contact, CONTACT, {"id": 7}, "7 is no str"),
    (contact, CONTACT, {"archived": "false"}, "is no bool"),
    (contact, CONTACT, {"createdAt": 1767322800}, "is no datetime"),
    (contact, CONTACT, {"associations": []}, "is no object"),
    (contact, CONTACT, {"properties": {"age": 7}}, "7 is no str"),
    # Reference pages.
    (event, EVENT, {"clicked": "x"}, "'clicked' was unexpected"),
    (event, EVENT, {"recipient": ...}, "'recipient' is a required property"),
    (event, EVENT, {"created": 1767322800}, "less than the minimum"),
    (event, EVENT, {"emailCampaignId": "7"}, "not of type 'integer'"),
    (event, EVENT, {"type": "OPENED"}, "is not one of"),
    (event, EVENT, {"sentBy": {"id": "e"}}, "'created' is a required property"),
    # Types of a client.
    (survey, RESPONSE, {"answer": []}, "'answer' was unexpected"),
    (survey, RESPONSE, {"response_id": 7}, "not of type 'string'"),
    (survey, RESPONSE, {"answers": {}}, "not of type 'array'"),
    (survey, RESPONSE, {"submitted_at": "yesterday"}, "is not a 'date-time'"),
    (survey, RESPONSE, {"answers": [{"type": "letter"}]}, "is not one of"),
    (survey, RESPONSE, {"answers": [{"type": "number", "number": "4"}]}, "not of type 'number'"),
    # OpenAPI.
    (refund, REFUND, {"reason_code": "x"}, "'reason_code' was unexpected"),
    (refund, REFUND, {"amount_money": 1}, "not of type 'object'"),
    (refund, REFUND, {"id": ...}, "'id' is a required property"),
    (refund, REFUND, {"amount_money": {"amount": "1"}}, "not of type 'integer'"),
    (refund, REFUND, {"amount_money": {"currency": "euro"}}, "is not one of"),
]


@pytest.mark.parametrize(("judge", "row"), [(contact, CONTACT), (event, EVENT), (survey, RESPONSE)])
def test_a_right_row_passes(judge: Judge, row: dict[str, Any]) -> None:
    assert judge(row) == []


@pytest.mark.parametrize(("judge", "row", "change", "problem"), WRONG)
def test_a_wrong_row_is_caught(
    judge: Judge, row: dict[str, Any], change: dict[str, Any], problem: str
) -> None:
    """A change to `...` takes the key away."""
    wrong = {key: value for key, value in (row | change).items() if value is not ...}
    found = judge(wrong)
    assert any(problem in each for each in found), found


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"report_run_id": "1"}, None),
        ({"report_run_id": 1}, "is no report_run_id"),
        ({"id": "1"}, "is no report_run_id"),
        ({"report_run_id": "1", "status": "new"}, "is no report_run_id"),
        ({}, "is no report_run_id"),
    ],
)
def test_a_wrong_answer_to_the_start_of_a_report_is_caught(
    answer: dict[str, Any], problem: str | None
) -> None:
    exchange = answered("POST /v26.0/act_1/insights", answer)
    found = meta_ads.response(dataclasses.replace(exchange, stream="ad_performance"))
    assert found == [] if problem is None else any(problem in each for each in found), found


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, None),
        ({"event_id": "0" * 37}, "is too long"),
        ({"collector_tstamp": ""}, "collector_tstamp"),
        ({"collector_tstamp": "2026-01-02T03:04:05Z"}, "collector_tstamp"),
        ({"page_urlport": "many"}, "page_urlport"),
        ({"br_cookies": "yes"}, "br_cookies"),
        ({"contexts": '{"data": []}'}, "no self-describing JSON"),
    ],
)
def test_a_wrong_line_of_snowplow_is_caught(change: dict[str, str], problem: str | None) -> None:
    load(snowplow.ATOMIC)
    row = dict.fromkeys(snowplow.columns(), "") | {
        "event_id": "0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8",
        "collector_tstamp": "2026-01-02 03:04:05.000",
        "v_collector": "c",
        "v_etl": "e",
    }
    found = snowplow.response(_file("\t".join((row | change).values())))
    assert found == [] if problem is None else any(problem in each for each in found), found


@pytest.mark.parametrize("columns", [130, 132])
def test_a_line_of_other_columns_is_caught(columns: int) -> None:
    load(snowplow.ATOMIC)
    assert snowplow.response(_file("\t" * (columns - 1))) == [f"a line of {columns} columns"]


def _file(line: str) -> Exchange:
    return Exchange("snowplow", "enriched_events", "READ", "f", "f", answer=line.encode())
