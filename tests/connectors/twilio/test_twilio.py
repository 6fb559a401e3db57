"""Twilio's connector against the sandbox's Twilio, whose truth is known."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlsplit

import pytest

import connectors.twilio
import sandbox
from connectors.landing import extract
from connectors.settings import VendorSettings
from connectors.stream import ConnectorError
from sandbox.twilio_rows import ACCOUNT
from tests.connectors.conftest import Answer, ScriptedServer, point_at
from tests.connectors.landed import END, START, landed_rows, landed_table, queries

SETTINGS = {"account_sid": ACCOUNT, "auth_token": "token of the test"}
EMPTY = b'{"messages":[],"next_page_uri":null}'


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages so small that there are many of them."""
    monkeypatch.setattr(connectors.twilio, "PAGE", 40)


class TestTruth:
    def test_every_message_of_the_window_lands_once(
        self, vendor_side: sandbox.Running, small_pages: None
    ) -> None:
        landed = extract("twilio", "messages", START, END)
        rows = landed_rows("twilio", "messages", "messages")
        truth = vendor_side.truth("twilio_message").to_pylist()
        expected = {
            row["message_sid"] for row in truth if row["sent_at"].replace(tzinfo=UTC) <= END
        }
        assert len(rows) == landed.rows == len(expected) > 200
        assert {row["sid"] for row in rows} == expected
        assert landed.pages > 5

    def test_what_came_in_is_there_too(self, vendor_side: sandbox.Running) -> None:
        extract("twilio", "messages", START, END)
        rows = landed_rows("twilio", "messages", "messages")
        stopped = {row["from"] for row in rows if row["body"] == "STOP"}
        truth = vendor_side.truth("twilio_message").to_pylist()
        assert stopped == {row["phone"] for row in truth if row["body"] == "STOP"} != set()

    def test_a_later_night_brings_the_receipts_and_prices_that_were_not_there(
        self, vendor_side: sandbox.Running
    ) -> None:
        truth = vendor_side.truth("twilio_message").to_pylist()
        extract("twilio", "messages", END - timedelta(days=4), END)
        told = {row["sid"]: row for row in landed_rows("twilio", "messages", "messages")}
        clock = vendor_side.now.replace(tzinfo=None)
        for row in truth:
            if row["message_sid"] in told:
                billed = row["billed_at"] is not None and row["billed_at"] <= clock
                message = told[row["message_sid"]]
                assert message["price"] == (f"-{row['price']}" if billed else None)
                received = row["outcome_at"] <= clock
                assert message["status"] == (row["outcome"] if received else "sent")
        assert None in {row["price"] for row in told.values()}

    def test_usage_is_the_days_own_total(self, vendor_side: sandbox.Running) -> None:
        extract("twilio", "usage_records", START, END)
        rows = landed_rows("twilio", "usage_records", "usage_records")
        stated = {row["start_date"]: row for row in rows if row["category"] == "sms"}
        clock = vendor_side.now.replace(tzinfo=None)
        counted: dict[str, int] = {}
        for row in vendor_side.truth("twilio_message").to_pylist():
            if row["billed_at"] is not None and row["billed_at"] <= clock:
                day = row["sent_at"].date().isoformat()
                counted[day] = counted.get(day, 0) + 1
        inside = {day: n for day, n in counted.items() if day < END.date().isoformat()}
        assert {day: int(row["count"]) for day, row in stated.items() if row["count"] != "0"} == (
            inside
        )
        assert len(stated) == 20

    def test_services_are_read_whole_from_their_own_host(
        self, vendor_side: sandbox.Running
    ) -> None:
        extract("twilio", "messaging_services", START, END)
        names = {
            row["friendly_name"] for row in landed_rows("twilio", "messaging_services", "services")
        }
        assert names == {
            row["service_name"] for row in vendor_side.truth("twilio_service").to_pylist()
        }


