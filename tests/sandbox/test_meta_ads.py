"""Meta's Marketing API in the sandbox: pages, restatement, refusals, the vendor's field lists."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from sandbox import Running, meta_ads, meta_insights
from tests.conformance.proofs import load
from tests.sandbox.asking import TOKEN, at, get, good, truth

EVER = {"since": "2026-01-01", "until": "2026-02-28"}
FIELDS = (
    "account_id,account_currency,campaign_id,adset_id,ad_id,impressions,clicks,spend,reach,"
    "actions,action_values"
)
KNOWN = """
    with version as (
        select *, row_number() over (
            partition by ad_id, report_date order by known_at desc) as age
        from ad_day where platform = 'meta_ads'
    )

    select ad_id, report_date::varchar, impressions, clicks,
        (spend_micros / 1e6)::decimal(18, 2), conversions::bigint,
        conversions_value::decimal(18, 2)
    from version
    where age = 1 and impressions + clicks + spend_micros + conversions > 0
"""


@pytest.fixture
def sandbox(shop: Running) -> Running:
    return shop


def ask(sandbox: Running, edge: str = "", **params: Any) -> requests.Response:
    account = sandbox.environment["SOURCES__META_ADS__ACCOUNT_ID"]
    texts = {name: json.dumps(v) if isinstance(v, dict | list) else v for name, v in params.items()}
    return get(sandbox, f"/meta_ads/v26.0/act_{account}{edge}", texts)


def rows(sandbox: Running, edge: str, **params: Any) -> list[dict[str, Any]]:
    """Return the rows of all pages, found by following `paging.next`."""
    page = good(ask(sandbox, edge, **params))
    found = page["data"]
    while following := page.get("paging", {}).get("next"):
        page = good(get(sandbox, following.partition(f":{sandbox.port}")[2]))
        found += page["data"]
    return list(found)


def insights(sandbox: Running, **params: Any) -> list[dict[str, Any]]:
    given = {"level": "ad", "time_increment": 1, "time_range": EVER, "fields": FIELDS, "limit": 500}
    return rows(sandbox, "/insights", **(given | params))


def action(row: dict[str, Any], name: str, kind: str) -> Decimal:
    values = [Decimal(each["value"]) for each in row.get(name, []) if each["action_type"] == kind]
    return values[0] if values else Decimal(0)


def stated(sandbox: Running, **params: Any) -> set[tuple[Any, ...]]:
    return {
        (
            row["ad_id"],
            row["date_start"],
            int(row["impressions"]),
            int(row["clicks"]),
            Decimal(row["spend"]),
            int(action(row, "actions", "purchase")),
            action(row, "action_values", "purchase"),
        )
        for row in insights(sandbox, **params)
    }


def message(answer: requests.Response) -> str:
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "OAuthException"
    return str(answer.json()["error"]["message"])


def test_insights_equal_the_truth_at_the_clock(sandbox: Running) -> None:
    known = truth(sandbox, KNOWN, ad_day="ad_day")
    assert stated(sandbox) == set(known)
    assert len(insights(sandbox)) == len(known) > 400
    assert sum(each[5] for each in known) > 0


def test_every_row_comes_once_over_small_pages(sandbox: Running) -> None:
    assert insights(sandbox, limit=37) == insights(sandbox)


def test_the_cursor_after_leads_to_the_same_page_as_next(sandbox: Running) -> None:
    given = {"fields": "name", "limit": 3}
    page = good(ask(sandbox, "/ads", **given))
    after = page["paging"]["cursors"]["after"]
    second = good(ask(sandbox, "/ads", after=after, **given))
    following = good(get(sandbox, page["paging"]["next"].partition(f":{sandbox.port}")[2]))
    assert second["data"] == following["data"] != page["data"]


def test_the_last_page_has_cursors_but_no_next(sandbox: Running) -> None:
    paging = good(ask(sandbox, "/campaigns", limit=100))["paging"]
    assert set(paging) == {"cursors"}


def test_past_days_are_restated_as_the_clock_goes_on(tmp_path: Path) -> None:
    with at(tmp_path, "2026-01-05T03:00:00") as sandbox:
        before = {row[:2]: row for row in stated(sandbox)}
        assert set(before.values()) == set(truth(sandbox, KNOWN, ad_day="ad_day"))
        assert max(day for _, day in before) == "2026-01-04"
        sandbox.set_clock(sandbox.now + timedelta(days=10))
        after = {row[:2]: row for row in stated(sandbox)}
        assert set(after.values()) == set(truth(sandbox, KNOWN, ad_day="ad_day"))
        assert [key for key in before if after[key][5] > before[key][5]]
        assert [key for key in before if after[key][4] != before[key][4]]


def test_an_account_tells_its_currency_and_time_zone(sandbox: Running) -> None:
    answer = good(ask(sandbox, fields="account_id,name,currency,timezone_name"))
    [(account_id, name, currency, zone)] = truth(
        sandbox,
        """
        select distinct account_id, account_name, currency_code, report_timezone
        from ad where platform = 'meta_ads'
        """,
        ad="ad",
    )
    assert answer == {
        "id": f"act_{account_id}",
        "account_id": account_id,
        "name": name,
        "currency": currency,
        "timezone_name": zone,
    }


def test_campaigns_and_ads_equal_the_truth(sandbox: Running) -> None:
    campaigns = rows(sandbox, "/campaigns", fields="name,objective,status", limit=2)
    query = """
        select distinct campaign_id, campaign_name, objective
        from ad where platform = 'meta_ads'
    """
    assert sorted((row["id"], row["name"], row["objective"]) for row in campaigns) == sorted(
        truth(sandbox, query, ad="ad")
    )
    ads = rows(sandbox, "/ads", fields="name,campaign_id,adset_id", limit=3)
    query = """
        select ad_id, ad_name, campaign_id, ad_group_id
        from ad where platform = 'meta_ads'
    """
    found = [(row["id"], row["name"], row["campaign_id"], row["adset_id"]) for row in ads]
    assert sorted(found) == sorted(truth(sandbox, query, ad="ad"))


def test_only_the_fields_asked_for_come_back(sandbox: Running) -> None:
    assert set(rows(sandbox, "/ads", fields="name")[0]) == {"id", "name"}
    assert set(rows(sandbox, "/campaigns")[0]) == {"id"}
    row = insights(sandbox, fields="spend")[0]
    assert set(row) == {"spend", "date_start", "date_stop"}


def test_every_number_of_insights_is_text(sandbox: Running) -> None:
    for row in insights(sandbox, fields=FIELDS + ",frequency,cpc,cpm,ctr,inline_link_clicks"):
        for name, value in row.items():
            if name in {"actions", "action_values"}:
                assert all(isinstance(each["value"], str) for each in value)
            else:
                assert isinstance(value, str)


def test_actions_that_never_happened_are_absent(sandbox: Running) -> None:
    found = insights(sandbox)
    assert any("actions" not in row for row in found)
    assert all(each["value"] != "0" for row in found for each in row.get("actions", []))


@pytest.mark.parametrize("level", ["account", "campaign", "adset"])
def test_levels_add_up_to_the_same_spend(sandbox: Running, level: str) -> None:
    fine = sum(Decimal(row["spend"]) for row in insights(sandbox))
    coarse = insights(sandbox, level=level, time_increment="all_days", fields="spend,account_id")
    assert sum(Decimal(row["spend"]) for row in coarse) == fine
    assert {(row["date_start"], row["date_stop"]) for row in coarse} == {
        (EVER["since"], EVER["until"])
    }


def test_days_without_anything_give_an_empty_list(sandbox: Running) -> None:
    past = {"since": "2025-01-01", "until": "2025-01-02"}
    assert good(ask(sandbox, "/insights", time_range=past)) == {"data": []}


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"fields": "spend,colour"}, "colour is not valid for fields param"),
        ({"level": "keyword"}, "level must be one of"),
        ({"time_increment": "weekly"}, "time_increment must be one of"),
        ({"time_range": "yesterday"}, "time_range must be valid JSON"),
        ({"time_range": {"since": "2026-01-01"}}, "since and until"),
        ({"time_range": {"since": "2026-01-02", "until": "2026-01-01"}}, "must not lie after"),
        ({"time_range": {"since": "2020-01-01", "until": "2020-01-02"}}, "37 months"),
        ({"time_range": {"since": "1.1.26", "until": "2.1.26"}}, "YYYY-MM-DD"),
        ({"limit": 5001}, "limit must be"),
        ({"limit": 0}, "limit must be"),
        ({"since": "2026-01-01"}, "since is not a parameter"),
        ({"breakdowns": "age"}, "does not serve breakdowns"),
        ({"action_attribution_windows": ["7d_view"]}, "has no value 7d_view"),
        ({"after": "nonsense"}, "Invalid cursor"),
    ],
)
def test_a_wrong_insights_request_is_refused(
    sandbox: Running, params: dict[str, Any], said: str
) -> None:
    assert said in message(ask(sandbox, "/insights", **params))


@pytest.mark.parametrize(
    ("edge", "params", "said"),
    [
        ("", {"fields": "colour"}, "nonexisting field (colour) on node type (AdAccount)"),
        ("/ads", {"fields": "id,colour"}, "nonexisting field (colour) on node type (Ad)"),
        ("/campaigns", {"fields": "id,"}, "Syntax error"),
        ("/campaigns", {"effective_status": ["ASLEEP"]}, "effective_status must be one of"),
        ("/campaigns", {"page": 2}, "page is not a parameter"),
    ],
)
def test_a_wrong_edge_request_is_refused(
    sandbox: Running, edge: str, params: dict[str, Any], said: str
) -> None:
    assert said in message(ask(sandbox, edge, **params))


def test_a_cursor_works_with_its_own_query_only(sandbox: Running) -> None:
    after = good(ask(sandbox, "/ads", limit=3))["paging"]["cursors"]["after"]
    assert "another query" in message(ask(sandbox, "/ads", limit=4, after=after))


def test_an_unknown_account_is_refused(sandbox: Running) -> None:
    answer = get(sandbox, "/meta_ads/v26.0/act_1/ads")
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "GraphMethodException"
    assert answer.json()["error"]["error_subcode"] == 33


def test_tokens_are_asked_for_as_meta_does(sandbox: Running) -> None:
    account = sandbox.environment["SOURCES__META_ADS__ACCOUNT_ID"]
    path = f"/meta_ads/v26.0/act_{account}"
    wrong = get(sandbox, path, Authorization="Bearer wrong")
    assert wrong.json()["error"]["code"] == 190
    assert "invalid_token" in wrong.headers["WWW-Authenticate"]
    assert get(sandbox, path, Authorization="").json()["error"]["code"] == 104
    assert get(sandbox, path, {"access_token": "t"}, Authorization="").status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("rate_limit", 400, 80000),
        ("expired_cursor", 400, 100),
        ("unauthorized", 400, 190),
        ("error", 500, 2),
    ],
)
def test_faults_speak_metas_language(sandbox: Running, fault: str, status: int, code: int) -> None:
    sandbox.fault("meta_ads", "ads", fault, times=1)
    answer = ask(sandbox, "/ads")
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert set(answer.json()["error"]) >= {"message", "type", "fbtrace_id"}


def test_usage_is_told_in_headers(sandbox: Running) -> None:
    headers = ask(sandbox, "/ads").headers
    [[use]] = json.loads(headers["X-Business-Use-Case-Usage"]).values()
    assert use["type"] == "ads_insights"
    assert {"call_count", "total_cputime", "total_time"} <= use.keys()
    assert json.loads(headers["X-App-Usage"])["call_count"] == use["call_count"]


@pytest.mark.parametrize(
    ("fields", "node"),
    [
        (meta_ads.ACCOUNT_FIELDS, "AdAccount"),
        (meta_ads.CAMPAIGN_FIELDS, "Campaign"),
        (meta_ads.AD_FIELDS, "Ad"),
        (meta_insights.INSIGHT_FIELDS, "AdsInsights"),
    ],
)
def test_fields_are_those_of_metas_description(fields: set[str], node: str) -> None:
    known = {field["name"] for field in load(f"meta/{node}.json")["fields"]}
    assert fields <= known


@pytest.mark.parametrize(
    ("edge", "fields", "node"),
    [
        ("/campaigns", meta_ads.CAMPAIGN_FIELDS, "Campaign"),
        ("/ads", meta_ads.AD_FIELDS, "Ad"),
        ("/insights", meta_insights.INSIGHT_FIELDS, "AdsInsights"),
    ],
)
def test_rows_have_the_types_of_metas_description(
    sandbox: Running, edge: str, fields: set[str], node: str
) -> None:
    types = {field["name"]: field["type"] for field in load(f"meta/{node}.json")["fields"]}
    found = rows(sandbox, edge, fields=",".join(sorted(fields)))
    assert found
    for row in found:
        assert set(row) <= fields
        for name, value in row.items():
            if types[name] == "datetime":
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000", value)
            elif types[name].startswith("list<"):
                assert isinstance(value, list)
            elif types[name] == "unsigned int":
                assert isinstance(value, int)
            else:
                assert isinstance(value, str)


def start(sandbox: Running, path: str) -> requests.Response:
    """POST without a body, as a report is asked for."""
    return requests.post(f"http://127.0.0.1:{sandbox.port}{path}", headers=TOKEN, timeout=30)


def test_a_report_takes_some_questions_and_has_the_rows_of_insights(sandbox: Running) -> None:
    account = sandbox.environment["SOURCES__META_ADS__ACCOUNT_ID"]
    wanted = {"level": "ad", "time_increment": 1, "fields": "ad_id,spend", "limit": 5000}
    url = f"/meta_ads/v26.0/act_{account}/insights?{urlencode(wanted)}"
    run = good(start(sandbox, url))["report_run_id"]
    result = f"/meta_ads/v26.0/{run}/insights"
    early = get(sandbox, result).json()["error"]
    assert (early["code"], early["error_subcode"], early["is_transient"]) == (2601, 1815107, True)
    progress = [
        good(get(sandbox, f"/meta_ads/v26.0/{run}", {"fields": fields}))
        for fields in 3 * ["async_status,async_percent_completion"]
    ]
    assert [(each["async_status"], each["async_percent_completion"]) for each in progress] == [
        ("Job Not Started", 0),
        ("Job Running", 100),
        ("Job Completed", 100),
    ]
    found = good(get(sandbox, result, {"limit": 5000}))["data"]
    assert found == good(ask(sandbox, "/insights", **wanted))["data"]


def test_a_report_that_nobody_read_is_gone_after_a_month(sandbox: Running) -> None:
    account = sandbox.environment["SOURCES__META_ADS__ACCOUNT_ID"]
    run = good(start(sandbox, f"/meta_ads/v26.0/act_{account}/insights"))["report_run_id"]
    meta_insights._runs[run].started -= timedelta(days=31)
    for path in (run, f"{run}/insights", "1", "1/insights"):
        answer = get(sandbox, f"/meta_ads/v26.0/{path}")
        assert (answer.status_code, answer.json()["error"]["error_subcode"]) == (400, 33)
