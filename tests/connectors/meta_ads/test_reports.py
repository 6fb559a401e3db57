"""Meta's reports of long windows: made, waited for, read; failed, late, gone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from facebook_business.adobjects.adaccount import AdAccount

import sandbox
from connectors.landing import extract
from connectors.meta_ads import reports
from connectors.stream import ConnectorError
from sandbox import meta_insights
from tests.conformance import meta_lists
from tests.conformance.proofs import Exchange, load
from tests.connectors.conftest import Answer, ScriptedServer
from tests.connectors.landed import END, START, finished_loads, landed_rows

# Six weeks: a first load, or a backfill.
LONG = START - timedelta(days=25), END
DAY = datetime(2026, 1, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "FIRST_WAIT", 0.001)


def asked(side: sandbox.Running, before: int) -> list[str]:
    """What was asked of Meta since then: method and what follows the version."""
    seen = [each for each in side.requests[before:] if each["vendor"] == "meta_ads"]
    return [f"{each['method']} {each['path'].partition('/v26.0/')[2]}" for each in seen]


class TestAgainstTheSandbox:
    def test_a_long_windows_pages_are_those_of_short_ones(
        self, vendor_side: sandbox.Running
    ) -> None:
        extract("meta_ads", "ad_performance", START, END)
        at_once = {json.dumps(row) for row in landed_rows("meta_ads", "ad_performance", "data")}
        before = len(vendor_side.requests)
        extract("meta_ads", "ad_performance", *LONG)
        again = landed_rows("meta_ads", "ad_performance", "data")[len(at_once) :]
        assert len(again) == len(at_once) > 100
        assert {json.dumps(row) for row in again} == at_once
        questions = asked(vendor_side, before)
        assert [each.split()[0] for each in questions].count("POST") == 2
        assert not [each for each in questions if each.startswith("GET act_")]

    def test_a_report_at_a_hundred_per_cent_is_waited_for_until_it_is_done(
        self, vendor_side: sandbox.Running
    ) -> None:
        before = len(vendor_side.requests)
        extract("meta_ads", "ad_performance", *LONG)
        first, *polls = asked(vendor_side, before)[:5]
        assert first.endswith("/insights")
        assert ["insights" in each for each in polls] == [False, False, False, True]

    def test_a_report_that_fails_by_its_size_is_asked_for_in_halves(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        extract("meta_ads", "ad_performance", START, END)
        whole = landed_rows("meta_ads", "ad_performance", "data")
        monkeypatch.setattr(meta_insights, "MOST_ROWS_OF_RUN", len(whole) // 4)
        before = len(vendor_side.requests)
        extract("meta_ads", "ad_performance", *LONG)
        again = landed_rows("meta_ads", "ad_performance", "data")[len(whole) :]
        keys = [(row["ad_id"], row["date_start"]) for row in again]
        assert sorted(keys) == sorted((row["ad_id"], row["date_start"]) for row in whole)
        assert sum(each.startswith("POST") for each in asked(vendor_side, before)) > 4

    def test_a_day_that_no_report_can_hold_is_an_error_that_names_it(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(meta_insights, "MOST_ROWS_OF_RUN", 0)
        with pytest.raises(ConnectorError) as caught:
            extract("meta_ads", "ad_performance", *LONG)
        said = str(caught.value)
        assert "of 2026-01-01 to 2026-01-01: Job Failed 1 Please reduce" in said
        assert "Remedy: " in said
        assert finished_loads("meta_ads") == set()

    def test_the_accounts_days_are_the_sums_of_its_ads(self, vendor_side: sandbox.Running) -> None:
        extract("meta_ads", "ad_performance", START, END)
        extract("meta_ads", "account_performance", START, END)
        sums: dict[str, Decimal] = {}
        for row in landed_rows("meta_ads", "ad_performance", "data"):
            day = row["date_start"]
            sums[day] = sums.get(day, Decimal(0)) + Decimal(row.get("spend", "0"))
        stated = landed_rows("meta_ads", "account_performance", "data")
        assert {row["date_start"]: Decimal(row["spend"]) for row in stated} == sums
        assert len(sums) == 20

    def test_every_question_is_as_metas_lists_have_it(self, vendor_side: sandbox.Running) -> None:
        load("meta/AdReportRun.json")
        before = len(vendor_side.requests)
        extract("meta_ads", "ad_performance", *LONG)
        headers = {"Authorization": "Bearer x"}
        nodes = set()
        for each in vendor_side.requests[before:]:
            exchange = Exchange(
                *("meta_ads", "ad_performance", each["method"], each["path"], each["path"]),
                raw_query=each["query"],
                headers=headers,
            )
            edge = each["path"].rpartition("/")[2]
            node = "AdAccount" if "/act_" in each["path"] else "AdReportRun"
            edge = edge if edge == "insights" else ""
            nodes.add((each["method"], node, edge))
            assert meta_lists.request(exchange, node, edge) == []
        assert nodes == {
            ("POST", "AdAccount", "insights"),
            ("GET", "AdReportRun", ""),
            ("GET", "AdReportRun", "insights"),
        }
        assert hasattr(AdAccount, "get_insights_async")


class TestScripted:
    @pytest.fixture(autouse=True)
    def _server(self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOURCES__META_ADS__BASE_URL", server.url)
        monkeypatch.setenv("SOURCES__META_ADS__ACCESS_TOKEN", "EAAB|of/the+test")
        monkeypatch.setenv("SOURCES__META_ADS__ACCOUNT_ID", "42")
        self.server = server

    def say(self, status: int = 200, **content: Any) -> None:
        self.server.script.append(Answer(status, json.dumps(content).encode()))

    def ready(self, run: str, *ids: str) -> None:
        self.say(report_run_id=run)
        self.say(async_status="Job Completed", async_percent_completion=100)
        self.say(data=[{"ad_id": each} for each in ids])

    def gone(self) -> None:
        self.say(
            400,
            error={
                "message": "Unsupported get request. Object with ID '7' does not exist",
                "type": "GraphMethodException",
                "code": 100,
                "error_subcode": 33,
            },
        )

    def spans(self) -> list[tuple[str, str]]:
        asked = [seen for seen in self.server.seen if seen.method == "POST"]
        found = [json.loads(parse_qs(urlsplit(each.path).query)["time_range"][0]) for each in asked]
        return [(each["since"], each["until"]) for each in found]

    def pull(self) -> list[str]:
        extract("meta_ads", "ad_performance", DAY - timedelta(days=36), DAY)
        return [row["ad_id"] for row in landed_rows("meta_ads", "ad_performance", "data")]

    @pytest.mark.parametrize("state", ["Job Failed", "Job Skipped"])
    def test_a_failed_or_skipped_report_is_asked_for_in_halves(self, state: str) -> None:
        self.say(report_run_id="1")
        self.say(async_status=state, async_percent_completion=0)
        self.ready("2", "a")
        self.ready("3", "b")
        self.ready("4", "c")
        assert self.pull() == ["a", "b", "c"]
        assert self.spans() == [
            ("2025-12-05", "2026-01-04"),
            ("2025-12-05", "2025-12-20"),
            ("2025-12-21", "2026-01-04"),
            ("2026-01-05", "2026-01-09"),
        ]

    def test_a_report_that_is_gone_is_made_anew(self) -> None:
        self.say(report_run_id="7")
        self.gone()
        for run in ("8", "9", "10"):
            self.ready(run, run)
        assert self.pull() == ["8", "9", "10"]

    def test_a_report_that_is_not_to_be_read_yet_is_asked_for_again(self) -> None:
        self.say(report_run_id="1")
        self.say(async_status="Job Completed", async_percent_completion=100)
        self.say(400, error={"code": 2601, "error_subcode": 1815107, "is_transient": True})
        self.say(data=[{"ad_id": "a"}])
        self.ready("2", "b")
        assert self.pull() == ["a", "b"]

    def test_one_that_never_gets_ready_is_told_with_its_id_and_how_far_it_came(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reports, "MOST_SECONDS", 0.05)
        self.say(report_run_id="1")
        for _ in range(20):
            self.say(async_status="Job Running", async_percent_completion=40)
        with pytest.raises(ConnectorError) as caught:
            self.pull()
        said = str(caught.value)
        assert "report 1 of 2025-12-05 to 2026-01-04 was not ready after" in said
        assert "Job Running, 40 %" in said

    def test_an_answer_without_a_report_is_an_error(self) -> None:
        self.say()
        with pytest.raises(ConnectorError, match="started no report"):
            self.pull()
