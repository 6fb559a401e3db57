"""What every vendor's client does when answers are late, wrong, cut off or refused."""

from __future__ import annotations

import gzip
import json
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

import connectors.client
import connectors.landing
import connectors.pace
from connectors.answers import RetryError, header_number, read_envelope, refusal
from connectors.landing import Landed, extract
from connectors.stream import ConnectorError, CursorExpiredError, Vendor

from .conftest import TOKEN, Answer, ScriptedServer, fake_vendor
from .landed import finished_loads, landed_rows, landed_table

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def pull() -> Landed:
    return extract("fake", "rows", DAY, DAY + timedelta(days=1))


def ids() -> list[int]:
    return [row["id"] for row in landed_rows("fake", "rows", "data")]


def refused(server: ScriptedServer, *answers: Answer | None) -> ConnectorError:
    """The error of a pull that meets these answers; nothing may count then."""
    server.script.extend(answers)
    with pytest.raises(ConnectorError) as caught:
        pull()
    assert finished_loads("fake") == set()
    return caught.value


@pytest.mark.usefixtures("fake")
class TestGoodAnswers:
    def test_every_page_lands_once_and_in_order(self, server: ScriptedServer) -> None:
        landed = pull()
        assert ids() == [1, 2, 3]
        assert (landed.pages, landed.rows, landed.restarts) == (2, 3, 0)
        assert [seen.path for seen in server.seen] == ["/rows", "/rows?page=1"]

    def test_the_token_goes_with_each_request_in_a_header(self, server: ScriptedServer) -> None:
        pull()
        assert [seen.headers["authorization"] for seen in server.seen] == [f"Bearer {TOKEN}"] * 2

    def test_an_empty_page_in_the_middle_does_not_end_the_paging(
        self, server: ScriptedServer
    ) -> None:
        server.pages = [[{"id": 1}], [], [{"id": 2}]]
        pull()
        assert ids() == [1, 2]

    def test_a_compressed_answer_lands_as_text(self, server: ScriptedServer) -> None:
        body = gzip.compress(b'{"data":[{"id":9}]}')
        server.script.append(Answer(body=body, headers={"Content-Encoding": "gzip"}))
        pull()
        assert landed_table("fake", "rows")["page"].to_pylist() == ['{"data":[{"id":9}]}']

    def test_an_answer_in_chunks_lands_whole(self, server: ScriptedServer) -> None:
        packed = gzip.compress(b'{"data":[{"id":9}]}')
        server.script.append(
            Answer(body=packed, chunked=True, headers={"Content-Encoding": "gzip"})
        )
        pull()
        assert ids() == [9]

    def test_connections_are_kept(self, server: ScriptedServer) -> None:
        server.pages = [[{"id": number}] for number in range(9)]
        pull()
        assert server.connections == 1

    def test_pages_land_to_the_byte(self, server: ScriptedServer) -> None:
        body = '{ "data" : [ {"id":1.10, "name":"Zoë\\u0000 \\ud83d"} ],\n"data2":1e400 }'
        server.script.append(Answer(body=body.encode()))
        pull()
        assert landed_table("fake", "rows")["page"].to_pylist() == [body]


