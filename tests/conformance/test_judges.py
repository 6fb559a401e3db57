"""The judges that are one vendor's own (GAQL and protos, Meta's lists), and SDKs as judges."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from tests.conformance import google_ads, meta_lists
from tests.conformance.proofs import Exchange
from tests.conformance.sdk import differences, lost, replaying
from tests.conformance.test_checker import asked

GOOGLE = {"Authorization": "Bearer t", "developer-token": "d"}
SEARCH = "POST /v26/customers/481/googleAds:search"
GAQL = "SELECT campaign.id, metrics.clicks FROM campaign WHERE segments.date = '2026-01-01'"
INSIGHTS = "GET /v26.0/act_1/insights"
TOKEN = {"Authorization": "Bearer t"}


@pytest.mark.parametrize(
    ("line", "headers", "body", "problem"),
    [
        (SEARCH, GOOGLE, {"query": GAQL}, None),
        (SEARCH, GOOGLE, {"query": f"{GAQL} AND campaign.status IN ('ENABLED', 'PAUSED')"}, None),
        (SEARCH, GOOGLE, {"query": GAQL, "pageSize": 100}, "PAGE_SIZE_NOT_SUPPORTED"),
        (SEARCH, GOOGLE, {"query": GAQL, "limit": 100}, "no field named"),
        (SEARCH, GOOGLE, {"query": 7}, "Failed to parse"),
        (SEARCH, GOOGLE, {"query": GAQL.replace("clicks", "clickz")}, "no metrics.clickz"),
        (SEARCH, GOOGLE, {"query": GAQL.replace("campaign.id", "campaign")}, "is no value"),
        (SEARCH, GOOGLE, {"query": GAQL.replace("FROM campaign", "FROM campaigns")}, "no resource"),
        (SEARCH, GOOGLE, {"query": GAQL.replace("2026-01-01", "1 Jan")}, "is no date"),
        (SEARCH, GOOGLE, {"query": f"{GAQL} AND campaign.status = 'ON'"}, "knows no ON"),
        (SEARCH, GOOGLE, {"query": f"{GAQL} OR campaign.id = 1"}, "no conditions"),
        (SEARCH, GOOGLE, {"query": "SELECT *"}, "no GAQL"),
        (SEARCH, {"Authorization": "Bearer t"}, {"query": GAQL}, "missing header developer-token"),
        (SEARCH, GOOGLE | {"login-customer-id": "1-2-3"}, {"query": GAQL}, "more than digits"),
        (SEARCH.replace("481", "4-8-1"), GOOGLE, {"query": GAQL}, "no operation"),
        (SEARCH.replace("v26", "v22"), GOOGLE, {"query": GAQL}, "no operation"),
    ],
)
def test_a_wrong_question_to_google_ads_is_caught(
    line: str, headers: dict[str, str], body: Any, problem: str | None
) -> None:
    found = google_ads.request(asked(line, headers, body))
    assert found == [] if problem is None else any(problem in each for each in found), found


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"campaign": {"id": "1"}, "metrics": {"clicks": "2"}}, None),
        ({"campaign": {"id": 1}}, "own JSON"),
        ({"campaign": {"identity": "1"}}, "no field named"),
        ({"campaign": {"id": "1", "name": "unasked"}}, "campaign.name was not asked for"),
        ({"campaign": {"status": "ON"}}, "Invalid enum value"),
    ],
)
def test_a_wrong_answer_of_google_ads_is_caught(row: Any, problem: str | None) -> None:
    exchange = dataclasses.replace(
        asked(SEARCH, GOOGLE, {"query": GAQL}), answer=json.dumps({"results": [row]}).encode()
    )
    found = google_ads.response(exchange)
    assert found == [] if problem is None else any(problem in each for each in found), found


@pytest.mark.parametrize(
    ("query", "headers", "problem"),
    [
        ("?level=ad&fields=ad_id,spend,actions&limit=500&time_increment=1", TOKEN, None),
        ("?level=advert", TOKEN, "is none of"),
        ("?fields=ad_id,spent", TOKEN, "AdsInsights has no spent"),
        ("?limit=many", TOKEN, "is no number"),
        ("?page_size=5", TOKEN, "unknown parameter page_size"),
        ("?time_range=[1]", TOKEN, "is no object"),
        ("?breakdowns=age,gendre", TOKEN, "is none of"),
        ("?use_unified_attribution_setting=1", TOKEN, "neither true nor false"),
        ("?level=ad", {}, "missing credential"),
        ("?access_token=t", TOKEN, "the token stands in the URL"),
    ],
)
def test_a_wrong_question_to_meta_is_caught(
    query: str, headers: dict[str, str], problem: str | None
) -> None:
    found = meta_lists.request(asked(INSIGHTS + query, headers), "AdAccount", "insights")
    assert found == [] if problem is None else any(problem in each for each in found), found


@pytest.mark.parametrize(
    ("line", "edge", "problem"),
    [
        ("GET /v19.0/act_1/ads", "ads", "not of version"),
        ("GET /v26.0/act_1/adverts", "adverts", "has no edge"),
        ("DELETE /v26.0/act_1/ads", "ads", "has no edge"),
    ],
)
def test_a_wrong_place_at_meta_is_caught(line: str, edge: str, problem: str) -> None:
    found = meta_lists.request(asked(line, TOKEN), "AdAccount", edge)
    assert any(problem in each for each in found), found


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ("id,insights.metric(post_clicks).period(lifetime){name,values}", None),
        ("id,insights.metric(post_clicks).period(weekly){name}", "is none of"),
        ("id,insights.metrics(post_clicks){name}", "unknown parameter metrics"),
        ("id,insights.metric(post_clicks){score}", "InsightsResult has no score"),
        ("id,insight{name}", "PagePost has no insight"),
    ],
)
def test_a_wrong_field_expansion_is_caught(fields: str, problem: str | None) -> None:
    exchange = asked(f"GET /v26.0/1/published_posts?fields={fields}", TOKEN)
    found = meta_lists.request(exchange, "Page", "published_posts")
    assert found == [] if problem is None else any(problem in each for each in found), found


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"ad_id": "1", "spend": "2.10", "actions": [{"action_type": "x", "value": "1"}]}, None),
        ({"spend": 2.1}, "is no string"),
        ({"clicks": "1"}, "was not asked for"),
        ({"actions": [{"kind": "x"}]}, "AdsActionStats has no kind"),
        ({"actions": {"action_type": "x"}}, "is no list"),
    ],
)
def test_a_wrong_answer_of_meta_is_caught(row: Any, problem: str | None) -> None:
    content = json.dumps({"data": [row], "paging": {"cursors": {"after": "a"}}}).encode()
    exchange = dataclasses.replace(
        asked(f"{INSIGHTS}?fields=ad_id,spend,actions", TOKEN), answer=content
    )
    found = meta_lists.response(exchange, "AdsInsights")
    assert found == [] if problem is None else any(problem in each for each in found), found


def test_an_sdk_that_asks_otherwise_is_told_apart() -> None:
    ours = asked("POST /rows?limit=10&ids=[1, 2]", {"Version": "1"}, {"a": 1})
    with replaying(ours) as replay:
        theirs = "POST /line?limit=9&ids=[1,2]&token=t"
        replay.seen.append(asked(theirs, {"version": "2"}, {"a": 2}))
        found = differences(ours, replay, headers=["Version"], without={"token": "why"})
    assert [each.partition(":")[0] for each in found] == [
        "path",
        "body",
        "limit",
        "header Version",
    ]


def test_an_sdk_that_asks_nothing_is_no_proof() -> None:
    with replaying(asked("GET /rows")) as replay:
        assert differences(asked("GET /rows"), replay) == ["the SDK asked nothing"]


def test_what_an_sdk_has_no_place_for_is_named() -> None:
    sent = {"a": 1, "b": [{"c": 1}, {"c": None, "d": 2}], "e": None, "f": 1}
    assert lost(sent, {"a": 1, "b": [{"c": 1}, {}], "f": None}) == [
        "answer.b[].d",
        "answer.f is read as null",
    ]
    assert lost([1, 2], [1]) == ["answer: 2 items, 1 read"]


def test_an_exchange_names_its_headers_whatever_their_case() -> None:
    exchange = Exchange("v", "s", "GET", "/a", "/a", headers={"REVISION": "1"})
    assert exchange.header("Revision") == "1"
    assert exchange.answer_header("Date") is None
