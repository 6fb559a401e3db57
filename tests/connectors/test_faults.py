"""What bad things get: every vendor that speaks HTTP, its two busiest streams, every fault.

After each: all the rows or an error in words, never fewer rows in silence; and the next good pull
brings everything, for nothing of a bad one stays.
"""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import pytest

import connectors
import sandbox
import sandbox.vendors
from connectors.landing import extract
from connectors.pace import Pace
from connectors.settings import VendorSettings
from connectors.stream import ConnectorError, CursorExpiredError

from .faulty import WINDOW, Pulled, pull, rows_at, rows_of
from .landed import END, START, finished_loads, landed_table

ATTEMPTS = 3
VENDORS = [
    name
    for name, vendor in sandbox.vendors.discover().items()
    if vendor.routes and name in connectors.vendors()
]
Faults = list[tuple[str, dict[str, Any]]]
# One request meets both in turn; its third attempt gets through.
PASSING: dict[str, Faults] = {
    "500 and 502": [("error", {"status": 500}), ("error", {"status": 502})],
    "503 and 504": [("error", {"status": 503}), ("error", {"status": 504})],
    "429 twice": [("rate_limit", {"retry_after": 0}), ("rate_limit", {"retry_after": 0})],
    "cut off, openly and not": [("truncated", {}), ("truncated", {"silent": True})],
    "reset and a page for people": [("reset", {}), ("html_200", {})],
}
# These take real time.
SLOW: dict[str, Faults] = {
    "no answer": [("timeout", {"seconds": 3})],
    "half a body": [("slow_body", {"seconds": 3})],
}
LASTING: Faults = [
    ("error", {"status": 500}),
    ("rate_limit", {"retry_after": 0}),
    ("reset", {}),
    ("truncated", {}),
    ("html_200", {}),
]
REFUSALS = ["unauthorized", "forbidden", "not_found", "gone"]
REPEATS: Faults = [
    ("duplicate_rows", {"rows": 2}),
    # The last rows of each page once more on the next, and then whole pages.
    ("shifted_pages", {"rows": 1}),
    ("shifted_pages", {"rows": 1_000_000}),
]

# Vendors that are asked nothing: what can be wrong with a file is tested where files are read.
WITHOUT_HTTP = {
    "files": "a person puts files into a folder",
    "snowplow": "the enricher puts files into a folder",
}
# Streams that page without a cursor, here at least: an expired one is a refusal like others.
WITHOUT_CURSOR = {
    "ga4": "pages by offset",
    "mailchimp": "pages by offset",
    "tiktok_ads": "pages by number",
    "twilio": "in this sandbox each stream is one page, whose question names no place",
    "typeform": "in this sandbox each form's answers are one page, and a definition is no list",
    ("hubspot", "email_campaigns"): "a sending is asked for by its id, one page each",
}
# Streams of which a page is one object: it has no rows that could be missing.
OF_ONE_OBJECT = {
    ("hubspot", "email_campaigns"): "a sending with its counts",
    ("typeform", "form_definitions"): "a form with its questions",
}
# Streams that come as one file whose rows the vendor has counted: it has no pages.
OF_ONE_FILE = {("shopify", "customers"): "the result of a bulk operation"}
# Vendors that say how many rows there are: one that is short is asked again.
SAY_HOW_MANY = {"mailchimp": "total_items", "tiktok_ads": "page_info.total_number"}

# What the vendors here call a place in a list.
CURSORS = {"after", "before", "cursor", "offset", "pageToken", "page_token", "PageToken"}

Good = Callable[[str], dict[str, Pulled]]