class TestRequests:
    def test_a_window_is_asked_for_by_inclusive_bounds_and_met_by_the_next_one(
        self, vendor_side: sandbox.Running, night: tuple[datetime, datetime]
    ) -> None:
        extract("twilio", "messages", *night)
        query = queries("twilio", "messages")[0]
        assert query["DateSent>"] == ["2026-01-10T00:00:00Z"]
        assert query["DateSent<"] == ["2026-01-11T00:00:00Z"]

    def test_days_add_up_to_the_whole(self, vendor_side: sandbox.Running) -> None:
        for day in range(6):
            start = START + timedelta(days=day)
            extract("twilio", "messages", start, start + timedelta(days=1))
        days = {row["sid"] for row in landed_rows("twilio", "messages", "messages")}
        extract("twilio", "messages", START, START + timedelta(days=6))
        both = {row["sid"] for row in landed_rows("twilio", "messages", "messages")}
        assert days == both != set()

    def test_the_next_page_is_the_path_that_came_and_no_page_number_of_ours(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url + "/below", monkeypatch, "twilio", **SETTINGS)
        onward = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json?DateSent%3E=x&Page=1&PageToken=PAx"
        server.script.append(Answer(body=b'{"messages":[],"next_page_uri":"%b"}' % onward.encode()))
        server.script.append(Answer(body=EMPTY))
        extract("twilio", "messages", START, END)
        first, second = server.seen
        assert "Page=" not in first.path
        assert second.path == f"/below{onward}"

    def test_a_next_page_that_is_an_address_is_taken_as_it_is(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "twilio", **SETTINGS)
        onward = f"{server.url}/next?PageToken=PAx"
        server.script.append(Answer(body=b'{"messages":[],"next_page_uri":"%b"}' % onward.encode()))
        server.script.append(Answer(body=EMPTY))
        extract("twilio", "messages", START, END)
        assert server.seen[1].path == "/next?PageToken=PAx"

    def test_services_are_asked_for_where_their_own_setting_says(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "twilio", **SETTINGS)
        monkeypatch.setenv("SOURCES__TWILIO__BASE_URL", "http://127.0.0.1:9")
        monkeypatch.setenv("SOURCES__TWILIO__MESSAGING_BASE_URL", f"{server.url}/messaging")
        server.script.append(Answer(body=b'{"services":[],"meta":{"next_page_url":null}}'))
        extract("twilio", "messaging_services", START, END)
        assert urlsplit(server.seen[0].path).path == "/messaging/v1/Services"

    def test_the_apis_own_setting_does_not_move_the_services(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A region's address of the API has no services below it."""
        point_at(server.url, monkeypatch, "twilio", **SETTINGS)
        settings = VendorSettings("twilio")
        client = connectors.twilio.messaging_client(connectors.twilio.connect(settings))
        assert client.rest is not None
        assert client.rest.base_url == "https://messaging.twilio.com"

    def test_a_window_of_another_zone_is_asked_for_in_gmt_and_whole_seconds(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "twilio", **SETTINGS)
        server.script.append(Answer(body=EMPTY))
        east = timezone(timedelta(hours=2))
        start = datetime(2026, 1, 10, 2, 0, 0, 500_000, tzinfo=east)
        extract("twilio", "messages", start, start + timedelta(hours=1))
        (query,) = queries("twilio", "messages")
        assert query["DateSent>"] == ["2026-01-10T00:00:00Z"]
        assert query["DateSent<"] == ["2026-01-10T01:00:00Z"]

    def test_account_or_key_and_secret_go_in_a_header(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "twilio", **SETTINGS)
        server.script.extend([Answer(body=EMPTY), Answer(body=EMPTY)])
        extract("twilio", "messages", START, END)
        monkeypatch.setenv("SOURCES__TWILIO__API_KEY_SID", "SK" + "1" * 32)
        extract("twilio", "messages", START, END)
        signed = [base64.b64decode(seen.headers["authorization"][6:]) for seen in server.seen]
        assert signed == [
            f"{ACCOUNT}:token of the test".encode(),
            b"SK" + b"1" * 32 + b":token of the test",
        ]
        assert "token of the test" not in "".join(
            landed_table("twilio", "messages")["request"].to_pylist()
        )

    def test_usage_leaves_subaccounts_out_as_messages_do(
        self, vendor_side: sandbox.Running
    ) -> None:
        extract("twilio", "usage_records", START, START + timedelta(days=2))
        (query,) = queries("twilio", "usage_records")
        assert query["IncludeSubaccounts"] == ["false"]
        assert (query["StartDate"], query["EndDate"]) == (["2026-01-01"], ["2026-01-02"])


class TestFaults:
    def test_a_wrong_token_is_said_to_be_one(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCES__TWILIO__AUTH_TOKEN", "wrong")
        with pytest.raises(
            ConnectorError, match=r"20003.*renew this vendor's credential"
        ) as caught:
            extract("twilio", "messages", START, END)
        assert caught.value.status == 401

    def test_a_wrong_account_is_said_to_be_one(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCES__TWILIO__ACCOUNT_SID", "AC" + "9" * 32)
        with pytest.raises(ConnectorError, match="check this vendor's account ids"):
            extract("twilio", "messages", START, END)

    def test_throttling_is_waited_out(self, vendor_side: sandbox.Running) -> None:
        whole = extract("twilio", "messages", START, END).rows
        vendor_side.fault("twilio", "messages", "rate_limit", times=2, retry_after=1)
        assert extract("twilio", "messages", START, END).rows == whole

    def test_throttling_without_a_hint_says_its_code_when_it_does_not_end(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "twilio", **SETTINGS)
        refusal = b'{"code":20429,"message":"Too Many Requests","status":429}'
        server.script.extend([Answer(429, body=refusal)] * 3)
        with pytest.raises(ConnectorError, match="20429 429 Too Many Requests"):
            extract("twilio", "messages", START, END)

    def test_a_page_that_is_not_known_any_more_starts_again_and_misses_nothing(
        self, vendor_side: sandbox.Running, small_pages: None
    ) -> None:
        whole = extract("twilio", "messages", START, END).rows
        before = {row["sid"] for row in landed_rows("twilio", "messages", "messages")}
        vendor_side.fault("twilio", "messages", "expired_cursor", times=1, skip=2)
        landed = extract("twilio", "messages", START, END)
        assert landed.restarts == 1
        assert landed.rows == whole + 80
        assert {row["sid"] for row in landed_rows("twilio", "messages", "messages")} == before
