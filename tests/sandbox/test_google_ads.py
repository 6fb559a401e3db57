"""Google Ads' side of the sandbox: GAQL, pages, restatement, refusals, and the vendor's protos."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import Running, google_ads
from sandbox.gaql import Condition, GaqlError, parse
from tests.sandbox.asking import at, good, post, truth

PERFORMANCE = """
    SELECT customer.id, customer.currency_code, customer.time_zone, campaign.id, ad_group.id,
        ad_group_ad.ad.id, segments.date, metrics.impressions, metrics.clicks,
        metrics.cost_micros, metrics.conversions, metrics.conversions_value
    FROM ad_group_ad
    WHERE segments.date BETWEEN '2026-01-01' AND '2026-02-28'
"""
ADS = """
    SELECT customer.id, campaign.id, ad_group.id, ad_group.name, ad_group_ad.status,
        ad_group_ad.ad.id, ad_group_ad.ad.name, ad_group_ad.ad.type, ad_group_ad.ad.final_urls
    FROM ad_group_ad
"""
CAMPAIGNS = """
    SELECT customer.id, customer.currency_code, customer.time_zone, campaign.id, campaign.name,
        campaign.status, campaign.advertising_channel_type
    FROM campaign
"""
KNOWN = """
    with version as (
        select *, row_number() over (
            partition by ad_id, report_date order by known_at desc) as age
        from ad_day where platform = 'google_ads'
    )

    select ad_id, report_date::varchar, impressions::varchar, clicks::varchar,
        spend_micros::varchar, conversions, conversions_value
    from version
    where age = 1 and impressions + clicks + spend_micros + conversions > 0