class Hurry:
    """A clock that sleeping moves on: a vendor's pace is kept and takes no time."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.ahead += seconds


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch, vendor_side: sandbox.Running) -> None:
    clock = Hurry()
    pace = cache(lambda vendor, origin: Pace(clock.now, clock.sleep))
    monkeypatch.setattr("connectors.client.pace_of", pace)
    # Longer than a busy machine takes for any answer: an attempt that is not counted on is none.
    monkeypatch.setenv("RUNTIME__REQUEST_TIMEOUT", "20")
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_RETRY_DELAY", "0.02")


@pytest.fixture(scope="module")
def _good() -> dict[str, dict[str, Pulled]]:
    return {}


@pytest.fixture
def good(vendor_side: sandbox.Running, _good: dict[str, dict[str, Pulled]]) -> Good:
    """A vendor's two busiest streams and what a good pull of them brings; pulled once."""

    def streams(vendor: str) -> dict[str, Pulled]:
        if vendor not in _good:
            names = [stream.name for stream in connectors.vendors()[vendor].streams]
            found = {name: pull(vendor_side, vendor, name) for name in names}
            busiest = sorted(
                found, key=lambda name: (found[name].counted, found[name].rows.total())
            )
            _good[vendor] = {name: found[name] for name in busiest[-2:]}
            assert all(each.rows for each in _good[vendor].values())
        return _good[vendor]

    return streams


def half(pulled: Pulled) -> int:
    """How many requests are let through, so that the fault hits in the middle of the paging."""
    return len(pulled.requests) // 2


@pytest.mark.parametrize("faults", PASSING.values(), ids=PASSING)
@pytest.mark.parametrize("vendor", VENDORS)
def test_what_passes_costs_neither_a_row_nor_a_double(
    vendor: str, faults: Faults, good: Good, vendor_side: sandbox.Running
) -> None:
    for stream, expected in good(vendor).items():
        passes(vendor, stream, expected, faults, vendor_side)


