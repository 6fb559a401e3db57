"""Google Analytics' connector against the sandbox's Google, whose truth is known."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

import connectors.ga4
import sandbox
from connectors.doctor import examine
from connectors.ga4 import VENDOR, pause
from connectors.landing import extract
from connectors.stream import ConnectorError
from tests.connectors.conftest import Answer, ScriptedServer
from tests.connectors.landed import END, START, landed_rows

NIGHT = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 1, 11, tzinfo=UTC)
DAY = {"date": "20260110"}


def values(row: dict[str, Any]) -> tuple[list[str], list[str]]:
    return (
        [each["value"] for each in row["dimensionValues"]],
        [each["value"] for each in row["metricValues"]],
    )


class TestTruth:
    def test_every_measured_visit_is_in_its_days_total(self, vendor_side: sandbox.Running) -> None:
        extract("ga4", "totals", START, END)
        found = {
            tuple(dimensions): (int(metrics[0]), float(metrics[8]))
            for dimensions, metrics in map(values, landed_rows("ga4", "totals", "rows"))
        }
        visits: Counter[str] = Counter()
        cents: Counter[str] = Counter()
        for visit in vendor_side.truth("ga4_session").to_pylist():
            if START.date() <= visit["report_date"] < END.date():
                day = f"{visit['report_date']:%Y%m%d}"
                visits[day] += 1
                cents[day] += visit["revenue_cents"]
        assert len(visits) > 10
        assert found == {(day,): (visits[day], cents[day] / 100) for day in visits}

    def test_a_report_in_many_pages_is_the_same_in_one(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        in_one = extract("ga4", "traffic", *NIGHT)
        whole = landed_rows("ga4", "traffic", "rows")
        monkeypatch.setattr(connectors.ga4, "ROWS_PER_PAGE", 3)
        in_many = extract("ga4", "traffic", *NIGHT)
        assert in_many.pages > in_one.pages + 1
        rows = landed_rows("ga4", "traffic", "rows")
        assert sorted(map(str, rows)) == sorted(map(str, whole * 2))


@pytest.fixture
def google(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> ScriptedServer:
    """The scripted server as the vendor."""
    for name, value in {
        "BASE_URL": server.url,
        "ACCESS_TOKEN": "ya29.of-the-test",
        "PROPERTY_ID": "1234",
    }.items():
        monkeypatch.setenv(f"SOURCES__GA4__{name}", value)
    return server


def report(rows: int, count: int | None = None, **more: Any) -> Answer:
    body: dict[str, Any] = {"dimensionHeaders": [{"name": "date"}], "kind": "k", **more}
    if rows:
        body["rows"] = [{"dimensionValues": [{"value": "20260110"}]}] * rows
    if rows if count is None else count:
        body["rowCount"] = rows if count is None else count
    return Answer(body=json.dumps(body).encode())


def test_a_day_is_a_report_of_its_own_in_an_order_that_does_not_change(
    google: ScriptedServer,
) -> None:
    google.script.extend([report(1)] * 2)
    extract("ga4", "traffic", NIGHT[0] - timedelta(days=1), NIGHT[1])
    first, second = (json.loads(seen.body) for seen in google.seen)
    assert {seen.path for seen in google.seen} == {"/v1beta/properties/1234:runReport"}
    assert first["dateRanges"] == [{"startDate": "2026-01-09", "endDate": "2026-01-09"}]
    assert second["dateRanges"] == [{"startDate": "2026-01-10", "endDate": "2026-01-10"}]
    ordered = [each["dimension"]["dimensionName"] for each in first["orderBys"]]
    assert ordered == [each["name"] for each in first["dimensions"]]
    assert len(ordered) <= 9
    assert len(first["metrics"]) <= 10
    assert first["limit"] == "10000"
    assert first["returnPropertyQuota"] is True


def test_pages_follow_by_their_offset(
    google: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connectors.ga4, "ROWS_PER_PAGE", 2)
    google.script.extend([report(2, 5), report(2, 5), report(1, 5)])
    extract("ga4", "totals", *NIGHT)
    asked = [json.loads(seen.body) for seen in google.seen]
    assert [body.pop("offset", None) for body in asked] == [None, "2", "4"]
    assert asked[0] == asked[1] == asked[2]


def test_several_properties_are_asked_one_after_the_other(
    google: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__GA4__PROPERTY_ID", "1, properties/2 ,")
    google.script.extend([report(1)] * 2)
    extract("ga4", "totals", *NIGHT)
    paths = [f"/v1beta/properties/{number}:runReport" for number in (1, 2)]
    assert [seen.path for seen in google.seen] == paths


def test_an_empty_report_names_its_columns_and_is_no_fault(google: ScriptedServer) -> None:
    google.script.append(report(0, metricHeaders=[{"name": "sessions"}]))
    assert extract("ga4", "totals", *NIGHT).rows == 0


def test_rows_under_another_name_are_no_empty_report(google: ScriptedServer) -> None:
    google.script.extend([report(0, results=[{"dimensionValues": []}])] * 3)
    with pytest.raises(ConnectorError, match="a page without 'rows'"):
        extract("ga4", "totals", *NIGHT)


def test_a_report_that_lacks_rows_is_read_again(google: ScriptedServer) -> None:
    google.script.extend([report(1, 2), report(2, 2)])
    assert extract("ga4", "totals", *NIGHT).restarts == 1


class TestQuota:
    @staticmethod
    def refused(message: str) -> Answer:
        error = {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": message}
        return Answer(429, json.dumps({"error": error}).encode())

    def test_a_days_tokens_used_up_are_not_waited_for(self, google: ScriptedServer) -> None:
        said = "Exhausted property tokens per day. These quota tokens will return in under 24 "
        google.script.append(self.refused(f"{said}hours."))
        with pytest.raises(ConnectorError, match="run again later"):
            extract("ga4", "totals", *NIGHT)
        assert len(google.seen) == 1

    @pytest.mark.parametrize(
        "message",
        [
            "Exhausted property tokens for a project per hour.",
            "Exhausted potentially thresholded requests quota.",
            "Exhausted concurrent requests quota. Please send fewer requests concurrently.",
        ],
    )
    def test_what_comes_back_within_the_hour_is_waited_out(
        self, google: ScriptedServer, monkeypatch: pytest.MonkeyPatch, message: str
    ) -> None:
        monkeypatch.setenv("RUNTIME__REQUEST_MAX_RETRY_DELAY", "0.01")
        google.script.extend([self.refused(message), report(1)])
        assert extract("ga4", "totals", *NIGHT).rows == 1

    @pytest.mark.parametrize(
        ("quota", "seconds"),
        [
            ({"tokensPerHour": {"consumed": 5, "remaining": 39_000}}, 0),
            # 100 questions for the 900 seconds until the hour is full.
            ({"tokensPerProjectPerHour": {"consumed": 5, "remaining": 500}}, 9),
            # Nothing left is not said: 0 is left out.
            ({"tokensPerProjectPerHour": {"consumed": 5}}, 900),
            ({"concurrentRequests": {}}, 1),
            ({"serverErrorsPerProjectPerHour": {"remaining": 2}}, 60),
            ({"serverErrorsPerProjectPerHour": {"remaining": 10}}, 0),
            (None, 0),
        ],
    )
    def test_what_is_left_is_spread_over_the_rest_of_the_hour(
        self, quota: dict[str, Any] | None, seconds: float
    ) -> None:
        answer = requests.Response()
        answer.headers["Date"] = "Fri, 02 Jan 2026 03:45:00 GMT"
        body = {"rows": [], **({"propertyQuota": quota} if quota is not None else {})}
        answer._content = json.dumps(body).encode()
        assert pause(answer) == seconds

    def test_a_steady_run_within_few_tokens_meets_no_refusal(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """23 questions with 30 tokens: the pace slows down and nothing is refused."""
        monkeypatch.setenv("SOURCES__GA4__ACCESS_TOKEN", "steady-run-quota-30")
        monkeypatch.setenv("RUNTIME__REQUEST_MAX_RETRY_DELAY", "0.001")
        before = len(vendor_side.requests)
        for stream in VENDOR.streams:
            start = NIGHT[0] - timedelta(days=stream.lookback_days)
            extract("ga4", stream.name, start, NIGHT[1])
        asked = vendor_side.requests[before:]
        assert len(asked) == 27
        assert {each["status"] for each in asked} == {200}


class TestRefusals:
    def test_an_unknown_name_is_told_as_google_words_it(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCES__GA4__PROPERTY_ID", "not-a-number")
        with pytest.raises(ConnectorError, match="A numeric Property ID is required"):
            extract("ga4", "totals", *NIGHT)

    def test_the_doctor_asks_what_can_be_reported_and_is_told_of_a_narrow_token(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = START + timedelta(days=20, hours=3)
        well = examine(VENDOR, now=now, today=now.date())
        assert well.findings == ()
        assert vendor_side.requests[-1]["path"].endswith("/metadata")
        monkeypatch.setenv("SOURCES__GA4__ACCESS_TOKEN", "a-token-without-analytics")
        (finding,) = examine(VENDOR, now=now, today=now.date()).findings
        assert (finding.what, finding.is_broken) == ("wrong scope", True)

    def test_no_property_names_the_setting(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("SOURCES__GA4__PROPERTY_ID")
        with pytest.raises(ConnectorError, match="set SOURCES__GA4__PROPERTY_ID"):
            extract("ga4", "totals", *NIGHT)
