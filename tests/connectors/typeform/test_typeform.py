"""Typeform's connector against the sandbox's Typeform, whose truth is known."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

import connectors.typeform
import sandbox
from connectors.landing import extract
from connectors.stream import ConnectorError
from connectors.typeform import VENDOR
from tests.connectors.conftest import Answer, ScriptedServer, point_at
from tests.connectors.landed import END, START, asked, landed_rows, landed_table


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox of these tests allows more than two requests a second."""
    monkeypatch.setattr(connectors.typeform, "SECONDS_BETWEEN", 0.0)


def naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def submitted(side: sandbox.Running, start: datetime, end: datetime) -> list[str]:
    """Truth: the responses of a span, its end included, as the vendor shows them by now."""
    return sorted(
        row["response_id"]
        for row in side.truth("typeform_response").to_pylist()
        if naive(start) <= row["submitted_at"] <= naive(end)
    )


class TestTruth:
    def test_every_response_lands_once_with_its_answers(self, vendor_side: sandbox.Running) -> None:
        extract("typeform", "responses", START, END)
        rows = landed_rows("typeform", "responses", "items")
        expected = submitted(vendor_side, START, END)
        assert sorted(row["response_id"] for row in rows) == expected
        assert len(expected) > 50
        said = {
            (row["response_id"], answer["field"]["id"]): answer.get("number")
            for row in rows
            for answer in row["answers"]
        }
        assert said == {
            (row["response_id"], row["field_id"]): row["number"]
            for row in vendor_side.truth("typeform_answer").to_pylist()
            if row["response_id"] in set(expected)
        }

    def test_the_request_says_which_form_a_response_is_of(
        self, vendor_side: sandbox.Running
    ) -> None:
        extract("typeform", "responses", START, END)
        table = landed_table("typeform", "responses").to_pylist()
        told = {
            row["response_id"]: urlsplit(page["request"].split()[1]).path.split("/")[-2]
            for page in table
            for row in json.loads(page["page"])["items"]
        }
        truth = vendor_side.truth("typeform_response").to_pylist()
        assert told.items() <= {row["response_id"]: row["form_id"] for row in truth}.items()

    def test_every_form_lands_with_its_questions(self, vendor_side: sandbox.Running) -> None:
        assert extract("typeform", "forms", START, END).rows == 3
        assert extract("typeform", "form_definitions", START, END).pages == 3
        pages = landed_table("typeform", "form_definitions")["page"].to_pylist()
        fields = [field for page in pages for field in json.loads(page)["fields"]]
        inner = [part for field in fields for part in field.get("properties", {}).get("fields", [])]
        told = {field["id"] for field in [*fields, *inner] if field["type"] != "group"}
        truth = vendor_side.truth("typeform_question").to_pylist()
        assert told == {row["field_id"] for row in truth}

    def test_small_pages_lose_and_double_nothing(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connectors.typeform, "RESPONSES_PER_PAGE", 5)
        monkeypatch.setattr(connectors.typeform, "FORMS_PER_PAGE", 1)
        landed = extract("typeform", "responses", START, END)
        ids = sorted(row["response_id"] for row in landed_rows("typeform", "responses", "items"))
        assert ids == submitted(vendor_side, START, END)
        assert landed.pages > 10

    def test_days_add_up_to_the_whole(self, vendor_side: sandbox.Running) -> None:
        for day in range(5):
            start = START + timedelta(days=day)
            extract("typeform", "responses", start, start + timedelta(days=1))
        ids = {row["response_id"] for row in landed_rows("typeform", "responses", "items")}
        assert ids == set(submitted(vendor_side, START, START + timedelta(days=5)))


class TestRequests:
    def test_responses_are_asked_for_by_the_window_in_full_pages(
        self, vendor_side: sandbox.Running, night: tuple[datetime, datetime]
    ) -> None:
        extract("typeform", "responses", *night)
        for path, query in asked("typeform", "responses"):
            assert path.endswith("/responses")
            assert query == {
                "page_size": "1000",
                "since": "2026-01-10T00:00:00Z",
                "until": "2026-01-11T00:00:00Z",
            }

    def test_a_night_reaches_back_beyond_the_half_hour_that_may_be_missing(self) -> None:
        assert VENDOR.stream("responses").lookback_days >= 1

    def test_half_a_second_lies_between_requests(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "typeform", access_token="tfp_of_the_test")
        monkeypatch.setattr(connectors.typeform, "SECONDS_BETWEEN", 0.5)
        page = {"items": [{"id": "f1"}], "page_count": 2, "total_items": 2}
        server.script.extend(Answer(body=json.dumps(page).encode()) for _ in range(2))
        extract("typeform", "forms", START, END)
        first, second = server.seen
        assert second.at - first.at >= 0.5
        assert second.headers["authorization"] == "Bearer tfp_of_the_test"


class TestFaults:
    def test_a_wrong_token_is_said_to_be_one(
        self, vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCES__TYPEFORM__ACCESS_TOKEN", "wrong")
        with pytest.raises(ConnectorError, match="renew this vendor's credential") as caught:
            extract("typeform", "responses", START, END)
        assert caught.value.status == 401
        assert "AUTHENTICATION_FAILED" in str(caught.value)

    def test_throttling_is_waited_out(self, vendor_side: sandbox.Running) -> None:
        vendor_side.fault("typeform", "responses", "rate_limit", times=1, retry_after=1)
        assert extract("typeform", "responses", START, END).rows > 50

    def test_a_response_deleted_at_a_page_end_starts_the_window_again(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        point_at(server.url, monkeypatch, "typeform", access_token="tfp_of_the_test")
        monkeypatch.setattr(connectors.typeform, "RESPONSES_PER_PAGE", 1)
        gone = {"code": "VALIDATION_ERROR", "description": "before is not the token of a response"}

        def answer(content: dict[str, Any], status: int = 200) -> Answer:
            return Answer(status, json.dumps(content).encode())

        forms = answer({"items": [{"id": "f1"}], "page_count": 1, "total_items": 1})
        first = answer({"items": [{"token": "t1", "response_id": "t1"}]})
        last = answer({"items": []})
        server.script.extend([forms, first, answer(gone, 400), forms, first, last])
        assert extract("typeform", "responses", START, END).restarts == 1

    def test_a_failing_form_fails_the_stream_and_names_it(
        self, vendor_side: sandbox.Running
    ) -> None:
        vendor_side.fault("typeform", "form_definitions", "error", status=500, skip=1)
        with pytest.raises(ConnectorError, match="typeform/form_definitions") as caught:
            extract("typeform", "form_definitions", START, END)
        assert caught.value.status == 500
