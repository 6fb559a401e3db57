"""Google Analytics' side of the sandbox: reports, marks, restatement, quota and refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import Running
from tests.sandbox.asking import at, get, good, post, truth

PROPERTY = "271828182"
PATH = f"/ga4/v1beta/properties/{PROPERTY}"
BY_CAMPAIGN = ["date", "sessionSource", "sessionMedium", "sessionCampaignName"]


def asked(first: str, last: str, dimensions: list[str], *metrics: str, **more: Any) -> Any:
    return {
        "dateRanges": [{"startDate": first, "endDate": last}],
        "dimensions": [{"name": name} for name in dimensions],
        "metrics": [{"name": name} for name in metrics],
    } | more


def run(sandbox: Running, body: Any, **headers: str) -> requests.Response:
    return post(sandbox, f"{PATH}:runReport", body, **headers)


def rows(answer: Any) -> dict[tuple[str, ...], tuple[str, ...]]:
    return {
        tuple(each["value"] for each in row["dimensionValues"]): tuple(
            each["value"] for each in row["metricValues"]
        )
        for row in answer.get("rows", [])
    }


def test_a_days_report_adds_up_to_what_was_measured(shop: Running) -> None:
    body = asked("2026-01-05", "2026-01-05", BY_CAMPAIGN, "sessions", "totalRevenue")
    found = rows(good(run(shop, body)))
    known = truth(
        shop,
        """
        select strftime(report_date, '%Y%m%d'), source, medium, campaign_name,
            count(*)::varchar, sum(revenue_cents) / 100
        from session where report_date = date '2026-01-05' group by all
        """,
        session="ga4_session",
    )
    assert {key: (count, float(amount)) for key, (count, amount) in found.items()} == {
        row[:4]: (row[4], row[5]) for row in known
    }
    assert len(known) > 5


def test_rows_of_few_people_are_withheld_on_a_day_with_thresholds_and_not_from_the_total(
    shop: Running,
) -> None:
    ((day,),) = truth(
        shop,
        """
        select min(report_date)::varchar from day
        where is_thresholded and report_date between '2026-01-03' and '2026-01-20'
        """,
        day="ga4_day",
    )
    split = good(run(shop, asked(day, day, BY_CAMPAIGN, "sessions", "totalUsers")))
    total = good(run(shop, asked(day, day, ["date"], "sessions")))
    assert split["metadata"]["subjectToThresholding"] is True
    assert "subjectToThresholding" not in total["metadata"]
    assert all(int(users) >= 2 for _, users in rows(split).values())
    shown = sum(int(sessions) for sessions, _ in rows(split).values())
    assert shown < int(next(iter(rows(total).values()))[0])


@pytest.mark.parametrize(
    ("mark", "said"), [("has_other_row", "dataLossFromOtherRow"), ("is_sampled", "sampling")]
)
def test_what_is_not_whole_of_a_day_is_said(shop: Running, mark: str, said: str) -> None:
    days = truth(
        shop,
        f"""
        select report_date::varchar, {mark} from day
        where report_date between '2026-01-02' and '2026-01-20'
        """,
        day="ga4_day",
    )
    for day, is_marked in days:
        answer = good(run(shop, asked(day, day, BY_CAMPAIGN, "sessions")))
        assert any(key.startswith(said) for key in answer["metadata"]) is is_marked
        if mark == "has_other_row":
            assert any("(other)" in key for key in rows(answer)) is is_marked
    assert {is_marked for _, is_marked in days} == {True, False}


def test_late_visits_come_the_next_day_and_move_to_where_they_came_from(tmp_path: Path) -> None:
    body = asked("2026-01-10", "2026-01-10", BY_CAMPAIGN, "sessions")
    (tmp_path / "early").mkdir()
    (tmp_path / "late").mkdir()
    with at(tmp_path / "early", "2026-01-11T03:00") as sandbox:
        before = rows(good(run(sandbox, body)))
    with at(tmp_path / "late", "2026-01-14T03:00") as sandbox:
        after = rows(good(run(sandbox, body)))
    lost = [key for key in before if key[1] == "(not set)"]
    assert lost
    assert not [key for key in after if key[1] == "(not set)"]
    assert sum(int(n) for (n,) in before.values()) < sum(int(n) for (n,) in after.values())


def test_pages_are_pieces_of_one_order(shop: Running) -> None:
    order = [{"dimension": {"dimensionName": name}} for name in BY_CAMPAIGN]
    body = asked("2026-01-01", "2026-01-10", BY_CAMPAIGN, "sessions", orderBys=order)
    whole = good(run(shop, body | {"limit": "250000"}))
    pieces = []
    for offset in range(0, whole["rowCount"], 7):
        page = good(run(shop, body | {"limit": "7", "offset": str(offset)}))
        assert page["rowCount"] == whole["rowCount"]
        pieces += page["rows"]
    assert pieces == whole["rows"]


def test_an_empty_report_has_no_rows_and_no_count(shop: Running) -> None:
    answer = good(run(shop, asked("2025-01-01", "2025-01-01", ["date"], "sessions")))
    assert set(answer) == {"dimensionHeaders", "metricHeaders", "metadata", "kind"}


def test_the_quota_is_in_the_body_and_nothing_left_is_not_said(shop: Running) -> None:
    token = {"Authorization": "Bearer told-quota-2"}
    body = asked("2026-01-02", "2026-01-02", ["date"], "sessions", returnPropertyQuota=True)
    told = [good(run(shop, body, **token))["propertyQuota"] for _ in range(2)]
    assert [each["tokensPerProjectPerHour"] for each in told] == [
        {"consumed": 1, "remaining": 1},
        {"consumed": 1},
    ]
    refused = run(shop, body, **token)
    assert refused.status_code == 429
    assert refused.json()["error"]["status"] == "RESOURCE_EXHAUSTED"
    assert "per hour" in refused.json()["error"]["message"]


ASKED = asked("2026-01-02", "2026-01-02", ["date"], "sessions")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dimensions": [{"name": "channel"}]}, "Field channel is not a valid dimension. For a"),
        ({"metrics": [{"name": "visits"}]}, "Field visits is not a valid metric.  For a list"),
        ({"pageSize": 5}, 'Unknown name "pageSize": Cannot find field.'),
        ({"limit": "0"}, "must be positive"),
        ({"limit": "many"}, "Invalid value at 'limit'"),
        ({"dateRanges": [{"startDate": "20260102", "endDate": "x"}]}, "formatted like"),
        ({"dimensions": [{"name": "date"}, {"name": "date"}]}, "Duplicate dimension date"),
        (
            {"metrics": [{"name": name} for name in ["sessions"] * 11]},
            "Duplicate metric sessions",
        ),
        (
            {"orderBys": [{"dimension": {"dimensionName": "eventName"}}]},
            "not in the request's dimensions",
        ),
        ({"dimensions": [], "metrics": []}, "Requests require dimensions and/or metrics."),
    ],
)
def test_a_wrong_question_is_refused_as_google_does(
    shop: Running, change: dict[str, Any], message: str
) -> None:
    answer = run(shop, ASKED | change)
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert message in answer.json()["error"]["message"]


def test_others_properties_are_not_shown(shop: Running) -> None:
    answer = post(shop, "/ga4/v1beta/properties/1:runReport", ASKED)
    assert answer.status_code == 403
    assert answer.json()["error"]["status"] == "PERMISSION_DENIED"


def test_a_token_that_is_wrong_or_too_narrow_is_told_apart(shop: Running) -> None:
    wrong = get(shop, f"{PATH}/metadata", Authorization="Bearer wrong")
    narrow = get(shop, f"{PATH}/metadata", Authorization="Bearer a-without-analytics")
    assert (wrong.status_code, narrow.status_code) == (401, 403)
    (detail,) = narrow.json()["error"]["details"]
    assert detail["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


def test_metadata_names_what_a_report_can_have(shop: Running) -> None:
    told = good(get(shop, f"{PATH}/metadata"))
    assert {"sessionSource", "landingPage"} <= {each["apiName"] for each in told["dimensions"]}
    assert {"sessions", "keyEvents"} <= {each["apiName"] for each in told["metrics"]}
