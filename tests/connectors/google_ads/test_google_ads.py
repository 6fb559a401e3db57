"""Google Ads' connector against the sandbox's Google, whose truth is known."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import sandbox
from connectors.landing import extract
from connectors.stream import ConnectorError
from tests.connectors.conftest import Answer, ScriptedServer
from tests.connectors.landed import END, START, landed_rows

NIGHT = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 1, 11, tzinfo=UTC)


class TestTruth:
    def test_every_ads_day_lands_once_as_google_counts_it_now(
        self, vendor_side: sandbox.Running
    ) -> None:
        extract("google_ads", "ad_performance", START, END)
        found = {
            (row["adGroupAd"]["ad"]["id"], row["segments"]["date"]): (
                int(row["metrics"].get("impressions", 0)),
                int(row["metrics"].get("costMicros", 0)),
            )
            for row in landed_rows("google_ads", "ad_performance", "results")
        }
        assert found == latest(vendor_side, "google_ads")
        assert len(found) == len(landed_rows("google_ads", "ad_performance", "results")) > 100

    def test_campaigns_and_ads_land_whole(self, vendor_side: sandbox.Running) -> None:
        extract("google_ads", "campaigns", START, END)
        extract("google_ads", "ads", START, END)
        ads = [ad for ad in vendor_side.truth("ad").to_pylist() if ad["platform"] == "google_ads"]
        campaigns = landed_rows("google_ads", "campaigns", "results")
        assert {row["campaign"]["id"] for row in campaigns} == {ad["campaign_id"] for ad in ads}
        found = [
            row["adGroupAd"]["ad"]["id"] for row in landed_rows("google_ads", "ads", "results")
        ]
        assert sorted(found) == sorted(ad["ad_id"] for ad in ads)


def latest(side: sandbox.Running, platform: str) -> dict[tuple[str, str], tuple[int, int]]:
    """The truth's newest version of each ad's day in the window, without days of nothing."""
    days: dict[tuple[str, str], dict[str, Any]] = {}
    for row in sorted(side.truth("ad_day").to_pylist(), key=lambda row: row["known_at"]):
        if row["platform"] == platform and row["report_date"] < END.date():
            days[row["ad_id"], str(row["report_date"])] = row
    measures = ("impressions", "clicks", "spend_micros", "conversions")
    return {
        key: (row["impressions"], row["spend_micros"])
        for key, row in days.items()
        if any(row[name] for name in measures)
    }


class TestRequests:
    @pytest.fixture(autouse=True)
    def _server(self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {
            "BASE_URL": server.url,
            "ACCESS_TOKEN": "ya29.of-the-test",
            "DEVELOPER_TOKEN": "developer-of-the-test",
            "CUSTOMER_ID": "123-456-7890",
        }.items():
            monkeypatch.setenv(f"SOURCES__GOOGLE_ADS__{name}", value)
        self.server = server
        self.set = monkeypatch.setenv

    def test_the_query_is_over_report_dates_and_names_no_page_size(self) -> None:
        self.server.script.append(Answer())
        extract("google_ads", "ad_performance", NIGHT[0] - timedelta(days=30), NIGHT[1])
        (seen,) = self.server.seen
        assert seen.path == "/v26/customers/1234567890/googleAds:search"
        body = json.loads(seen.body)
        assert list(body) == ["query"]
        assert body["query"].endswith("BETWEEN '2025-12-11' AND '2026-01-10'")

    def test_a_page_token_goes_with_the_same_query(self) -> None:
        self.server.script.append(Answer(body=b'{"results":[{}],"nextPageToken":"t"}'))
        self.server.script.append(Answer(body=b'{"results":[{}],"fieldMask":"a"}'))
        extract("google_ads", "ads", *NIGHT)
        first, second = (json.loads(seen.body) for seen in self.server.seen)
        assert second == first | {"pageToken": "t"}

    def test_both_tokens_go_in_headers_and_the_manager_where_it_is_set(self) -> None:
        self.set("SOURCES__GOOGLE_ADS__LOGIN_CUSTOMER_ID", "999-888-7777")
        self.server.script.append(Answer())
        extract("google_ads", "campaigns", *NIGHT)
        headers = self.server.seen[0].headers
        assert headers["authorization"] == "Bearer ya29.of-the-test"
        assert headers["developer-token"] == "developer-of-the-test"
        assert headers["login-customer-id"] == "9998887777"

    def test_no_manager_is_named_where_none_is_set(self) -> None:
        self.server.script.append(Answer())
        extract("google_ads", "campaigns", *NIGHT)
        assert "login-customer-id" not in self.server.seen[0].headers

    def test_a_refresh_token_is_turned_into_an_access_token(self) -> None:
        self._refresh()
        self.server.script.append(Answer(body=b'{"access_token":"fresh","expires_in":3599}'))
        self.server.script.append(Answer())
        extract("google_ads", "campaigns", *NIGHT)
        exchange, search = self.server.seen
        assert b"grant_type=refresh_token&refresh_token=1%2F%2Fof-the-test" in exchange.body
        assert search.headers["authorization"] == "Bearer fresh"

    def test_a_refresh_token_that_is_refused_is_named(self) -> None:
        self._refresh()
        self.server.script.append(Answer(400, b'{"error":"invalid_grant"}'))
        with pytest.raises(ConnectorError, match="the refresh token was not accepted") as caught:
            extract("google_ads", "campaigns", *NIGHT)
        assert "renew this vendor's credential" in str(caught.value)

    def _refresh(self) -> None:
        for name, value in {
            "TOKEN_URL": f"{self.server.url}/token",
            "CLIENT_ID": "client.apps.example",
            "CLIENT_SECRET": "client-secret-of-the-test",
            "REFRESH_TOKEN": "1//of-the-test",
        }.items():
            self.set(f"SOURCES__GOOGLE_ADS__{name}", value)

    @pytest.mark.parametrize("status", [400, 403])
    def test_an_exhausted_quota_is_waited_out_whatever_its_status(self, status: int) -> None:
        error = {"code": status, "status": "RESOURCE_EXHAUSTED", "message": "Too many requests."}
        self.server.script.append(Answer(status, json.dumps({"error": error}).encode()))
        self.server.script.append(Answer())
        assert extract("google_ads", "campaigns", *NIGHT).pages == 1

    def test_a_quota_error_deep_in_the_details_is_seen(self) -> None:
        failure = {"errorCode": {"quotaError": "RESOURCE_TEMPORARILY_EXHAUSTED"}, "message": "wait"}
        error = {"code": 400, "status": "INVALID_ARGUMENT", "details": [{"errors": [failure]}]}
        self.server.script.append(Answer(400, json.dumps({"error": error}).encode()))
        self.server.script.append(Answer())
        assert extract("google_ads", "campaigns", *NIGHT).pages == 1

    def test_rows_that_vanished_from_a_page_are_no_quiet_day(self) -> None:
        self.server.script.extend([Answer(body=b'{"rows":[{"campaign":{}}]}')] * 3)
        with pytest.raises(ConnectorError, match="a page without 'results'"):
            extract("google_ads", "campaigns", *NIGHT)


def test_an_expired_page_token_starts_again(vendor_side: sandbox.Running) -> None:
    vendor_side.fault("google_ads", "ads", "expired_cursor", times=1)
    assert extract("google_ads", "ads", *NIGHT).restarts == 1


def test_a_wrong_token_is_said_to_be_one(
    vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__GOOGLE_ADS__ACCESS_TOKEN", "wrong")
    with pytest.raises(ConnectorError, match="UNAUTHENTICATED") as caught:
        extract("google_ads", "ads", *NIGHT)
    assert caught.value.status == 401


def test_no_token_at_all_names_the_setting(
    vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCES__GOOGLE_ADS__ACCESS_TOKEN")
    with pytest.raises(ConnectorError, match="set SOURCES__GOOGLE_ADS__ACCESS_TOKEN"):
        extract("google_ads", "ads", *NIGHT)
