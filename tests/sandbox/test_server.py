"""The server: its clock, its limits, its log, its control endpoints, and every fault."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import Running, environment
from sandbox.clock import Clock
from sandbox.faults import KINDS, REFUSALS
from sandbox.limits import Counter
from sandbox.server import _refused
from sandbox.vendors import discover
from sandbox.wire import Limit
from tests.worlds import serving

HEADERS = {"Authorization": "Klaviyo-API-Key pk_sandbox", "revision": "2026-07-15"}


def events(shop: Running, size: int = 50, timeout: float = 30) -> requests.Response:
    return requests.get(
        f"http://127.0.0.1:{shop.port}/klaviyo/api/events",
        params={"page[size]": size, "sort": "datetime"},
        headers=HEADERS,
        timeout=timeout,
    )


def control(shop: Running, method: str, path: str, **content: Any) -> requests.Response:
    url = f"http://127.0.0.1:{shop.port}/_sandbox/{path}"
    return requests.request(method, url, json=content or None, timeout=30)


def test_the_date_header_shows_the_simulated_clock(shop: Running) -> None:
    assert events(shop).headers["Date"] == f"{shop.now:%a, %d %b %Y %H:%M:%S} GMT"


def test_the_clock_moves_forward_only_and_outlives_the_process(tmp_path: Path) -> None:
    noon = datetime(2026, 1, 3, 12, tzinfo=UTC)
    clock = Clock(tmp_path / "clock", noon)
    assert clock.advance(noon - timedelta(days=1)) == noon
    assert clock.advance(noon + timedelta(days=1)) == noon + timedelta(days=1)
    again = Clock(tmp_path / "clock", noon)
    assert again.now == noon + timedelta(days=1)


def test_the_clock_can_be_set_over_http(tmp_path: Path) -> None:
    start = datetime(2026, 1, 2, 3, tzinfo=UTC)
    with serving(tmp_path, people=60, days=6, now=start, vendors=["klaviyo"]) as shop:
        before = events(shop).json()
        answer = control(shop, "POST", "clock", now="2026-01-05T03:00:00")
        assert answer.json() == {"now": "2026-01-05T03:00:00+00:00"}
        assert control(shop, "GET", "clock").json() == answer.json()
        assert len(events(shop, 1000).json()["data"]) > len(before["data"])


def test_every_vendor_has_its_settings(shop: Running) -> None:
    settings = shop.environment
    assert settings == environment(shop.port, Path(settings["SOURCES__SNOWPLOW__URL"]).parents[2])
    for vendor in ("KLAVIYO", "SQUARE", "GOOGLE_ADS", "META_ADS", "META_SOCIAL"):
        url = settings[f"SOURCES__{vendor}__BASE_URL"]
        assert url == f"http://127.0.0.1:{shop.port}/{vendor.lower()}"


def test_requests_are_logged_with_vendor_stream_and_status(shop: Running) -> None:
    control(shop, "DELETE", "requests")
    events(shop)
    requests.get(f"http://127.0.0.1:{shop.port}/klaviyo/api/metrics", timeout=30)
    logged = control(shop, "GET", "requests").json()["requests"]
    seen = [(entry["vendor"], entry["stream"], entry["status"]) for entry in logged]
    assert seen == [("klaviyo", "events", 200), ("klaviyo", "metrics", 401)]
    assert "pk_sandbox" not in json.dumps(logged)


def test_an_unknown_vendor_or_control_path_is_said_to_be_unknown(shop: Running) -> None:
    assert requests.get(f"http://127.0.0.1:{shop.port}/nobody/x", timeout=30).status_code == 404
    assert control(shop, "GET", "nothing").status_code == 404
    assert control(shop, "POST", "clock", now="whenever").status_code == 400
    assert control(shop, "POST", "faults", vendor="klaviyo", fault="gremlin").status_code == 400


def test_limits_are_counted_in_fixed_windows_per_endpoint() -> None:
    now = 120.5
    counter = Counter(lambda: now)
    limit = Limit(2, 3)
    assert counter.count("a", limit).retry_after is None
    assert counter.count("a", limit).retry_after is None
    assert counter.count("a", limit).retry_after == 1
    assert counter.count("b", limit).retry_after is None
    now = 121.5
    assert counter.count("a", limit).retry_after == 59
    now = 180.0
    assert counter.count("a", limit).retry_after is None


def test_more_requests_than_the_vendor_takes_are_told_to_wait(tmp_path: Path) -> None:
    with serving(tmp_path, people=60, days=6, limit_factor=0.01, vendors=["klaviyo"]) as shop:
        answers = [events(shop, 1) for _ in range(5)]
    assert answers[0].status_code == 200
    assert answers[0].headers["RateLimit-Limit"] == "3, 3;w=1, 35;w=60"
    assert answers[0].headers["RateLimit-Remaining"] == "2"
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert int(refused[0].headers["Retry-After"]) >= 1
    assert refused[0].json()["errors"][0]["code"] == "throttled"


def test_an_answer_may_take_as_long_as_one_over_the_internet(tmp_path: Path) -> None:
    with serving(tmp_path, people=60, days=6, latency=0.2, vendors=["klaviyo"]) as shop:
        started = time.monotonic()
        assert events(shop, 1).status_code == 200
    assert time.monotonic() - started >= 0.2


def test_a_fault_hits_as_often_as_told_and_after_as_many_as_told(shop: Running) -> None:
    shop.fault("klaviyo", "events", "error", times=2, skip=1, status=503)
    assert [events(shop).status_code for _ in range(4)] == [200, 503, 503, 200]


def test_a_fault_hits_its_own_vendor_and_stream_only(shop: Running) -> None:
    shop.fault("klaviyo", "profiles", "error")
    shop.fault("square", None, "error")
    assert events(shop).status_code == 200
    shop.fault("klaviyo", None, "error")
    assert events(shop).status_code == 500
    shop.clear_faults()
    assert events(shop).status_code == 200


def test_faults_can_be_set_and_cleared_over_http(shop: Running) -> None:
    content = {"vendor": "klaviyo", "stream": "events", "fault": "error", "status": 502}
    assert control(shop, "POST", "faults", **content).status_code == 201
    assert events(shop).status_code == 502
    control(shop, "DELETE", "faults")
    assert events(shop).status_code == 200


def test_timeout_answers_too_late(shop: Running) -> None:
    shop.fault("klaviyo", "events", "timeout", seconds=3, times=1)
    with pytest.raises(requests.Timeout):
        events(shop, timeout=0.3)
    assert events(shop).status_code == 200


def test_slow_body_gives_half_at_once_and_the_rest_too_late(shop: Running) -> None:
    shop.fault("klaviyo", "events", "slow_body", seconds=3, times=1)
    with pytest.raises(requests.ConnectionError, match="timed out"):
        events(shop, timeout=0.3)
    shop.fault("klaviyo", "events", "slow_body", seconds=0.1, times=1)
    assert events(shop).json() == events(shop).json()


def test_a_sandbox_stops_at_once_though_a_request_waits_in_a_fault(tmp_path: Path) -> None:
    with serving(tmp_path, people=60, days=6, vendors=["klaviyo"]) as shop:
        shop.fault("klaviyo", "events", "timeout", seconds=600)
        with pytest.raises(requests.Timeout):
            events(shop, timeout=0.2)
        started = time.monotonic()
    assert time.monotonic() - started < 10


def test_truncated_breaks_off_in_the_middle_of_the_body(shop: Running) -> None:
    shop.fault("klaviyo", "events", "truncated", times=1)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        events(shop)


def test_truncated_silently_is_a_complete_answer_that_is_no_json(shop: Running) -> None:
    shop.fault("klaviyo", "events", "truncated", times=1, silent=True)
    answer = events(shop)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_reset_hangs_up(shop: Running) -> None:
    shop.fault("klaviyo", "events", "reset", times=1)
    with pytest.raises(requests.ConnectionError):
        events(shop)
    assert events(shop).status_code == 200


def test_html_200_is_a_page_for_people(shop: Running) -> None:
    shop.fault("klaviyo", "events", "html_200")
    answer = events(shop)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")


def test_rate_limit_says_how_long_to_wait(shop: Running) -> None:
    shop.fault("klaviyo", "events", "rate_limit", times=1, retry_after=7)
    answer = events(shop)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


def test_unauthorized_and_expired_cursor_are_in_the_vendors_words(shop: Running) -> None:
    shop.fault("klaviyo", "events", "unauthorized", times=1)
    shop.fault("klaviyo", "events", "expired_cursor", times=1)
    refused, expired = events(shop), events(shop)
    assert refused.status_code == 401
    assert refused.json()["errors"][0]["code"] == "not_authenticated"
    assert expired.status_code == 400
    assert expired.json()["errors"][0]["source"] == {"parameter": "page[cursor]"}


@pytest.mark.parametrize("vendor", [name for name, each in discover().items() if each.routes])
@pytest.mark.parametrize("kind", REFUSALS)
def test_every_vendor_refuses_in_its_own_words(kind: str, vendor: str) -> None:
    refused = _refused(discover()[vendor], kind)
    assert refused.status < 500
    assert json.loads(refused.body)


def test_an_error_says_what_it_is_told_to(shop: Running) -> None:
    shop.fault("klaviyo", "events", "error", status=503, detail="a token, say", times=1)
    answer = events(shop)
    assert (answer.status_code, "a token, say" in answer.text) == (503, True)


def test_nothing_is_the_vendors_own_empty_answer(shop: Running) -> None:
    shop.fault("klaviyo", "events", "nothing", times=1)
    content = events(shop).json()
    assert content["data"] == []
    assert content["links"]["next"] is None


def test_empty_page_shows_no_row_but_goes_on(shop: Running) -> None:
    shop.fault("klaviyo", "events", "empty_page", times=1)
    content = events(shop).json()
    assert content["data"] == []
    assert content["links"]["next"] is not None


def test_duplicate_rows_shows_rows_twice(shop: Running) -> None:
    shop.fault("klaviyo", "events", "duplicate_rows", rows=3)
    ids = [row["id"] for row in events(shop).json()["data"]]
    assert len(ids) == 53
    assert len(set(ids)) == 50


@pytest.mark.parametrize(("shift", "seen_twice", "missed"), [(2, 2, 0), (-2, 0, 2)])
def test_shifted_pages_repeat_or_skip_rows_at_the_seam(
    shop: Running, shift: int, seen_twice: int, missed: int
) -> None:
    def two_pages() -> list[str]:
        first = events(shop).json()
        second = requests.get(first["links"]["next"], headers=HEADERS, timeout=30).json()
        return [row["id"] for row in first["data"] + second["data"]]

    straight = two_pages()
    shop.fault("klaviyo", "events", "shifted_pages", rows=shift)
    shifted = two_pages()
    assert len(shifted) - len(set(shifted)) == seen_twice
    assert len(set(straight) - set(shifted)) == missed


def _timestamp(row: dict[str, Any]) -> Any:
    return row["attributes"].get("timestamp", "gone")


@pytest.mark.parametrize(
    ("kind", "field", "spoiled"),
    [
        (
            "new_field",
            "attributes.mood",
            lambda row: row["attributes"]["mood"] == "never seen before",
        ),
        ("vanished_field", "attributes.timestamp", lambda row: _timestamp(row) == "gone"),
        ("string_for_number", "attributes.timestamp", lambda row: _timestamp(row)[-6:] == " or so"),
        ("zero_metric", "attributes.timestamp", lambda row: _timestamp(row) == 0),
    ],
)
def test_rows_can_drift_from_their_schema(
    shop: Running, kind: str, field: str, spoiled: Callable[[dict[str, Any]], bool]
) -> None:
    shop.fault("klaviyo", "events", kind, field=field, every=2)
    rows = events(shop).json()["data"]
    assert all(spoiled(row) for row in rows[::2])
    shop.clear_faults()
    assert events(shop).json()["data"][1::2] == rows[1::2]


@pytest.mark.parametrize("kind", ["vanished_field", "string_for_number", "zero_metric"])
def test_a_fault_that_needs_a_field_says_so(shop: Running, kind: str) -> None:
    with pytest.raises(ValueError, match="needs field"):
        shop.fault("klaviyo", "events", kind)


def test_an_unknown_fault_is_refused_with_the_known_ones(shop: Running) -> None:
    with pytest.raises(ValueError, match=r"unknown fault 'gremlin'.*timeout"):
        shop.fault("klaviyo", "events", "gremlin")
    assert len(KINDS) == 20