"""


@pytest.fixture
def sandbox(shop: Running) -> Running:
    return shop


def search(sandbox: Running, body: dict[str, Any], **headers: str) -> requests.Response:
    customer = sandbox.environment["SOURCES__GOOGLE_ADS__CUSTOMER_ID"]
    path = f"/google_ads/v26/customers/{customer}/googleAds:search"
    return post(sandbox, path, body, **({"developer-token": "d"} | headers))


def rows(sandbox: Running, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = good(search(sandbox, {"query": query} | token))
        found += page.get("results", [])
        if "nextPageToken" not in page:
            return found
        token = {"pageToken": page["nextPageToken"]}


def failure(answer: requests.Response) -> dict[str, str]:
    code: dict[str, str] = answer.json()["error"]["details"][0]["errors"][0]["errorCode"]
    return code


def stated(sandbox: Running) -> set[tuple[Any, ...]]:
    return {
        (
            row["adGroupAd"]["ad"]["id"],
            row["segments"]["date"],
            row["metrics"]["impressions"],
            row["metrics"]["clicks"],
            row["metrics"]["costMicros"],
            row["metrics"]["conversions"],
            row["metrics"]["conversionsValue"],
        )
        for row in rows(sandbox, PERFORMANCE)
    }


def test_performance_equals_the_truth_at_the_clock(sandbox: Running) -> None:
    known = truth(sandbox, KNOWN, ad_day="ad_day")
    assert stated(sandbox) == set(known)
    assert len(rows(sandbox, PERFORMANCE)) == len(known) > 400


def test_every_row_comes_once_over_small_pages(
    sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = rows(sandbox, PERFORMANCE)
    monkeypatch.setattr(google_ads, "PAGE_ROWS", 77)
    assert rows(sandbox, PERFORMANCE) == whole


def test_past_days_are_restated_as_the_clock_goes_on(tmp_path: Path) -> None:
    with at(tmp_path, "2026-01-05T03:00:00") as sandbox:
        before = {row[:2]: row for row in stated(sandbox)}
        assert set(before.values()) == set(truth(sandbox, KNOWN, ad_day="ad_day"))
        assert max(day for _, day in before) == "2026-01-04"
        sandbox.set_clock(sandbox.now + timedelta(days=10))
        after = {row[:2]: row for row in stated(sandbox)}
        assert set(after.values()) == set(truth(sandbox, KNOWN, ad_day="ad_day"))
        grown = [key for key in before if after[key][5] > before[key][5]]
        assert grown
        assert all(after[key][2] == before[key][2] for key in grown)


def test_campaigns_and_ads_equal_the_truth(sandbox: Running) -> None:
    query = "select distinct campaign_id, campaign_name from ad where platform = 'google_ads'"
    campaigns = rows(sandbox, CAMPAIGNS)
    assert sorted((row["campaign"]["id"], row["campaign"]["name"]) for row in campaigns) == sorted(
        truth(sandbox, query, ad="ad")
    )
    query = """
        select ad_id, ad_name, ad_group_id, campaign_id, final_url
        from ad where platform = 'google_ads'
    """
    found = [
        (
            row["adGroupAd"]["ad"]["id"],
            row["adGroupAd"]["ad"]["name"],
            row["adGroup"]["id"],
            row["campaign"]["id"],
            row["adGroupAd"]["ad"]["finalUrls"][0],
        )
        for row in rows(sandbox, ADS)
    ]
    assert sorted(found) == sorted(truth(sandbox, query, ad="ad"))


def test_only_the_selected_fields_and_resource_names_come_back(sandbox: Running) -> None:
    [row] = rows(sandbox, "SELECT campaign.name FROM campaign ORDER BY campaign.name LIMIT 1")
    assert set(row) == {"campaign"}
    assert set(row["campaign"]) == {"resourceName", "name"}


def test_metrics_add_up_to_the_resource_of_the_from_clause(sandbox: Running) -> None:
    query = "SELECT customer.id, metrics.cost_micros, metrics.clicks FROM customer"
    [row] = rows(sandbox, query)
    known = truth(sandbox, KNOWN, ad_day="ad_day")
    assert int(row["metrics"]["costMicros"]) == sum(int(each[4]) for each in known)
    assert int(row["metrics"]["clicks"]) == sum(int(each[3]) for each in known)


def test_rows_whose_metrics_are_all_zero_are_absent(sandbox: Running) -> None:
    query = """
        SELECT ad_group_ad.ad.id, segments.date, metrics.clicks FROM ad_group_ad
        WHERE segments.date BETWEEN '2026-01-01' AND '2026-02-28'
    """
    clicked = rows(sandbox, query)
    silent = [each for each in truth(sandbox, KNOWN, ad_day="ad_day") if each[3] == "0"]
    assert silent, "the world must hold days without a click for this to mean anything"
    assert len(clicked) == len(rows(sandbox, PERFORMANCE)) - len(silent)
    assert all(row["metrics"]["clicks"] != "0" for row in clicked)


def test_an_empty_answer_leaves_the_results_out(sandbox: Running) -> None:
    query = PERFORMANCE.replace("2026-02-28", "2025-02-28").replace("2026-01-01", "2025-01-01")
    assert "results" not in good(search(sandbox, {"query": query}))


def test_conditions_on_attributes_and_order_hold(sandbox: Running) -> None:
    query = CAMPAIGNS + " WHERE campaign.advertising_channel_type IN ('SEARCH', 'VIDEO')"
    query += " AND campaign.status != 'REMOVED' ORDER BY campaign.id DESC"
    found = rows(sandbox, query)
    kinds = {row["campaign"]["advertisingChannelType"] for row in found}
    ids = [int(row["campaign"]["id"]) for row in found]
    assert kinds == {"SEARCH", "VIDEO"}
    assert ids == sorted(ids, reverse=True)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", None),
        ("campaign.id FROM campaign", "EXPECTED_SELECT"),
        ("SELECT campaign.id", "EXPECTED_FROM"),
        ("SELECT campaign.id FROM", "UNEXPECTED_END_OF_QUERY"),
        ("SELECT campaign.colour FROM campaign", "UNRECOGNIZED_FIELD"),
        ("SELECT campaign.id FROM campaigns", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE"),
        ("SELECT ad_group.id FROM campaign", "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE"),
        ("SELECT campaign.id FROM campaign;", "BAD_SYMBOL"),
        ("SELECT campaign.id FROM campaign LIMIT 0", "LIMIT_VALUE_TOO_LOW"),
        ("SELECT campaign.id FROM campaign WHERE campaign.name LIKE 'x'", "BAD_OPERATOR"),
        ("SELECT campaign.id FROM campaign WHERE campaign.name = 'x", "STRING_NOT_TERMINATED"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id = 'x'", "BAD_NUMBER"),
        (
            "SELECT campaign.id FROM campaign ORDER BY campaign.name",
            "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE",
        ),
        ("SELECT segments.date FROM campaign", "EXPECTED_FILTERS_ON_DATE_RANGE"),
        (
            "SELECT segments.date FROM campaign WHERE segments.date >= '2026-01-01'",
            "EXPECTED_FILTERS_ON_DATE_RANGE",
        ),
        (
            "SELECT campaign.id FROM campaign WHERE segments.date BETWEEN '1.1.' AND '2026-01-02'",
            "INVALID_DATE_FORMAT",
        ),
    ],
)
def test_a_wrong_query_is_refused(sandbox: Running, query: str, code: str | None) -> None:
    answer = search(sandbox, {"query": query})
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
    if code is None:
        assert failure(answer) == {"requestError": "REQUIRED_FIELD_MISSING"}
    else:
        assert failure(answer) == {"queryError": code}


def test_asking_for_a_page_size_is_refused(sandbox: Running) -> None:
    answer = search(sandbox, {"query": CAMPAIGNS, "pageSize": 100})
    assert answer.status_code == 400
    assert failure(answer) == {"requestError": "PAGE_SIZE_NOT_SUPPORTED"}


def test_an_unknown_member_of_the_body_is_refused(sandbox: Running) -> None:
    answer = search(sandbox, {"query": CAMPAIGNS, "limit": 100})
    assert answer.status_code == 400
    assert "Cannot find field" in answer.json()["error"]["message"]


def test_a_page_token_works_with_its_own_query_only(
    sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(google_ads, "PAGE_ROWS", 2)
    token = good(search(sandbox, {"query": CAMPAIGNS}))["nextPageToken"]
    answer = search(sandbox, {"query": ADS, "pageToken": token})
    assert failure(answer) == {"requestError": "INVALID_PAGE_TOKEN"}


def test_a_page_token_expires(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_ads, "PAGE_ROWS", 2)
    with at(tmp_path, "2026-01-05T03:00:00") as sandbox:
        token = good(search(sandbox, {"query": CAMPAIGNS}))["nextPageToken"]
        sandbox.set_clock(sandbox.now + timedelta(hours=2))
        answer = search(sandbox, {"query": CAMPAIGNS, "pageToken": token})
        assert failure(answer) == {"requestError": "EXPIRED_PAGE_TOKEN"}


def test_credentials_are_asked_for_as_google_does(sandbox: Running) -> None:
    wrong = search(sandbox, {"query": CAMPAIGNS}, Authorization="Bearer wrong")
    assert wrong.status_code == 401
    assert wrong.json()["error"]["status"] == "UNAUTHENTICATED"
    missing = search(sandbox, {"query": CAMPAIGNS}, **{"developer-token": ""})
    assert failure(missing) == {"requestError": "DEVELOPER_TOKEN_PARAMETER_MISSING"}
    bad = search(sandbox, {"query": CAMPAIGNS}, **{"developer-token": "wrong"})
    assert bad.status_code == 401
    assert failure(bad) == {"authenticationError": "DEVELOPER_TOKEN_INVALID"}


@pytest.mark.parametrize(
    ("customer", "status", "code"),
    [
        ("123-456-7890", 400, {"requestError": "INVALID_CUSTOMER_ID"}),
        ("1234567890", 403, {"authorizationError": "USER_PERMISSION_DENIED"}),
    ],
)
def test_another_customer_is_refused(
    sandbox: Running, customer: str, status: int, code: dict[str, str]
) -> None:
    path = f"/google_ads/v26/customers/{customer}/googleAds:search"
    answer = post(sandbox, path, {"query": CAMPAIGNS}, **{"developer-token": "d"})
    assert answer.status_code == status
    assert failure(answer) == code


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("rate_limit", 429, {"quotaError": "RESOURCE_EXHAUSTED"}),
        ("expired_cursor", 400, {"requestError": "EXPIRED_PAGE_TOKEN"}),
        ("error", 500, {"internalError": "INTERNAL_ERROR"}),
    ],
)
def test_faults_speak_googles_language(
    sandbox: Running, fault: str, status: int, code: dict[str, str]
) -> None:
    sandbox.fault("google_ads", "campaigns", fault, times=1)
    answer = search(sandbox, {"query": CAMPAIGNS})
    assert answer.status_code == status
    assert failure(answer) == code


def test_the_request_log_tells_the_streams_apart(sandbox: Running) -> None:
    for query in (CAMPAIGNS, ADS, PERFORMANCE):
        search(sandbox, {"query": query})
    streams = [entry["stream"] for entry in sandbox.requests[-3:]]
    assert streams == ["campaigns", "ads", "ad_performance"]


def test_a_query_is_read_into_its_clauses() -> None:
    query = parse(
        "select a.b , c from d where e between 'x' and \"y\" and f not in (1, ENABLED) "
        "order by c desc, a.b limit 5"
    )
    assert query.fields == ("a.b", "c")
    assert query.resource == "d"
    assert query.conditions == (
        Condition("e", "BETWEEN", ("x", "y")),
        Condition("f", "NOT IN", ("1", "ENABLED")),
    )
    assert query.order == (("c", True), ("a.b", False))
    assert query.limit == 5


def test_text_behind_a_query_is_refused() -> None:
    with pytest.raises(GaqlError, match="unexpected input nonsense"):
        parse("SELECT a FROM b nonsense")
