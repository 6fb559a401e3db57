"""Meta's connectors' common ways and Meta Ads, against the sandbox's Graph API."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

import connectors.meta
import sandbox
from connectors.landing import extract
from connectors.stream import ConnectorError
from tests.connectors.conftest import Answer, ScriptedServer
from tests.connectors.landed import END, START, landed_rows, landed_table

NIGHT = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 1, 11, tzinfo=UTC)
TOKEN = "EAAB|of/the+test"


class TestTruth:
    def test_every_ads_day_lands_once_as_meta_counts_it_now(
        self, vendor_side: sandbox.Running
    ) -> None:
        extract("meta_ads", "ad_performance", START, END)
        rows = landed_rows("meta_ads", "ad_performance", "data")
        found = {(row["ad_id"], row["date_start"]): Decimal(row.get("spend", 0)) for row in rows}
        newest: dict[tuple[str, str], Decimal] = {}
        truth = vendor_side.truth("ad_day").to_pylist()
        for row in sorted(truth, key=lambda row: row["known_at"]):
            if row["platform"] == "meta_ads" and row["report_date"] < END.date():
                cents = row["spend_micros"] // 10_000
                newest[row["ad_id"], str(row["report_date"])] = Decimal(cents) / 100
        assert found == newest
        assert len(rows) == len(found) > 100

    @pytest.mark.parametrize(("stream", "key"), [("ads", "ad_id"), ("campaigns", "campaign_id")])
    def test_what_is_advertised_lands_whole(
        self, vendor_side: sandbox.Running, stream: str, key: str
    ) -> None:
        extract("meta_ads", stream, START, END)
        found = [row["id"] for row in landed_rows("meta_ads", stream, "data")]
        truth = vendor_side.truth("ad").to_pylist()
        assert sorted(found) == sorted({ad[key] for ad in truth if ad["platform"] == "meta_ads"})

    def test_the_account_is_one_object(self, vendor_side: sandbox.Running) -> None:
        extract("meta_ads", "accounts", START, END)
        (page,) = landed_table("meta_ads", "accounts")["page"].to_pylist()
        assert {"account_id", "currency", "timezone_name"} <= set(json.loads(page))


class TestGraph:
    @pytest.fixture(autouse=True)
    def _server(self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOURCES__META_ADS__BASE_URL", server.url)
        monkeypatch.setenv("SOURCES__META_ADS__ACCESS_TOKEN", TOKEN)
        monkeypatch.setenv("SOURCES__META_ADS__ACCOUNT_ID", "act_42")
        monkeypatch.setattr(connectors.meta, "REST_SECONDS", 0.6)
        self.server = server

    def refuse(self, code: int, status: int = 400, **more: object) -> None:
        error = {"message": "(#1) of the test", "type": "OAuthException", "code": code, **more}
        self.server.script.append(Answer(status, json.dumps({"error": error}).encode()))

    def answer(self, **more: object) -> None:
        body = json.dumps({"data": [], **more}).encode()
        self.server.script.append(Answer(body=body))

    def test_the_last_page_has_a_cursor_and_no_next(self) -> None:
        following = {"cursors": {"after": "two"}, "next": f"https://graph/x?access_token={TOKEN}"}
        self.answer(paging=following)
        self.answer(paging={"cursors": {"after": "three"}})
        assert extract("meta_ads", "campaigns", *NIGHT).pages == 2
        first, second = self.server.seen
        assert parse_qs(urlsplit(second.path).query)["after"] == ["two"]
        assert second.path.startswith(first.path)

    def test_the_token_is_in_no_url_and_no_landed_page(self) -> None:
        self.answer(paging={"next": "https://graph/x?access_token=EAAB%7Cof%2Fthe%2Btest"})
        extract("meta_ads", "campaigns", *NIGHT)
        (seen,) = self.server.seen
        assert seen.headers["authorization"] == f"Bearer {TOKEN}"
        assert "EAAB" not in seen.path
        assert "EAAB" not in str(landed_table("meta_ads", "campaigns").to_pylist())

    def test_insights_are_asked_for_a_week_at_a_time_by_report_dates(self) -> None:
        for _ in range(3):
            self.answer()
        extract("meta_ads", "ad_performance", NIGHT[0] - timedelta(days=15), NIGHT[1])
        queries = [parse_qs(urlsplit(seen.path).query) for seen in self.server.seen]
        assert [json.loads(query["time_range"][0]) for query in queries] == [
            {"since": "2025-12-26", "until": "2026-01-01"},
            {"since": "2026-01-02", "until": "2026-01-08"},
            {"since": "2026-01-09", "until": "2026-01-10"},
        ]
        assert {query["level"][0] + query["time_increment"][0] for query in queries} == {"ad1"}

    def test_a_query_that_is_over_large_is_halved(self) -> None:
        too_much = {"error_subcode": connectors.meta.TOO_MUCH_SUBCODE}
        self.refuse(100, **too_much)
        self.refuse(100, **too_much)
        for _ in range(3):
            self.answer()
        extract("meta_ads", "ad_performance", NIGHT[0] - timedelta(days=6), NIGHT[1])
        ranges = [parse_qs(urlsplit(seen.path).query)["time_range"] for seen in self.server.seen]
        days = [json.loads(each[0]) for each in ranges]
        assert [(day["since"][-2:], day["until"][-2:]) for day in days] == [
            ("04", "10"),
            ("04", "07"),
            ("04", "05"),
            ("06", "07"),
            ("08", "10"),
        ]

    def test_a_single_day_that_is_over_large_is_an_error(self) -> None:
        self.refuse(100, error_subcode=connectors.meta.TOO_MUCH_SUBCODE)
        with pytest.raises(ConnectorError, match="of the test"):
            extract("meta_ads", "ad_performance", *NIGHT)

    @pytest.mark.parametrize("code", [4, 17, 32, 613, 80000, 80004])
    def test_throttling_hides_behind_a_400_and_is_waited_out(self, code: int) -> None:
        self.refuse(code)
        self.answer()
        assert extract("meta_ads", "campaigns", *NIGHT).pages == 1
        first, second = self.server.seen
        assert second.at - first.at >= 0.6

    @pytest.mark.parametrize("more", [{"code": 1}, {"code": 2}, {"code": 9, "is_transient": True}])
    def test_a_passing_fault_is_tried_again(self, more: dict[str, int]) -> None:
        self.refuse(**more)  # type: ignore[arg-type]
        self.answer()
        assert extract("meta_ads", "campaigns", *NIGHT).pages == 1

    @pytest.mark.parametrize(
        ("code", "more", "remedy"),
        [
            (190, {"error_subcode": 463}, "renew this vendor's credential"),
            (10, {}, "the right to read this stream"),
            (200, {}, "the right to read this stream"),
            (100, {"error_subcode": 33}, "check this vendor's account ids"),
            (100, {}, "the request was refused"),
        ],
    )
    def test_a_refusal_is_told_by_its_code(
        self, code: int, more: dict[str, int], remedy: str
    ) -> None:
        self.refuse(code, **more)
        with pytest.raises(ConnectorError, match="of the test") as caught:
            extract("meta_ads", "campaigns", *NIGHT)
        assert remedy in str(caught.value)
        assert len(self.server.seen) == 1

    @pytest.mark.parametrize(
        "headers",
        [
            {"X-App-Usage": '{"call_count":97,"total_time":1,"total_cputime":1}'},
            {"X-Ad-Account-Usage": '{"acc_id_util_pct":99.5}'},
            {"X-Business-Use-Case-Usage": '{"1":[{"type":"ads_insights","total_time":96}]}'},
        ],
    )
    def test_a_limit_that_is_nearly_used_up_is_rested_for(self, headers: dict[str, str]) -> None:
        body = b'{"data":[],"paging":{"cursors":{"after":"b"},"next":"x"}}'
        self.server.script.append(Answer(body=body, headers=headers))
        self.answer()
        extract("meta_ads", "campaigns", *NIGHT)
        first, second = self.server.seen
        assert second.at - first.at >= 0.6

    def test_a_limit_that_is_far_away_is_no_reason_to_rest(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connectors.meta, "REST_SECONDS", 60)
        usage = '{"1":[{"type":"a","call_count":3,"estimated_time_to_regain_access":0}]}'
        body = b'{"data":[],"paging":{"cursors":{"after":"b"},"next":"x"}}'
        self.server.script.append(Answer(body=body, headers={"X-Business-Use-Case-Usage": usage}))
        self.answer()
        extract("meta_ads", "campaigns", *NIGHT)
        first, second = self.server.seen
        assert second.at - first.at < 2


def test_a_wrong_token_is_said_to_be_one(
    vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__META_ADS__ACCESS_TOKEN", "wrong")
    with pytest.raises(ConnectorError, match="renew this vendor's credential"):
        extract("meta_ads", "ads", *NIGHT)


def test_an_expired_cursor_starts_again(vendor_side: sandbox.Running) -> None:
    vendor_side.fault("meta_ads", "ad_performance", "expired_cursor", times=1, skip=1)
    assert extract("meta_ads", "ad_performance", START, END).restarts == 1
