"""Mailchimp's connector against the sandbox's Mailchimp, whose truth is known."""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import connectors.mailchimp
import connectors.mailchimp.paging
import sandbox
from connectors.landing import extract
from connectors.mailchimp import connect, probe
from connectors.settings import VendorSettings
from connectors.stream import ConnectorError
from tests.connectors.conftest import Answer, ScriptedServer, point_at
from tests.connectors.landed import END, START, asked, landed_rows

NOW = END + timedelta(hours=3)


def happened(vendor_side: sandbox.Running, *actions: str) -> Counter[Any]:
    """Truth: how often each recipient did it at which second."""
    return Counter(
        (row["campaign_id"], row["member_id"], row["action"], f"{row['occurred_at']:%FT%T}+00:00")
        for row in vendor_side.truth("mailchimp_event").to_pylist()
        if row["action"] in actions
    )


class TestTruth:
    def test_every_member_of_every_list_lands_archived_ones_too(
        self, vendor_side: sandbox.Running
    ) -> None:
        extract("mailchimp", "members", START, END)
        rows = landed_rows("mailchimp", "members", "members")
        landed = sorted((row["list_id"], row["id"]) for row in rows)
        truth = vendor_side.truth("mailchimp_member").to_pylist()
        assert landed == sorted((row["list_id"], row["member_id"]) for row in truth)
        archived = [row for row in truth if row["archived_at"] and row["archived_at"] < naive(NOW)]
        statuses = Counter(row["status"] for row in rows)
        assert statuses["archived"] == len(archived) > 0
        assert statuses["cleaned"] > 0
        assert statuses["unsubscribed"] > 0

    def test_every_recipient_of_every_campaign_lands_once(
        self, vendor_side: sandbox.Running
    ) -> None:
        landed = extract("mailchimp", "sent_to", START, END)
        rows = landed_rows("mailchimp", "sent_to", "sent_to")
        truth = vendor_side.truth("mailchimp_message").to_pylist()
        expected = sorted((row["campaign_id"], row["member_id"], row["status"]) for row in truth)
        told = sorted((row["campaign_id"], row["email_id"], row["status"]) for row in rows)
        assert told == expected
        assert landed.rows == len(expected) > 500

    def test_every_click_bounce_and_open_lands_once(self, vendor_side: sandbox.Running) -> None:
        extract("mailchimp", "email_activity", START, END)
        told = Counter(
            (row["campaign_id"], row["email_id"], done["action"], done["timestamp"])
            for row in landed_rows("mailchimp", "email_activity", "emails")
            for done in row["activity"]
        )
        assert told == happened(vendor_side, "click", "bounce", "open")

    def test_opens_say_whether_a_proxy_made_them(self, vendor_side: sandbox.Running) -> None:
        extract("mailchimp", "open_details", START, END)
        opens = [
            opened["is_proxy_open"]
            for row in landed_rows("mailchimp", "open_details", "members")
            for opened in row["opens"]
        ]
        truth = vendor_side.truth("mailchimp_event").to_pylist()
        expected = Counter(row["is_machine"] for row in truth if row["action"] == "open")
        assert Counter(opens) == expected

    @pytest.mark.parametrize(
        ("stream", "rows", "action", "time"),
        [
            ("unsubscribed", "unsubscribes", "unsubscribe", "timestamp"),
            ("abuse_reports", "abuse_reports", "complaint", "date"),
        ],
    )
    def test_farewells_land_once(
        self, vendor_side: sandbox.Running, stream: str, rows: str, action: str, time: str
    ) -> None:
        extract("mailchimp", stream, START, END)
        told = Counter(
            (row["campaign_id"], row["email_id"], action, row[time])
            for row in landed_rows("mailchimp", stream, rows)
        )
        assert told == happened(vendor_side, action) != Counter()

    def test_reports_state_what_was_sent(self, vendor_side: sandbox.Running) -> None:
        extract("mailchimp", "reports", START, END)
        told = {
            row["id"]: (row["emails_sent"], row["clicks"]["clicks_total"])
            for row in landed_rows("mailchimp", "reports", "reports")
        }
        sent = Counter(
            row["campaign_id"] for row in vendor_side.truth("mailchimp_message").to_pylist()
        )
        clicks = Counter(
            row["campaign_id"]
            for row in vendor_side.truth("mailchimp_event").to_pylist()
            if row["action"] == "click"
        )
        assert told == {name: (count, clicks[name]) for name, count in sent.items()}

    def test_drafts_land_beside_sent_campaigns(self, vendor_side: sandbox.Running) -> None:
        extract("mailchimp", "campaigns", START, END)
        rows = landed_rows("mailchimp", "campaigns", "campaigns")
        truth = vendor_side.truth("mailchimp_campaign").to_pylist()
        assert sorted(row["id"] for row in rows) == sorted(row["campaign_id"] for row in truth)
        assert {row["status"] for row in rows} == {"save", "sent"}

    def test_lists_land(self, vendor_side: sandbox.Running) -> None:
        assert extract("mailchimp", "lists", START, END).rows == 2

    def test_small_pages_lose_and_double_nothing(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keys = {"members": ("list_id", "id"), "sent_to": ("campaign_id", "email_id")}

        def landed(stream: str) -> set[tuple[str, ...]]:
            rows = landed_rows("mailchimp", stream, stream)
            return {tuple(row[name] for name in keys[stream]) for row in rows}

        whole = {}
        for stream in keys:
            assert extract("mailchimp", stream, START, END).pages < 20
            whole[stream] = landed(stream)
        data = Path(os.environ["THROUGHLINE_DATA"])
        monkeypatch.setenv("THROUGHLINE_DATA", str(data / "small"))
        monkeypatch.setattr(connectors.mailchimp.paging, "COUNT", 7)
        monkeypatch.setattr(connectors.mailchimp.paging, "OVERLAP", 2)
        for stream, rows in whole.items():
            assert extract("mailchimp", stream, START, END).pages > 20
            assert landed(stream) == rows

    @pytest.mark.parametrize("stream", ["open_details", "email_activity"])
    def test_what_people_do_with_old_campaigns_lands_as_well(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch, stream: str
    ) -> None:
        """Of campaigns sent long ago those are asked whose report tells of something since."""
        monkeypatch.setattr(connectors.mailchimp, "ACTIVE", timedelta(hours=1))
        start = END - timedelta(days=3)
        extract("mailchimp", stream, start, END)
        key, what = {
            "open_details": ("members", "opens"),
            "email_activity": ("emails", "activity"),
        }[stream]
        told = Counter(
            (row["campaign_id"], row["email_id"], done["timestamp"])
            for row in landed_rows("mailchimp", stream, key)
            for done in row[what]
            if stream == "open_details" or done["action"] != "bounce"
        )
        actions = ["open"] if stream == "open_details" else ["open", "click"]
        expected = Counter(
            (campaign, member, time)
            for campaign, member, _, time in happened(vendor_side, *actions).elements()
            if time >= f"{start:%FT%T}+00:00"
        )
        assert told == expected != Counter()
        sent = {
            row["campaign_id"]
            for row in vendor_side.truth("mailchimp_campaign").to_pylist()
            if row["sent_at"] and row["sent_at"] < naive(start - timedelta(hours=1))
        }
        assert sent & {campaign for campaign, _, _ in told}


class TestWindows:
    def test_a_night_asks_for_members_from_a_second_before_and_without_an_end(
        self, vendor_side: sandbox.Running, night: tuple[datetime, datetime]
    ) -> None:
        extract("mailchimp", "members", *night)
        statuses = []
        for path, query in asked("mailchimp", "members"):
            assert "/3.0/lists/" in path
            assert query["since_last_changed"] == "2026-01-09T23:59:59+00:00"
            assert (query["sort_field"], query["sort_dir"]) == ("last_changed", "DESC")
            assert "before_last_changed" not in query
            statuses.append(query.get("status"))
        assert statuses == [None, "archived"] * 2

    def test_a_night_asks_older_campaigns_for_what_is_new_only(
        self, vendor_side: sandbox.Running, night: tuple[datetime, datetime]
    ) -> None:
        extract("mailchimp", "email_activity", *night)
        assert {query["since"] for _, query in asked("mailchimp", "email_activity")} == {
            "2026-01-09T23:59:59+00:00"
        }
        times = [
            done["timestamp"]
            for row in landed_rows("mailchimp", "email_activity", "emails")
            for done in row["activity"]
        ]
        assert min(times) >= "2026-01-10T00:00:00+00:00"
        truth = vendor_side.truth("mailchimp_campaign").to_pylist()
        sent = {
            row["campaign_id"]
            for row in truth
            if row["sent_at"] and row["sent_at"] < naive(night[1])
        }
        assert {path.split("/")[-2] for path, _ in asked("mailchimp", "email_activity")} == sent

    def test_a_night_reads_recipients_of_the_campaigns_it_sent(
        self, vendor_side: sandbox.Running, night: tuple[datetime, datetime]
    ) -> None:
        extract("mailchimp", "sent_to", *night)
        truth = vendor_side.truth("mailchimp_campaign").to_pylist()
        sent = {
            row["campaign_id"]
            for row in truth
            if row["sent_at"] and naive(night[0]) <= row["sent_at"] < naive(night[1])
        }
        assert {
            row["campaign_id"] for row in landed_rows("mailchimp", "sent_to", "sent_to")
        } == sent

    def test_a_night_without_a_campaign_lands_as_empty(self, vendor_side: sandbox.Running) -> None:
        before = START - timedelta(days=2)
        assert extract("mailchimp", "sent_to", before, before + timedelta(days=1)).rows == 0


class TestFaults:
    def test_a_wrong_key_is_said_to_be_one(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCES__MAILCHIMP__API_KEY", "wrongwrongwrong-us1")
        with pytest.raises(ConnectorError, match="renew this vendor's credential") as caught:
            extract("mailchimp", "lists", START, END)
        assert caught.value.status == 401
        assert "wrongwrong" not in str(caught.value)

    def test_a_key_without_a_data_center_asks_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOURCES__MAILCHIMP__API_KEY", "0123456789abcdef")
        with pytest.raises(ConnectorError, match="data center") as caught:
            extract("mailchimp", "lists", START, END)
        assert "0123456789abcdef" not in str(caught.value)

    def test_the_data_center_of_the_key_is_the_host(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOURCES__MAILCHIMP__API_KEY", "0123456789abcdef-us21")
        client = connect(VendorSettings("mailchimp", ("api_key",)))
        assert client.rest is not None
        assert client.rest.base_url == "https://us21.api.mailchimp.com"

    def test_a_403_without_a_problem_document_is_throttling(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "mailchimp", api_key="keyofthetest-us9")
        monkeypatch.setenv("RUNTIME__REQUEST_MAX_RETRY_DELAY", "0.01")
        page = b'{"lists":[],"total_items":0}'
        denied = b"<html><body>Access Denied</body></html>"
        server.script.extend([Answer(403, denied), Answer(403, b""), Answer(body=page)])
        assert extract("mailchimp", "lists", START, END).pages == 1
        assert len(server.seen) == 3

    def test_a_403_with_a_problem_document_is_a_refusal(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "mailchimp", api_key="keyofthetest-us9")
        problem = {"title": "User Disabled", "status": 403, "detail": "Account deactivated."}
        server.script.append(Answer(403, json.dumps(problem).encode()))
        with pytest.raises(ConnectorError, match="Account deactivated") as caught:
            extract("mailchimp", "lists", START, END)
        assert caught.value.status == 403
        assert len(server.seen) == 1

    @pytest.mark.parametrize(
        ("status", "title", "means", "remedy"),
        [
            (403, "Wrong Datacenter", 404, "names another data center"),
            (403, "User Disabled", 401, "make a key as another user"),
            (403, "WrongDatacenter", 404, "names another data center"),
            (403, "Forbidden", 403, "give the credential the right"),
            (500, "Compliance Related", 403, "Mailchimp's compliance team"),
            (404, "Resource Not Found", 404, "check this vendor's account ids"),
        ],
    )
    def test_a_refusal_is_told_by_the_title_of_its_problem_document(
        self,
        server: ScriptedServer,
        monkeypatch: pytest.MonkeyPatch,
        status: int,
        title: str,
        means: int,
        remedy: str,
    ) -> None:
        point_at(server.url, monkeypatch, "mailchimp", api_key="keyofthetest-us9")
        problem = {"title": title, "status": status, "detail": "So it is."}
        server.script.append(Answer(status, json.dumps(problem).encode()))
        with pytest.raises(ConnectorError, match=remedy) as caught:
            extract("mailchimp", "lists", START, END)
        assert (caught.value.status, caught.value.means) == (status, means)
        assert len(server.seen) == 1

    def test_throttling_that_does_not_end_is_told_as_a_limit_and_not_as_a_right(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "mailchimp", api_key="keyofthetest-us9")
        monkeypatch.setenv("RUNTIME__REQUEST_MAX_RETRY_DELAY", "0.01")
        server.script.extend([Answer(403, b"<html>Access Denied</html>")] * 3)
        with pytest.raises(ConnectorError, match="limit is used up") as caught:
            extract("mailchimp", "lists", START, END)
        assert (caught.value.status, caught.value.means) == (403, 429)

    def test_too_many_connections_are_waited_out(self, vendor_side: sandbox.Running) -> None:
        vendor_side.fault("mailchimp", "members", "rate_limit", times=2, retry_after=1)
        assert extract("mailchimp", "members", START, END).rows > 100

    def test_a_failing_report_fails_the_stream_and_names_it(
        self, vendor_side: sandbox.Running
    ) -> None:
        vendor_side.fault("mailchimp", "open_details", "error", status=500)
        with pytest.raises(ConnectorError, match="mailchimp/open_details") as caught:
            extract("mailchimp", "open_details", START, END)
        assert caught.value.status == 500

    def test_the_cheapest_question_is_a_greeting(self, vendor_side: sandbox.Running) -> None:
        (page,) = probe(connect(VendorSettings("mailchimp", ("api_key",))))
        assert b"health_status" in (page.body or b"")


def naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
