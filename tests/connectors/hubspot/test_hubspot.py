"""HubSpot's connector against the sandbox's HubSpot, whose truth is known."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import connectors.hubspot
import connectors.hubspot.answers
import sandbox
import sandbox.hubspot
from connectors.landing import extract
from connectors.pace import Pace
from connectors.stream import ConnectorError
from tests.connectors.conftest import Answer, ScriptedServer, point_at
from tests.connectors.landed import END, START, landed_pages, landed_rows, landed_table


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searches need not be a quarter of a second apart where nobody counts them."""
    monkeypatch.setattr(connectors.hubspot.answers, "BETWEEN_SEARCHES", 0.0)


def known(vendor_side: sandbox.Running, table: str) -> list[dict[str, Any]]:
    return list(vendor_side.truth(table).to_pylist())


def asked(stream: str) -> list[str]:
    return list(landed_table("hubspot", stream)["request"].to_pylist())


class TestContacts:
    def test_every_contact_lands_and_archived_ones_are_marked(
        self, vendor_side: sandbox.Running
    ) -> None:
        extract("hubspot", "contacts", START, END)
        rows = landed_rows("hubspot", "contacts", "results")
        clock = vendor_side.now.replace(tzinfo=None)
        truth = known(vendor_side, "hubspot_contact")
        archived = {
            row["contact_id"] for row in truth if row["archived_at"] and row["archived_at"] <= clock
        }
        assert {row["id"] for row in rows if row["archived"]} == archived != set()
        active = [row["id"] for row in rows if not row["archived"]]
        assert sorted(active) == sorted({row["contact_id"] for row in truth} - archived)

    def test_a_search_that_finds_too_many_is_halved_and_misses_nobody(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        extract("hubspot", "contacts", START, END)
        whole = {row["id"] for row in landed_rows("hubspot", "contacts", "results")}
        for module in (connectors.hubspot, sandbox.hubspot):
            monkeypatch.setattr(module, "SEARCH_ENDS_AT", 30)
        monkeypatch.setattr(connectors.hubspot, "SEARCH_PAGE", 10)
        extract("hubspot", "contacts", START, END)
        searches = [page for page in landed_pages("hubspot", "contacts") if "total" in page]
        assert sum(page["total"] <= 30 for page in searches) > 5
        rows = landed_rows("hubspot", "contacts", "results")
        assert len(rows) == 2 * len(whole)
        assert {row["id"] for row in rows} == whole

    def test_a_search_beyond_its_end_would_be_refused(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sandbox.hubspot, "SEARCH_ENDS_AT", 30)
        monkeypatch.setattr(connectors.hubspot, "SEARCH_PAGE", 10)
        with pytest.raises(ConnectorError, match="maximum number of results"):
            extract("hubspot", "contacts", START, END)

    def test_more_in_one_millisecond_than_a_search_tells_is_an_error(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "hubspot", access_token="pat-na1-of-the-test")
        server.script.extend([Answer(body=b'{"total":10001,"results":[]}')] * 100)
        with pytest.raises(ConnectorError, match="10001 contacts changed in the same millisecond"):
            extract("hubspot", "contacts", START, END)

    def search(self, server: ScriptedServer, *pages: tuple[str, int, str | None]) -> None:
        for names, total, after in pages:
            content: dict[str, Any] = {"total": total, "results": [{"id": n} for n in names]}
            if after:
                content["paging"] = {"next": {"after": after}}
            server.script.append(Answer(body=json.dumps(content).encode()))

    def searched(self, server: ScriptedServer) -> list[Any]:
        return [json.loads(seen.body).get("after") for seen in server.seen if seen.body]

    def test_a_search_is_read_newest_change_first(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Oldest first, a contact that changes meanwhile would pull another one past its place."""
        point_at(server.url, monkeypatch, "hubspot", access_token="pat-na1-of-the-test")
        self.search(server, ("ab", 3, "2"), ("c", 3, None))
        server.script.append(Answer(body=b'{"results":[]}'))
        extract("hubspot", "contacts", START, END)
        (sort,) = json.loads(server.seen[0].body)["sorts"]
        assert sort == {"propertyName": "lastmodifieddate", "direction": "DESCENDING"}
        assert self.searched(server) == [None, "2"]

    def test_where_a_search_shrinks_the_next_page_begins_earlier(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "hubspot", access_token="pat-na1-of-the-test")
        # a leaves the window after the first page: c then stands at place 1.
        self.search(server, ("ab", 5, "2"), ("de", 4, None), ("cde", 4, None))
        server.script.append(Answer(body=b'{"results":[]}'))
        assert extract("hubspot", "contacts", START, END).restarts == 0
        assert self.searched(server) == [None, "2", "1"]
        assert {row["id"] for row in landed_rows("hubspot", "contacts", "results")} == set("abcde")

    def test_a_search_that_gives_fewer_than_it_found_is_read_again(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "hubspot", access_token="pat-na1-of-the-test")
        self.search(server, ("", 2, None), ("ab", 2, None))
        server.script.append(Answer(body=b'{"results":[]}'))
        assert extract("hubspot", "contacts", START, END).restarts == 1

    def test_contacts_are_asked_for_until_a_day_after_the_window(
        self, vendor_side: sandbox.Running, night: tuple[datetime, datetime]
    ) -> None:
        extract("hubspot", "contacts", *night)
        body = json.loads(asked("contacts")[0].split(" ", 2)[2])
        filters = body["filterGroups"][0]["filters"]
        moments = [int(each["value"]) / 1000 for each in filters]
        start, end = (datetime.fromtimestamp(moment, UTC) for moment in moments)
        assert (start, end) == (night[0], night[1] + timedelta(days=1))
        assert [each["operator"] for each in filters] == ["GTE", "LT"]


class TestForms:
    def test_every_form_lands_also_the_archived_one(self, vendor_side: sandbox.Running) -> None:
        extract("hubspot", "forms", START, END)
        rows = landed_rows("hubspot", "forms", "results")
        assert sorted(row["archived"] for row in rows) == [False, False, True]

    def test_every_submission_lands_and_its_request_names_the_form(
        self, vendor_side: sandbox.Running
    ) -> None:
        extract("hubspot", "form_submissions", START, END)
        found = {}
        for request, page in zip(
            asked("form_submissions"), landed_pages("hubspot", "form_submissions"), strict=True
        ):
            form = request.split("/forms/")[1].split("?")[0]
            found.update({row["conversionId"]: form for row in page["results"]})
        truth = known(vendor_side, "hubspot_submission")
        assert found == {row["submission_id"]: row["form_id"] for row in truth}
        assert len(found) > 50

    def test_reading_stops_where_submissions_are_older_than_the_window(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connectors.hubspot, "SUBMISSIONS_PAGE", 5)
        start = END - timedelta(days=2)
        extract("hubspot", "form_submissions", start, END)
        rows = landed_rows("hubspot", "form_submissions", "results")
        expected = {
            row["submission_id"]
            for row in known(vendor_side, "hubspot_submission")
            if row["submitted_at"].replace(tzinfo=UTC) >= start
        }
        assert expected <= {row["conversionId"] for row in rows}
        # Of each form the rest of a page, and one that is older throughout.
        assert len(rows) <= len(expected) + 3 * 2 * 5

    def test_one_old_submission_among_new_ones_does_not_end_the_reading(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "hubspot", access_token="pat-na1-of-the-test")
        new, old = int(START.timestamp() * 1000), int(START.timestamp() * 1000) - 1

        def page(*times: int, after: str = "") -> Answer:
            content: dict[str, Any] = {"results": [{"submittedAt": time} for time in times]}
            if after:
                content["paging"] = {"next": {"after": after}}
            return Answer(body=json.dumps(content).encode())

        server.script.append(Answer(body=b'{"results":[{"id":"f1"}]}'))
        server.script.extend([page(new, old, after="x"), page(new, after="y"), page(after="z")])
        server.script.extend([page(old, old, after="w"), Answer(body=b'{"results":[]}')])
        extract("hubspot", "form_submissions", START, END)
        rows = landed_rows("hubspot", "form_submissions", "results")
        assert [row["submittedAt"] for row in rows].count(new) == 2
        assert len(server.seen) == 6, "read until a page that is older throughout, and no further"


class TestEmail:
    def test_every_event_of_the_window_lands_once(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connectors.hubspot, "OLDER_PAGE", 100)
        landed = extract("hubspot", "email_events", START, END)
        ids = [row["id"] for row in landed_rows("hubspot", "email_events", "events")]
        truth = known(vendor_side, "hubspot_event")
        expected = [
            row["event_id"] for row in truth if row["occurred_at"].replace(tzinfo=UTC) <= END
        ]
        assert sorted(ids) == sorted(expected)
        assert landed.pages == -(-len(ids) // 100) > 3

    def test_sendings_carry_the_vendors_own_counts(self, vendor_side: sandbox.Running) -> None:
        extract("hubspot", "email_campaigns", START, END)
        pages = landed_pages("hubspot", "email_campaigns")
        sent: dict[int, int] = {}
        for event in known(vendor_side, "hubspot_event"):
            if event["event_type"] == "SENT":
                number = int(event["email_campaign_id"])
                sent[number] = sent.get(number, 0) + 1
        assert {page["id"]: page["counters"]["sent"] for page in pages} == sent

    def test_sendings_nobody_reads_any_more_are_left_alone(
        self, vendor_side: sandbox.Running
    ) -> None:
        landed = extract("hubspot", "email_campaigns", END - timedelta(days=1), END)
        assert 0 < landed.pages < len(known(vendor_side, "hubspot_mailing"))

    def test_the_list_of_sendings_is_read_as_far_as_they_are_of_the_window(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connectors.hubspot, "OLDER_PAGE", 1)
        before = len(vendor_side.requests)
        landed = extract("hubspot", "email_campaigns", END - timedelta(days=1), END)
        paths = [each["path"] for each in vendor_side.requests[before:]]
        lists = [path for path in paths if path.endswith("/campaigns")]
        assert len(lists) == landed.pages + 1

    def test_emails_changed_in_the_window_land(self, vendor_side: sandbox.Running) -> None:
        extract("hubspot", "marketing_emails", START, END)
        ids = {row["id"] for row in landed_rows("hubspot", "marketing_emails", "results")}
        assert ids == {row["email_id"] for row in known(vendor_side, "hubspot_mailing")}


class TestLimits:
    @pytest.fixture
    def waits(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """How long the vendor was left alone, in order."""
        held: list[float] = []
        monkeypatch.setattr(Pace, "hold", lambda self, seconds: held.append(seconds))
        return held

    def test_the_ten_seconds_are_kept_before_they_are_used_up(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, waits: list[float]
    ) -> None:
        point_at(server.url, monkeypatch, "hubspot", access_token="pat-na1-of-the-test")
        used_up = {
            "X-HubSpot-RateLimit-Remaining": "0",
            "X-HubSpot-RateLimit-Interval-Milliseconds": "1500",
        }
        server.script.extend([Answer(body=b'{"results":[]}', headers=used_up)] * 2)
        extract("hubspot", "forms", START, END)
        assert waits == [1.5, 1.5]

    def test_searches_keep_their_own_distance(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, waits: list[float]
    ) -> None:
        point_at(server.url, monkeypatch, "hubspot", access_token="pat-na1-of-the-test")
        monkeypatch.setattr(connectors.hubspot.answers, "BETWEEN_SEARCHES", 0.25)
        server.script.append(Answer(body=b'{"total":0,"results":[]}'))
        server.script.append(Answer(body=b'{"results":[]}'))
        extract("hubspot", "contacts", START, END)
        assert waits == [0.25, 0.0]

    def test_the_limit_of_ten_seconds_is_waited_out(self, vendor_side: sandbox.Running) -> None:
        vendor_side.fault("hubspot", "email_events", "rate_limit", times=1, retry_after=1)
        assert extract("hubspot", "email_events", START, END).rows > 100

    def test_the_limit_of_the_day_is_not(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "hubspot", access_token="pat-na1-of-the-test")
        body = b'{"status":"error","message":"daily limit","policyName":"DAILY"}'
        server.script.append(Answer(429, body=body))
        with pytest.raises(ConnectorError, match="requests of the day are used up"):
            extract("hubspot", "forms", START, END)
        assert len(server.seen) == 1


class TestFaults:
    def test_a_wrong_token_is_said_to_be_one(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCES__HUBSPOT__ACCESS_TOKEN", "wrong")
        with pytest.raises(ConnectorError, match="renew this vendor's credential") as caught:
            extract("hubspot", "contacts", START, END)
        assert caught.value.status == 401

    @pytest.mark.parametrize(
        ("status", "category", "means", "remedy"),
        [
            (401, "EXPIRED_AUTHENTICATION", 401, "renew this vendor's credential"),
            (403, "MISSING_SCOPES", 403, "the scope crm.objects.contacts.read"),
            (403, "BANNED", 403, "closed this portal to the app"),
            (477, "", 503, "another data center: run again tomorrow"),
            (404, "OBJECT_NOT_FOUND", 404, "check this vendor's account ids"),
        ],
    )
    def test_a_refusal_is_told_by_its_category(
        self,
        server: ScriptedServer,
        monkeypatch: pytest.MonkeyPatch,
        status: int,
        category: str,
        means: int,
        remedy: str,
    ) -> None:
        point_at(server.url, monkeypatch, "hubspot", access_token="pat-na1-of-the-test")
        needed = {"requiredGranularScopes": ["crm.objects.contacts.read"]}
        problem = {"status": "error", "message": "no", "category": category}
        body = json.dumps(problem | {"errors": [{"message": "so", "context": needed}]})
        server.script.append(Answer(status, body=body.encode()))
        with pytest.raises(ConnectorError, match=remedy) as caught:
            extract("hubspot", "forms", START, END)
        assert (caught.value.status, caught.value.means) == (status, means)
        assert len(server.seen) == 1

    def test_a_lock_of_a_moment_is_waited_out(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "hubspot", access_token="pat-na1-of-the-test")
        monkeypatch.setenv("RUNTIME__REQUEST_MAX_RETRY_DELAY", "0.01")
        server.script.extend([Answer(423), *[Answer(body=b'{"results":[]}')] * 2])
        assert extract("hubspot", "forms", START, END).pages == 2

    def test_a_page_that_is_not_known_any_more_starts_again_and_misses_nothing(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connectors.hubspot, "OLDER_PAGE", 100)
        whole = extract("hubspot", "email_events", START, END).rows
        vendor_side.fault("hubspot", "email_events", "expired_cursor", times=1, skip=1)
        landed = extract("hubspot", "email_events", START, END)
        assert (landed.restarts, landed.rows) == (1, whole + 100)

    def test_the_token_is_in_no_landed_request(self, vendor_side: sandbox.Running) -> None:
        extract("hubspot", "contacts", START, END)
        assert "pat-na1" not in "".join(asked("contacts"))
