"""Klaviyo's connector against the sandbox's Klaviyo, whose truth is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import sandbox
from connectors.klaviyo import REVISION
from connectors.landing import extract
from connectors.stream import ConnectorError
from tests.connectors.conftest import Answer, ScriptedServer, point_at
from tests.connectors.landed import (
    END,
    START,
    landed_pages,
    landed_rows,
    midnight_of,
    queries,
)


class TestTruth:
    def test_every_event_of_the_window_lands_once(self, vendor_side: sandbox.Running) -> None:
        landed = extract("klaviyo", "events", START, END)
        rows = landed_rows("klaviyo", "events", "data")
        truth = vendor_side.truth("message_event").to_pylist()
        expected = {
            row["event_id"] for row in truth if row["occurred_at"].replace(tzinfo=UTC) < END
        }
        assert len(rows) == landed.rows == len(expected) > 1000
        assert {row["id"] for row in rows} == expected
        assert landed.pages > 1

    def test_every_profile_lands_once(self, vendor_side: sandbox.Running) -> None:
        extract("klaviyo", "profiles", START, END)
        ids = [row["id"] for row in landed_rows("klaviyo", "profiles", "data")]
        truth = vendor_side.truth("person").to_pylist()
        expected = {
            row["klaviyo_profile_id"]
            for row in truth
            if row["klaviyo_profile_id"] and row["updated_at"].replace(tzinfo=UTC) < END
        }
        assert sorted(ids) == sorted(expected)

    def test_campaigns_come_with_their_messages(self, vendor_side: sandbox.Running) -> None:
        extract("klaviyo", "campaigns", START, END)
        (page,) = landed_pages("klaviyo", "campaigns")
        truth = {row["campaign_id"]: row for row in vendor_side.truth("email_campaign").to_pylist()}
        assert {row["id"] for row in page["data"]} <= set(truth)
        assert len(page["data"]) > 5
        subjects = {
            message["id"]: message["attributes"]["definition"]["content"]["subject"]
            for message in page["included"]
        }
        for row in page["data"]:
            (message,) = row["relationships"]["campaign-messages"]["data"]
            assert subjects[message["id"]] == truth[row["id"]]["subject"]

    def test_a_profile_that_left_between_the_nights_end_and_the_pull_is_not_lost(
        self, vendor_side: sandbox.Running
    ) -> None:
        """Its older version, of the window, is gone by then; the newer one lies beyond."""
        people = {row["person_id"]: row for row in vendor_side.truth("person").to_pylist()}
        left: dict[str, datetime] = {}
        for event in vendor_side.truth("message_event").to_pylist():
            if event["metric_name"] == "Unsubscribed":
                person, at = event["person_id"], event["known_at"]
                left[person] = min(left.get(person, at), at)
        end = midnight_of(max(left.values()))
        between = {
            people[person]["klaviyo_profile_id"]
            for person, at in left.items()
            if people[person]["updated_at"].replace(tzinfo=UTC) < end <= at.replace(tzinfo=UTC)
        }
        assert between
        extract("klaviyo", "profiles", START, end)
        assert between <= {row["id"] for row in landed_rows("klaviyo", "profiles", "data")}

    def test_a_campaign_sent_between_the_nights_end_and_the_pull_is_not_lost(
        self, vendor_side: sandbox.Running
    ) -> None:
        campaigns = vendor_side.truth("email_campaign").to_pylist()
        shown = [row for row in campaigns if row["sent_at"].replace(tzinfo=UTC) < END]
        end = midnight_of(max(row["sent_at"] for row in shown))
        between = {
            row["campaign_id"]
            for row in shown
            if row["created_at"].replace(tzinfo=UTC) < end <= row["sent_at"].replace(tzinfo=UTC)
        }
        assert between
        extract("klaviyo", "campaigns", START, end)
        assert between <= {row["id"] for row in landed_rows("klaviyo", "campaigns", "data")}

    def test_metrics_are_read_whole(self, vendor_side: sandbox.Running) -> None:
        extract("klaviyo", "metrics", START, END)
        names = {row["attributes"]["name"] for row in landed_rows("klaviyo", "metrics", "data")}
        assert {"Received Email", "Opened Email", "Clicked Email"} <= names

    def test_days_add_up_to_the_whole(self, vendor_side: sandbox.Running) -> None:
        for day in range(5):
            start = START + timedelta(days=day)
            extract("klaviyo", "events", start, start + timedelta(days=1))
        days = sorted(row["id"] for row in landed_rows("klaviyo", "events", "data"))
        extract("klaviyo", "events", START, START + timedelta(days=5))
        both = [row["id"] for row in landed_rows("klaviyo", "events", "data")]
        assert sorted(both) == sorted(days * 2)
        assert len(set(days)) == len(days)


class TestRequests:
    def test_profiles_overlap_by_a_second_for_there_is_no_or_equal(
        self, vendor_side: sandbox.Running, night: tuple[datetime, datetime]
    ) -> None:
        extract("klaviyo", "profiles", *night)
        assert queries("klaviyo", "profiles")[0]["filter"] == [
            "and(greater-than(updated,2026-01-09T23:59:59Z),less-than(updated,2026-01-12T00:00:00Z))"
        ]

    def test_events_are_asked_for_by_the_half_open_window(
        self, vendor_side: sandbox.Running, night: tuple[datetime, datetime]
    ) -> None:
        extract("klaviyo", "events", *night)
        query = queries("klaviyo", "events")[0]
        assert query["filter"] == [
            "and(greater-or-equal(datetime,2026-01-10T00:00:00Z),"
            "less-than(datetime,2026-01-11T00:00:00Z))"
        ]
        assert query["page[size]"] == ["1000"]

    def test_key_and_revision_go_in_headers(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "klaviyo", api_key="pk_of_the_test")
        server.script.append(Answer(body=b'{"data":[],"links":{}}'))
        extract("klaviyo", "metrics", START, END)
        assert server.seen[0].headers["authorization"] == "Klaviyo-API-Key pk_of_the_test"
        assert server.seen[0].headers["revision"] == REVISION


class TestFaults:
    def test_a_wrong_key_is_said_to_be_one(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCES__KLAVIYO__API_KEY", "wrong")
        with pytest.raises(ConnectorError, match="renew this vendor's credential") as caught:
            extract("klaviyo", "events", START, END)
        assert caught.value.status == 401

    def test_a_retired_revision_asks_for_an_upgrade(self, vendor_side: sandbox.Running) -> None:
        vendor_side.fault("klaviyo", "events", "error", status=410)
        with pytest.raises(ConnectorError, match="upgrade the connector"):
            extract("klaviyo", "events", START, END)

    def test_throttling_is_waited_out(self, vendor_side: sandbox.Running) -> None:
        vendor_side.fault("klaviyo", "events", "rate_limit", times=2, retry_after=1)
        assert extract("klaviyo", "events", START, END).rows > 1000

    def test_an_expired_cursor_starts_again_and_misses_nothing(
        self, vendor_side: sandbox.Running
    ) -> None:
        whole = extract("klaviyo", "events", START, END).rows
        vendor_side.fault("klaviyo", "events", "expired_cursor", times=1, skip=1)
        landed = extract("klaviyo", "events", START, END)
        assert landed.restarts == 1
        assert landed.rows == whole + 1000
        assert len({row["id"] for row in landed_rows("klaviyo", "events", "data")}) == whole

    def test_the_limit_is_kept_before_it_is_hit(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "klaviyo", api_key="pk_of_the_test")
        following = f'{{"data":[],"links":{{"next":"{server.url}/api/metrics?page[cursor]=b"}}}}'
        used_up = {"RateLimit-Remaining": "0", "RateLimit-Reset": "1"}
        server.script.append(Answer(body=following.encode(), headers=used_up))
        server.script.append(Answer(body=b'{"data":[],"links":{"next":null}}', headers=used_up))
        extract("klaviyo", "metrics", START, END)
        first, second = server.seen
        assert second.at - first.at >= 1.0
