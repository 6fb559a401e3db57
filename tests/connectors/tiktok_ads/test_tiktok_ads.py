"""TikTok Ads' connector against the sandbox's Business API, whose truth is known."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import connectors.tiktok_ads as tiktok
import sandbox
from connectors.landing import extract
from connectors.stream import ConnectorError
from tests.connectors.conftest import Answer, ScriptedServer
from tests.connectors.landed import END, START, finished_loads, landed_pages, landed_table

NIGHT = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 1, 11, tzinfo=UTC)
TOKEN = "token/of+the-test"
Row = dict[str, Any]


def rows(stream: str) -> list[Row]:
    return [row for page in landed_pages("tiktok_ads", stream) for row in page["data"]["list"]]


def newest_days(side: sandbox.Running) -> dict[tuple[str, str], Row]:
    """Each ad's day as TikTok last stated it."""
    found = {}
    for row in sorted(side.truth("ad_day").to_pylist(), key=lambda row: row["known_at"]):
        if row["platform"] == "tiktok_ads" and row["report_date"] < END.date():
            found[row["ad_id"], f"{row['report_date']} 00:00:00"] = row
    return found


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiktok, "SECONDS_BETWEEN", 0.0)


class TestTruth:
    def test_every_ads_day_lands_once_and_those_of_deleted_ads_too(
        self, vendor_side: sandbox.Running
    ) -> None:
        extract("tiktok_ads", "ad_performance", START, END)
        landed = rows("ad_performance")
        found = {
            (row["dimensions"]["ad_id"], row["dimensions"]["stat_time_day"]): (
                Decimal(row["metrics"]["spend"]),
                int(row["metrics"]["conversion"]),
            )
            for row in landed
        }
        truth = newest_days(vendor_side)
        assert found == {
            key: (Decimal(row["spend_micros"]) / 10**6, int(row["conversions"]))
            for key, row in truth.items()
        }
        deleted = {ad["ad_id"] for ad in vendor_side.truth("ad").to_pylist() if ad["deleted_at"]}
        assert len(landed) == len(found) > 100
        assert deleted & {ad for ad, _ in found}

    def test_an_advertisers_days_are_the_sums_of_its_ads(
        self, vendor_side: sandbox.Running
    ) -> None:
        extract("tiktok_ads", "account_performance", START, END)
        stated = {
            row["dimensions"]["stat_time_day"]: Decimal(row["metrics"]["spend"])
            for row in rows("account_performance")
        }
        sums: dict[str, Decimal] = {}
        for (_, day), row in newest_days(vendor_side).items():
            sums[day] = sums.get(day, Decimal(0)) + Decimal(row["spend_micros"]) / 10**6
        assert stated == sums

    @pytest.mark.parametrize(("stream", "key"), [("ads", "ad_id"), ("campaigns", "campaign_id")])
    def test_what_is_advertised_lands_whole_and_marked_where_deleted(
        self, vendor_side: sandbox.Running, stream: str, key: str
    ) -> None:
        extract("tiktok_ads", stream, START, END)
        ads = [ad for ad in vendor_side.truth("ad").to_pylist() if ad["platform"] == "tiktok_ads"]
        landed = rows(stream)
        assert sorted(row[key] for row in landed) == sorted({ad[key] for ad in ads})
        gone = {row[key] for row in landed if row["secondary_status"].endswith("DELETE")}
        whole = stream == "campaigns"
        assert gone == {
            ad[key] for ad in ads if ad["deleted_at"] and (ad["is_campaign_deleted"] or not whole)
        }
        assert gone

    def test_the_advertiser_tells_currency_and_zone(self, vendor_side: sandbox.Running) -> None:
        extract("tiktok_ads", "advertisers", START, END)
        (row,) = rows("advertisers")
        assert (row["currency"], row["timezone"]) == ("USD", "Etc/UTC")