@pytest.mark.usefixtures("fake")
class TestPassingFaults:
    @pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
    def test_a_passing_status_is_tried_again(
        self, server: ScriptedServer, status: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # A vendor that says 429 again is taken to count by the minute; here that is a second.
        monkeypatch.setattr(connectors.pace, "WINDOWS", (0.1, 1.0))
        server.script.extend([Answer(status), None, Answer(status), Answer(status)])
        pull()
        assert ids() == [1, 2, 3]
        assert len(server.seen) == 5

    @pytest.mark.parametrize(
        "answer",
        [
            Answer(body=b'{"data":[{"id":1},{"id'),
            Answer(body=b'{"data":[{"id":1}]}', cut=9),
            Answer(body=b"<html>maintenance</html>", headers={"Content-Type": "text/html"}),
            Answer(body=b""),
            Answer(body=b"[]"),
            Answer(body=b'{"data":{"id":1}}'),
            Answer(body=b'{"data":null}'),
            Answer(body=b'{"rows":[{"id":1}]}'),
            Answer(body=b'{"data":[{"id":"\xff\xfe"}]}'),
            Answer(body=b"no gzip", headers={"Content-Encoding": "gzip"}),
            Answer(body=b'{"data":[{"id":1}]}', chunked=True, cut=20),
            Answer(reset=True),
            Answer(delay=1.0),
        ],
        ids=[
            "truncated JSON",
            "cut body",
            "HTML with 200",
            "empty body",
            "a list",
            "rows that are an object",
            "rows that are null",
            "no rows key",
            "not UTF-8",
            "broken gzip",
            "cut chunks",
            "reset",
            "slow body",
        ],
    )
    def test_a_spoiled_answer_is_asked_for_again(
        self, server: ScriptedServer, answer: Answer
    ) -> None:
        server.script.extend([None, answer])
        pull()
        assert ids() == [1, 2, 3]

    def test_retry_after_in_seconds_is_obeyed(self, server: ScriptedServer) -> None:
        server.script.append(Answer(429, headers={"Retry-After": "1"}))
        pull()
        assert server.seen[1].at - server.seen[0].at >= 1.0

    def test_retry_after_as_a_date_is_obeyed(self, server: ScriptedServer) -> None:
        at = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
        server.script.append(Answer(503, headers={"Retry-After": at}))
        pull()
        assert server.seen[1].at - server.seen[0].at >= 0.9

    def test_no_wait_is_longer_than_the_setting_allows(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RUNTIME__REQUEST_MAX_RETRY_DELAY", "0.1")
        server.script.append(Answer(429, headers={"Retry-After": "3600"}))
        pull()
        assert server.seen[1].at - server.seen[0].at < 2

    def test_a_retry_is_told_in_the_log(
        self, server: ScriptedServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        server.script.append(Answer(503, headers={"Content-Type": "text/html"}))
        with caplog.at_level(logging.WARNING):
            pull()
        assert "fake answered 503" in caplog.text
        assert "attempt 2 of 3" in caplog.text


@pytest.mark.usefixtures("fake")
class TestLastingFaults:
    @pytest.mark.parametrize(
        ("status", "remedy"),
        [
            (400, "the request was refused"),
            (401, "renew this vendor's credential"),
            (403, "the right to read this stream"),
            (404, "check this vendor's account ids"),
            (410, "upgrade the connector"),
            (418, "see the vendor's message"),
        ],
    )
    def test_a_refusal_is_not_tried_again_and_says_what_to_do(
        self, server: ScriptedServer, status: int, remedy: str
    ) -> None:
        body = json.dumps({"errors": [{"code": "NOPE", "detail": "because."}]}).encode()
        error = refused(server, None, Answer(status, body))
        assert len(server.seen) == 2
        assert error.status == status
        assert str(error).startswith(
            f"fake/rows 2026-01-01T00:00:00Z/2026-01-02T00:00:00Z: HTTP {status}: "
            f"answered {status} NOPE because. Remedy: "
        )
        assert remedy in str(error)

    def test_a_lasting_failure_ends_after_the_last_attempt(self, server: ScriptedServer) -> None:
        error = refused(server, *[Answer(503)] * 9)
        assert len(server.seen) == 3
        assert error.status == 503
        assert "(after 3 attempts)" in str(error)

    def test_a_lasting_time_out_is_called_one(self, server: ScriptedServer) -> None:
        error = refused(server, *[Answer(delay=1.0)] * 3)
        assert error.status is None
        assert "timed out (after 3 attempts)" in str(error)

    def test_a_body_that_only_drips_ends_as_well(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connectors.client, "BODY_TIMEOUTS", 1)
        error = refused(server, *[Answer(body=b'{"data":[]}' * 9, drip=0.1)] * 3)
        assert "timed out" in str(error)

    def test_a_host_that_is_not_there_is_named_as_that(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCES__FAKE__BASE_URL", "http://127.0.0.1:9")
        with pytest.raises(ConnectorError, match="broke the connection") as caught:
            pull()
        assert "check the network, the proxy" in caught.value.remedy
        assert "SOURCES__FAKE__BASE_URL" in caught.value.remedy

    def test_a_redirect_is_not_followed(self, server: ScriptedServer) -> None:
        error = refused(server, Answer(302, headers={"Location": "http://127.0.0.1:9/rows"}))
        assert error.status == 302
        assert len(server.seen) == 1

    def test_a_link_to_another_host_does_not_get_the_token(self, server: ScriptedServer) -> None:
        body = b'{"data":[],"links":{"next":"http://localhost:%d/rows"}}' % server.server_port
        error = refused(server, Answer(body=body))
        assert "links to another host" in str(error)
        assert len(server.seen) == 1

    def test_paging_in_a_circle_ends(self, server: ScriptedServer) -> None:
        circle = json.dumps({"data": [], "links": {"next": f"{server.url}/rows?page=1"}}).encode()
        error = refused(server, *[Answer(body=circle)] * 9)
        assert "the same cursor twice" in str(error)

    def test_a_missing_setting_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("SOURCES__FAKE__TOKEN")
        with pytest.raises(ConnectorError, match="set SOURCES__FAKE__TOKEN"):
            pull()


class TestVendorsOwnWays:
    @pytest.fixture(autouse=True)
    def _vendor(self, fake: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
        self.replace = lambda vendor: monkeypatch.setattr(
            connectors.landing, "vendors", lambda: {"fake": vendor}
        )

    def test_a_pause_comes_before_the_next_request_and_not_after_the_last(
        self, server: ScriptedServer
    ) -> None:
        self.replace(fake_vendor(pause=lambda response: 0.5))
        pull()
        first, second = server.seen
        assert second.at - first.at >= 0.5

    @pytest.mark.parametrize("value", ["", "soon", "nan", "inf"])
    def test_rate_headers_that_say_nothing_are_no_fault(
        self, server: ScriptedServer, value: str
    ) -> None:
        waits = []

        def pause(response: Any) -> float:
            waits.append(header_number(response, "X-Left", 0.01))
            return waits[-1]

        self.replace(fake_vendor(pause=pause))
        body = b'{"data":[{"id":1}],"links":{"next":null}}'
        server.script.append(Answer(body=body, headers={"X-Left": value}))
        pull()
        assert waits == [0.01]

    def test_a_pause_that_cannot_read_its_headers_costs_no_page(
        self, server: ScriptedServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        self.replace(fake_vendor(pause=lambda response: float(response.headers["X-None"])))
        with caplog.at_level(logging.WARNING):
            pull()
        assert ids() == [1, 2, 3]
        assert "rate headers cannot be read" in caplog.text

    @pytest.mark.parametrize("status", [401, 403, 400])
    def test_an_error_that_an_inspect_raises_shows_no_secret(
        self, server: ScriptedServer, status: int
    ) -> None:
        def inspect(response: Any) -> None:
            raise refusal(response, 403, "look.")

        self.replace(fake_vendor(inspect=inspect))
        body = json.dumps({"message": f"the token {TOKEN} is not good"}).encode()
        error = refused(server, Answer(status, body=body))
        assert "the token *** is not good" in str(error)
        assert (error.status, error.means, error.remedy) == (status, 403, "look.")

    def test_a_limit_told_with_another_status_ends_in_words_of_a_limit(
        self, server: ScriptedServer
    ) -> None:
        def inspect(response: Any) -> None:
            raise RetryError("says too many", means=429)

        self.replace(fake_vendor(inspect=inspect))
        error = refused(server, *[None] * 9)
        assert (error.status, error.means) == (200, 429)
        assert "limit is used up" in error.remedy

    def test_an_expired_cursor_starts_the_window_again(self, server: ScriptedServer) -> None:
        self.replace(fake_vendor(inspect=_expire))
        server.script.extend([None, Answer(400)])
        assert pull().restarts == 1
        assert ids() == [1, 2, 1, 2, 3]
        assert landed_table("fake", "rows")["page_index"].to_pylist() == [0, 1, 2]

    def test_a_cursor_that_always_expires_is_an_error(self, server: ScriptedServer) -> None:
        self.replace(fake_vendor(inspect=_expire))
        error = refused(server, *[None, Answer(400)] * 9)
        assert error.status == 400
        assert len(server.seen) == 6


def _expire(response: Any) -> None:
    if response.status_code == 400:
        raise CursorExpiredError("cursor?", status=400)


class TestEnvelope:
    def test_rows_are_counted_and_other_keys_are_read(self) -> None:
        body = b'{"data":[{"a":[1,2]},{}],"links":{"next":"x"}}'
        assert read_envelope(body, "data") == {"data": 2, "links": {"next": "x"}}

    def test_a_page_that_is_one_object_has_no_rows_key(self) -> None:
        assert read_envelope(b'{"id":"1"}', None) == {"id": "1"}