@pytest.mark.parametrize("faults", SLOW.values(), ids=SLOW)
@pytest.mark.parametrize("vendor", VENDORS)
def test_what_is_slow_is_not_waited_for(
    vendor: str,
    faults: Faults,
    good: Good,
    vendor_side: sandbox.Running,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream, expected = list(good(vendor).items())[-1]
    # Well below what a slow answer takes, and above what a quick one does on a busy machine.
    monkeypatch.setenv("RUNTIME__REQUEST_TIMEOUT", "2")
    passes(vendor, stream, expected, faults, vendor_side)


def passes(
    vendor: str, stream: str, expected: Pulled, faults: Faults, side: sandbox.Running
) -> None:
    """One request in the middle meets each of the faults once, and the pull is as a good one."""
    for kind, options in faults:
        side.fault(vendor, None, kind, skip=half(expected), times=1, **options)
    pulled = pull(side, vendor, stream)
    assert pulled.rows == expected.rows
    assert [each["fault"] for each in pulled.faulty] == [kind for kind, _ in faults]
    assert pulled.counted == expected.counted + len(faults)
    side.clear_faults()


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("vendor", VENDORS)
def test_a_refusal_is_said_at_once_and_heals(
    vendor: str,
    refusal: str,
    good: Good,
    vendor_side: sandbox.Running,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stream, expected = list(good(vendor).items())[-1]
    vendor_side.fault(vendor, None, refusal, skip=half(expected))
    faulty = fails(vendor, stream, vendor_side, caplog)
    assert len(faulty) == 1, "what is refused is not asked for again"
    vendor_side.clear_faults()
    assert pull(vendor_side, vendor, stream).rows == expected.rows


@pytest.mark.parametrize(("kind", "options"), LASTING)
@pytest.mark.parametrize("vendor", VENDORS)
def test_a_lasting_fault_ends_in_words_after_the_last_attempt_and_heals(
    vendor: str,
    kind: str,
    options: dict[str, Any],
    good: Good,
    vendor_side: sandbox.Running,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stream, expected = list(good(vendor).items())[-1]
    vendor_side.fault(vendor, None, kind, skip=half(expected), **options)
    assert len(fails(vendor, stream, vendor_side, caplog)) == ATTEMPTS
    vendor_side.clear_faults()
    assert pull(vendor_side, vendor, stream).rows == expected.rows


def fails(
    vendor: str, stream: str, side: sandbox.Running, caplog: pytest.LogCaptureFixture
) -> list[dict[str, Any]]:
    """The faulty requests of an extract that fails as it should: in words, and leaving nothing."""
    before = len(side.requests)
    with caplog.at_level(logging.DEBUG), pytest.raises(ConnectorError) as caught:
        extract(vendor, stream, START, END)
    faulty = [each for each in side.requests[before:] if each["fault"]]
    error = caught.value
    assert (error.vendor, error.stream, error.window) == (vendor, stream, WINDOW)
    said = str(error)
    assert said.startswith(f"{vendor}/{stream} {WINDOW}: ")
    if faulty[-1]["fault"] not in ("reset", "truncated"):
        assert error.status == faulty[-1]["status"]
        assert f"HTTP {error.status}" in said
    assert "Remedy: " in said
    assert error.__cause__ is None
    for secret in VendorSettings(vendor, connectors.vendors()[vendor].secrets).secrets():
        assert secret not in said
        assert secret not in caplog.text
    assert finished_loads(vendor) == set()
    return faulty


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_that_repeats_a_secret_makes_it_land_nowhere(
    vendor: str, good: Good, vendor_side: sandbox.Running, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in the rows of a page nor in an error; each pull here looks for it by itself."""
    stream = list(good(vendor))[-1]
    for secret in VendorSettings(vendor, connectors.vendors()[vendor].secrets).secrets():
        vendor_side.fault(vendor, stream, "new_field", value=f"as {secret} said")
        assert any("as *** said" in row for row in pull(vendor_side, vendor, stream).rows)
        vendor_side.clear_faults()
        # One that passes is told in the log, one that does not by the connector's own words.
        for status in (500, 400, 403):
            refusal = {"status": status, "detail": f"{secret} is refused"}
            vendor_side.fault(vendor, stream, "error", **refusal)
            assert fails(vendor, stream, vendor_side, caplog)
            vendor_side.clear_faults()


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_cursor_that_expires_costs_no_row(
    vendor: str, good: Good, vendor_side: sandbox.Running
) -> None:
    """The window is read from its start again, from a vendor that has cursors."""
    for stream, expected in good(vendor).items():
        vendor_side.fault(vendor, None, "expired_cursor", skip=half(expected), times=1)
        if vendor in WITHOUT_CURSOR or (vendor, stream) in WITHOUT_CURSOR:
            with pytest.raises(ConnectorError) as caught:
                pull(vendor_side, vendor, stream)
            # 200 is a vendor's that tells its errors in the body only.
            assert caught.value.status in (200, 400, 404)
            assert caught.value.remedy
        else:
            pulled = pull(vendor_side, vendor, stream)
            assert pulled.rows.keys() == expected.rows.keys()
            assert pulled.restarts == 1
        vendor_side.clear_faults()
        assert pull(vendor_side, vendor, stream).rows == expected.rows


def test_a_vendor_that_meets_no_fault_here_is_asked_nothing() -> None:
    assert set(connectors.vendors()) - set(VENDORS) == set(WITHOUT_HTTP)
    for name in WITHOUT_HTTP:
        vendor = connectors.vendors()[name]
        assert vendor.connect(VendorSettings(name, vendor.secrets)).rest is None


@pytest.mark.parametrize("vendor", VENDORS)
def test_who_is_excused_from_an_expired_cursor_sends_none(vendor: str, good: Good) -> None:
    """An offset is a cursor only where the vendor made it: digits are the asker's own."""
    for stream, expected in good(vendor).items():
        sent = [
            (name, value)
            for each in expected.requests
            for name, value in [*parse_qsl(each["query"]), *_members(each["body"])]
            if name in CURSORS and not str(value).isdigit()
        ]
        is_excused = vendor in WITHOUT_CURSOR or (vendor, stream) in WITHOUT_CURSOR
        assert not (is_excused and sent), f"{stream}: {sent[:3]}"


def _members(body: str) -> list[tuple[str, Any]]:
    return list(json.loads(body).items()) if body.startswith("{") else []


@pytest.mark.parametrize("vendor", VENDORS)
def test_an_empty_page_in_the_middle_does_not_end_the_paging(
    vendor: str, good: Good, vendor_side: sandbox.Running
) -> None:
    for stream, expected in good(vendor).items():
        assert bool(rows_at(vendor, stream)) == ((vendor, stream) not in OF_ONE_OBJECT)
        is_file = any(each["path"].endswith(".jsonl") for each in expected.requests)
        assert (is_file and expected.counted == 1) == ((vendor, stream) in OF_ONE_FILE)
        if (vendor, stream) in OF_ONE_OBJECT or (vendor, stream) in OF_ONE_FILE:
            continue
        vendor_side.fault(vendor, stream, "empty_page", skip=expected.counted // 4, times=1)
        pulled = pull(vendor_side, vendor, stream)
        assert len(pulled.faulty) == 1
        if pulled.restarts or vendor in SAY_HOW_MANY:
            # Asked again for those that lack.
            assert pulled.rows.keys() == expected.rows.keys()
        else:
            assert pulled.counted == expected.counted
            assert pulled.rows.keys() < expected.rows.keys()
        vendor_side.clear_faults()
        assert pull(vendor_side, vendor, stream).rows == expected.rows


@pytest.mark.parametrize(("kind", "options"), REPEATS)
@pytest.mark.parametrize("vendor", VENDORS)
def test_rows_and_pages_that_come_twice_cost_none(
    vendor: str, kind: str, options: dict[str, Any], good: Good, vendor_side: sandbox.Running
) -> None:
    for stream, expected in good(vendor).items():
        vendor_side.fault(vendor, stream, kind, **options)
        pulled = pull(vendor_side, vendor, stream)
        assert pulled.rows.keys() == expected.rows.keys()
        assert pulled.faulty
        vendor_side.clear_faults()


@pytest.mark.parametrize("vendor", VENDORS)
def test_rows_that_slipped_past_a_page_come_with_the_next_pull(
    vendor: str, good: Good, vendor_side: sandbox.Running
) -> None:
    """Rows that go away while pages are read pull others past the cursor, and few readers see it.

    A vendor that says how many rows there are is asked again, and in the end not believed.
    """
    for stream, expected in good(vendor).items():
        vendor_side.fault(vendor, stream, "shifted_pages", rows=-1)
        # Whoever counts the rows says in the end which he has not seen.
        with suppress(CursorExpiredError):
            assert pull(vendor_side, vendor, stream).rows.keys() <= expected.rows.keys()
        vendor_side.clear_faults()
        assert pull(vendor_side, vendor, stream).rows == expected.rows


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_lands_after_a_failed_pull_is_the_whole_window_once(
    vendor: str, good: Good, vendor_side: sandbox.Running
) -> None:
    """A later good run heals the hole, and nothing of the bad one is read beside it."""
    stream, expected = list(good(vendor).items())[-1]
    vendor_side.fault(vendor, None, "unauthorized", skip=half(expected))
    with pytest.raises(ConnectorError):
        extract(vendor, stream, START, END)
    vendor_side.clear_faults()
    landed = extract(vendor, stream, START, END)
    bodies = landed_table(vendor, stream)["page"].to_pylist()
    rows = Counter(row for body in bodies if body for row in rows_of(vendor, stream, body))
    assert rows == expected.rows
    assert finished_loads(vendor) == {landed.load_id}


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_delivers_while_all_others_fail(
    vendor: str, good: Good, vendor_side: sandbox.Running
) -> None:
    stream, expected = list(good(vendor).items())[-1]
    others = [name for name in VENDORS if name != vendor]
    for name in others:
        vendor_side.fault(name, None, "error", status=503)
    for name in others[:2]:
        with pytest.raises(ConnectorError):
            pull(vendor_side, name, connectors.vendors()[name].streams[0].name)
    pulled = pull(vendor_side, vendor, stream)
    assert pulled.rows == expected.rows
    assert pulled.faulty == []