class TestProtocol:
    @pytest.fixture(autouse=True)
    def _server(self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOURCES__TIKTOK_ADS__BASE_URL", server.url)
        monkeypatch.setenv("SOURCES__TIKTOK_ADS__ACCESS_TOKEN", TOKEN)
        monkeypatch.setenv("SOURCES__TIKTOK_ADS__ADVERTISER_ID", "42")
        self.server = server

    def say(self, code: int = 0, message: str = "OK", **data: Any) -> None:
        body = {"code": code, "message": message, "request_id": "r", "data": data}
        self.server.script.append(Answer(body=json.dumps(body).encode()))

    def page(self, *ids: int, page: int = 1, pages: int = 1, total: int | None = None) -> None:
        info = {"page": page, "page_size": 1000, "total_page": pages}
        listed = [{"ad_id": str(number)} for number in ids]
        self.say(list=listed, page_info=info | {"total_number": total or len(ids)})

    def queries(self) -> list[dict[str, str]]:
        return [
            {name: values[0] for name, values in parse_qs(urlsplit(seen.path).query).items()}
            for seen in self.server.seen
        ]

    def refused(self, stream: str = "ads") -> ConnectorError:
        with pytest.raises(ConnectorError) as caught:
            extract("tiktok_ads", stream, *NIGHT)
        assert finished_loads("tiktok_ads") == set()
        return caught.value

    def test_pages_are_read_to_the_last_by_their_number(self) -> None:
        self.page(1, 2, page=1, pages=2, total=3)
        self.page(3, page=2, pages=2, total=3)
        landed = extract("tiktok_ads", "ads", *NIGHT)
        assert (landed.pages, landed.rows, landed.restarts) == (2, 3, 0)
        assert [query["page"] for query in self.queries()] == ["1", "2"]
        assert {query["filtering"] for query in self.queries()} == {
            '{"primary_status": "STATUS_ALL"}'
        }

    @pytest.mark.parametrize("second", [[], [3]], ids=["an empty page", "a row that moved away"])
    def test_a_list_that_lacks_rows_is_read_again(self, second: list[int]) -> None:
        self.page(1, 2, page=1, pages=2, total=4)
        self.page(*second, page=2, pages=2, total=4)
        self.page(1, 2, page=1, pages=2, total=4)
        self.page(3, 4, page=2, pages=2, total=4)
        landed = extract("tiktok_ads", "ads", *NIGHT)
        assert landed.restarts == 1
        assert {row["ad_id"] for row in rows("ads")} == {"1", "2", "3", "4"}

    def test_a_row_that_comes_twice_does_not_stand_for_one_that_lacks(self) -> None:
        self.page(1, 2, page=1, pages=2, total=4)
        self.page(2, 3, page=2, pages=2, total=4)
        self.page(1, 2, page=1, pages=2, total=4)
        self.page(3, 4, page=2, pages=2, total=4)
        assert extract("tiktok_ads", "ads", *NIGHT).restarts == 1
        assert {row["ad_id"] for row in rows("ads")} == {"1", "2", "3", "4"}

    def test_a_total_that_moves_while_it_is_read_is_read_again(self) -> None:
        self.page(1, 2, page=1, pages=2, total=4)
        self.page(4, page=2, pages=2, total=3)
        self.page(2, 3, page=1, pages=2, total=3)
        self.page(4, page=2, pages=2, total=3)
        assert extract("tiktok_ads", "ads", *NIGHT).restarts == 1
        assert {row["ad_id"] for row in rows("ads")} == {"1", "2", "3", "4"}

    def test_rows_of_a_report_are_told_apart_by_their_dimensions(self) -> None:
        def day(number: int) -> Row:
            time = f"2026-01-{number:02d} 00:00:00"
            return {"dimensions": {"ad_id": "7", "stat_time_day": time}, "metrics": {}}

        info = {"page_size": 1000, "total_page": 2, "total_number": 3}
        for second in (9, 10):
            self.say(list=[day(8), day(9)], page_info=info | {"page": 1})
            self.say(list=[day(second)], page_info=info | {"page": 2})
        assert extract("tiktok_ads", "ad_performance", *NIGHT).restarts == 1

    def test_the_total_of_an_advertiser_is_its_own_report_and_no_sum_of_ads(self) -> None:
        self.page()
        extract("tiktok_ads", "account_performance", *NIGHT)
        (query,) = self.queries()
        assert query["data_level"] == "AUCTION_ADVERTISER"
        assert json.loads(query["dimensions"]) == ["advertiser_id", "stat_time_day"]
        assert "filtering" not in query, "a filter by ads would make it a sum of them"

    def test_an_advertiser_that_is_left_out_is_an_error(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCES__TIKTOK_ADS__ADVERTISER_ID", "42, 43")
        self.say(list=[{"advertiser_id": "42"}])
        assert "gave 1 of 2 advertisers" in str(self.refused("advertisers"))

    def test_a_list_that_never_holds_still_is_an_error(self) -> None:
        for _ in range(3):
            self.page(1, 2, total=4)
        assert "gave 2 of 4 rows" in str(self.refused())

    def test_the_token_goes_in_a_header_and_nowhere_else(self) -> None:
        self.page(1)
        extract("tiktok_ads", "ads", *NIGHT)
        (seen,) = self.server.seen
        assert seen.headers["access-token"] == TOKEN
        assert "token" not in seen.path
        assert TOKEN not in str(landed_table("tiktok_ads", "ads").to_pylist())

    def test_a_report_spans_at_most_thirty_days(self) -> None:
        for _ in range(2):
            self.page()
        extract("tiktok_ads", "ad_performance", NIGHT[1] - timedelta(days=31), NIGHT[1])
        assert [(query["start_date"], query["end_date"]) for query in self.queries()] == [
            ("2025-12-11", "2026-01-09"),
            ("2026-01-10", "2026-01-10"),
        ]

    def test_a_report_longer_than_tiktok_gives_is_asked_for_in_halves(self) -> None:
        self.page(1, pages=11, total=tiktok.ROWS_PER_REPORT + 1)
        self.page(1)
        self.page(2)
        extract("tiktok_ads", "ad_performance", NIGHT[0] - timedelta(days=2), NIGHT[1])
        assert [(query["start_date"], query["end_date"]) for query in self.queries()] == [
            ("2026-01-08", "2026-01-10"),
            ("2026-01-08", "2026-01-09"),
            ("2026-01-10", "2026-01-10"),
        ]
        assert [row["ad_id"] for row in rows("ad_performance")] == ["1", "2"]

    def test_a_day_that_no_report_can_hold_is_an_error(self) -> None:
        self.page(1, pages=11, total=10_001)
        assert "10,001 rows of 2026-01-10" in str(self.refused("ad_performance"))

    def test_several_advertisers_are_read_one_after_the_other(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCES__TIKTOK_ADS__ADVERTISER_ID", "42, 43")
        self.page(1)
        self.page(2)
        self.say(list=[{"advertiser_id": "42"}, {"advertiser_id": "43"}])
        extract("tiktok_ads", "campaigns", *NIGHT)
        extract("tiktok_ads", "advertisers", *NIGHT)
        assert [query.get("advertiser_id") for query in self.queries()] == ["42", "43", None]
        assert json.loads(self.queries()[2]["advertiser_ids"]) == ["42", "43"]

    @pytest.mark.parametrize(
        ("code", "message"),
        [
            (40100, "App reaches the QPS limit."),
            (50000, "System error"),
            (20001, "Partial success"),
        ],
    )
    def test_what_passes_is_waited_out(self, code: int, message: str) -> None:
        self.say(code, message)
        self.page(1)
        assert extract("tiktok_ads", "ads", *NIGHT).rows == 1
        assert len(self.server.seen) == 2

    def test_throttled_for_good_ends_in_an_error_and_nothing_counts(self) -> None:
        for _ in range(3):
            self.say(40100, "App reaches the QPS limit.")
        error = self.refused()
        assert "40100" in str(error)
        assert (error.status, error.means) == (200, 429)
        assert "the vendor's limit is used up" in error.remedy

    def test_the_limit_of_a_day_is_not_waited_for(self) -> None:
        self.say(40133, "App reaches the QPD limit.")
        assert "of the day are used up" in str(self.refused())
        assert len(self.server.seen) == 1

    @pytest.mark.parametrize(
        ("code", "remedy"),
        [
            (40104, "set SOURCES__TIKTOK_ADS__ACCESS_TOKEN"),
            (40105, "renew this vendor's credential"),
            (40102, "renew this vendor's credential"),
            (40101, "the app's id and secret"),
            (40115, "list of allowed IP addresses"),
            (40001, "let the advertiser authorise the app again"),
            (40002, "the request was refused"),
            (40006, "check this vendor's account ids"),
        ],
    )
    def test_a_refusal_with_status_200_is_told_with_its_remedy(
        self, code: int, remedy: str
    ) -> None:
        self.say(code, "So it is.")
        said = str(self.refused())
        assert f"answered code {code} So it is." in said
        assert remedy in said
        assert "tiktok_ads/ads 2026-01-10" in said
        assert len(self.server.seen) == 1

    def test_html_with_status_200_is_no_page(self) -> None:
        for _ in range(3):
            self.server.script.append(Answer(body=b"<html>later</html>"))
        assert "not a whole JSON page" in str(self.refused())


@pytest.mark.parametrize(
    "fault", ["rate_limit", "truncated", "reset", "html_200", "error", "shifted_pages"]
)
def test_a_passing_fault_loses_no_row(
    vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(tiktok, "ROWS_PER_PAGE", 5)
    extract("tiktok_ads", "ads", *NIGHT)
    whole = {row["ad_id"] for row in rows("ads")}
    options = {"rows": -1} if fault == "shifted_pages" else {}
    # One "too many" is a lesson in pace; a second one would slow the rest of the tests down.
    times = 1 if fault == "rate_limit" else 2
    vendor_side.fault("tiktok_ads", "ads", fault, times=times, **options)
    landed = extract("tiktok_ads", "ads", *NIGHT)
    again = landed_table("tiktok_ads", "ads").num_rows
    assert {row["ad_id"] for row in rows("ads")} == whole
    assert landed.pages >= 3 <= again
    assert (landed.restarts > 0) == (fault == "shifted_pages")


def test_a_wrong_token_is_said_to_be_one(
    vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__TIKTOK_ADS__ACCESS_TOKEN", "wrong")
    with pytest.raises(ConnectorError, match=r"40105.*renew this vendor's credential"):
        extract("tiktok_ads", "ads", START, END)
