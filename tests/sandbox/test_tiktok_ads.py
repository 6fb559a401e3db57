"""TikTok's side of the sandbox: pages, deleted ads, reports, refusals."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import requests

from sandbox import Running
from tests.sandbox.asking import get, good, truth

METRICS = ["spend", "impressions", "complete_payment", "campaign_id"]


@pytest.fixture
def sandbox(shop: Running) -> Running:
    return shop


def ask(sandbox: Running, path: str, **params: Any) -> requests.Response:
    advertiser = sandbox.environment["SOURCES__TIKTOK_ADS__ADVERTISER_ID"]
    query = {"advertiser_id": advertiser} | params
    query = {
        name: json.dumps(value) if isinstance(value, list | dict) else value
        for name, value in query.items()
        if value is not None
    }
    token = {"Access-Token": "sandbox-access-token"}
    return get(sandbox, f"/tiktok_ads/open_api/v1.3/{path}/", query, **token)


def report(sandbox: Running, **params: Any) -> requests.Response:
    day = sandbox.now.date()
    usual = {
        "report_type": "BASIC",
        "data_level": "AUCTION_AD",
        "dimensions": ["ad_id", "stat_time_day"],
        "metrics": METRICS,
        "start_date": str(day - timedelta(days=25)),
        "end_date": str(day),
        "filtering": [
            {"field_name": "ad_status", "filter_type": "IN", "filter_value": '["STATUS_ALL"]'}
        ],
        "page_size": 1000,
    }
    return ask(sandbox, "report/integrated/get", **usual | params)


def data(response: requests.Response) -> dict[str, Any]:
    content = good(response)
    assert (content["code"], content["message"]) == (0, "OK"), content
    return dict(content["data"])


def refusal(response: requests.Response) -> str:
    content = good(response)
    assert content["code"] >= 40000
    assert content["data"] == {}
    return f"{content['code']} {content['message']}"


def test_every_ad_comes_once_over_small_pages(sandbox: Running) -> None:
    asked = {"filtering": {"primary_status": "STATUS_ALL"}, "page_size": 5}
    first = data(ask(sandbox, "ad/get", **asked))
    found = list(first["list"])
    for page in range(2, first["page_info"]["total_page"] + 1):
        found += data(ask(sandbox, "ad/get", **asked, page=page))["list"]
    known = truth(sandbox, "select ad_id from ad where platform = 'tiktok_ads'", ad="ad")
    assert Counter(ad["ad_id"] for ad in found) == Counter(row[0] for row in known)
    assert first["page_info"]["total_number"] == len(found)


@pytest.mark.parametrize(("path", "key"), [("ad/get", "ad_id"), ("campaign/get", "campaign_id")])
def test_deleted_ones_come_only_where_they_are_asked_for(
    sandbox: Running, path: str, key: str
) -> None:
    every, usual, gone = (
        {row[key] for row in data(ask(sandbox, path, page_size=1000, **asked))["list"]}
        for asked in (
            {"filtering": {"primary_status": "STATUS_ALL"}},
            {},
            {"filtering": {"primary_status": "STATUS_DELETE"}},
        )
    )
    assert gone
    assert usual
    assert every == usual | gone
    assert not usual & gone


def test_a_report_leaves_deleted_ads_out_and_the_advertisers_total_does_not(
    sandbox: Running,
) -> None:
    def spent(**params: Any) -> float:
        return sum(
            float(row["metrics"]["spend"]) for row in data(report(sandbox, **params))["list"]
        )

    total = spent(
        data_level="AUCTION_ADVERTISER",
        dimensions=["advertiser_id", "stat_time_day"],
        metrics=["spend"],
        filtering=None,
    )
    assert total == pytest.approx(spent())
    assert spent(filtering=None) < total - 1


def test_what_does_not_apply_to_an_ad_is_a_dash(sandbox: Running) -> None:
    watched = truth(sandbox, "select campaign_id from ad where objective = 'VIDEO_VIEWS'", ad="ad")
    claims = {
        (row["metrics"]["campaign_id"] in {each[0] for each in watched}): row["metrics"]
        for row in data(report(sandbox))["list"]
    }
    assert claims[True]["complete_payment"] == "-"
    assert claims[False]["complete_payment"].isdigit()


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"page_size": 1001}, "40002 page_size"),
        ({"page": 0}, "40002 page"),
        ({"page": 11}, "40002 page: A report gives 10000 rows"),
        ({"colour": "red"}, "40002 colour: Unknown field"),
        ({"metrics": ["colour"]}, "40002 metrics: Invalid metric fields"),
        ({"metrics": "spend"}, "40002 metrics: Not a valid JSON"),
        ({"metrics": None}, "40002 metrics: Missing data"),
        ({"data_level": "AD"}, "40002 data_level"),
        ({"dimensions": ["stat_time_day"]}, "40002 dimensions"),
        ({"start_date": "2025-12-01", "end_date": "2025-12-31"}, "40002 The time span is larger"),
        ({"start_date": "2026-01-01T00:00"}, "40002 start_date"),
        ({"start_date": "2026-01-05", "end_date": "2026-01-04"}, "40002 start_date must not"),
        ({"filtering": [{"field_name": "ad_status"}]}, "40002 filtering"),
        ({"advertiser_id": "7"}, "40001 No permission"),
    ],
)
def test_a_wrong_report_is_refused_with_status_200(
    sandbox: Running, params: dict[str, Any], said: str
) -> None:
    assert said in refusal(report(sandbox, **params))


@pytest.mark.parametrize(
    ("path", "params", "said"),
    [
        ("ad/get", {"fields": ["colour"]}, "40002 fields"),
        ("campaign/get", {"filtering": {"primary_status": "ASLEEP"}}, "40002 filtering"),
        ("campaign/get", {"advertiser_id": None}, "40002 advertiser_id: Missing"),
        ("advertiser/info", {}, "40002 advertiser_id: Unknown field"),
        ("adgroup/none", {}, "40006"),
    ],
)
def test_a_wrong_list_request_is_refused(
    sandbox: Running, path: str, params: dict[str, Any], said: str
) -> None:
    assert said in refusal(ask(sandbox, path, **params))


def test_a_token_is_asked_for_in_its_header(sandbox: Running) -> None:
    path = "/tiktok_ads/open_api/v1.3/ad/get/"
    assert "40104" in refusal(get(sandbox, path))
    assert "40105" in refusal(get(sandbox, path, **{"Access-Token": "wrong"}))


def test_throttling_is_told_by_code_with_status_200(sandbox: Running) -> None:
    sandbox.fault("tiktok_ads", "ads", "rate_limit", times=1)
    assert "40100" in refusal(ask(sandbox, "ad/get"))
