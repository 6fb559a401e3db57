"""Snowplow's side: files that appear with the clock and hold what happened on the web."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox import Running, running
from sandbox.snowplow import COLUMNS
from tests.worlds import serving

NIGHT = datetime(2026, 1, 4, 3, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Running]:
    with serving(tmp_path, people=150, days=8, now=NIGHT, vendors=["snowplow"]) as started:
        yield started


def files(site: Running) -> list[Path]:
    return sorted(Path(site.environment["SOURCES__SNOWPLOW__URL"]).glob("run=*/part-*.tsv.gz"))


def events(site: Running) -> list[dict[str, str]]:
    return [
        dict(zip(COLUMNS, line.split("\t"), strict=True))
        for path in files(site)
        for line in gzip.decompress(path.read_bytes()).decode().splitlines()
    ]


def test_a_file_shows_every_event_of_its_hours_once_the_clock_has_passed_them(
    site: Running,
) -> None:
    assert files(site)[-1].parent.name == "run=2026-01-03-18-00-00"
    known = site.truth("web_event").to_pylist()
    assert sorted(row["event_id"] for row in events(site)) == sorted(
        event["event_id"] for event in known
    )
    site.set_clock(NIGHT + timedelta(days=1))
    assert files(site)[-1].parent.name == "run=2026-01-04-18-00-00"
    assert len(events(site)) == site.truth("web_event").num_rows > len(known)


def test_files_already_shown_are_left_alone(site: Running) -> None:
    before = {path: path.stat().st_mtime_ns for path in files(site)}
    site.set_clock(NIGHT + timedelta(days=1))
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_some_events_are_collected_hours_after_they_happened(tmp_path: Path) -> None:
    with serving(tmp_path, people=300, days=24, vendors=["snowplow"]) as site:
        late = [
            row
            for row in events(site)
            if datetime.fromisoformat(row["collector_tstamp"])
            - datetime.fromisoformat(row["derived_tstamp"])
            > timedelta(minutes=30)
        ]
    assert late


def test_an_event_holds_what_the_truth_says(site: Running) -> None:
    site.set_clock(NIGHT + timedelta(days=10))
    truth = {event["event_id"]: event for event in site.truth("web_event").to_pylist()}
    seen = events(site)
    for row in seen:
        event = truth[row["event_id"]]
        assert datetime.fromisoformat(row["derived_tstamp"]) == event["occurred_at"]
        assert row["domain_userid"] == event["device_id"]
        assert row["domain_sessionid"] == event["session_id"]
        assert row["user_id"] == (event["user_id"] or "")
        assert row["mkt_clickid"] == (event["click_id"] or "")
        assert row["tr_orderid"] == (event["transaction_id"] or "")
        cents = event["transaction_cents"]
        assert row["tr_total"] == ("" if cents is None else f"{cents / 100:.2f}")
    assert {row["event"] for row in seen} == {"page_view", "page_ping", "struct", "transaction"}


def test_equal_worlds_make_equal_files(tmp_path: Path) -> None:
    contents = []
    for folder in ("one", "two"):
        with running(tmp_path / folder, people=60, days=3, vendors=["snowplow"]) as site:
            contents.append({path.parent.name: path.read_bytes() for path in files(site)})
    assert contents[0] == contents[1]


@pytest.mark.parametrize("kind", ["truncated", "duplicate_rows", "nothing"])
def test_faults_spoil_the_next_file(site: Running, kind: str) -> None:
    before = len(files(site))
    site.fault("snowplow", "enriched_events", kind, times=1)
    site.set_clock(NIGHT + timedelta(hours=6))
    site.set_clock(NIGHT + timedelta(hours=12))
    spoiled, good = files(site)[before:]
    assert len(set(gzip.decompress(good.read_bytes()).splitlines())) > 5
    if kind == "truncated":
        with pytest.raises(EOFError):
            gzip.decompress(spoiled.read_bytes())
        return
    lines = gzip.decompress(spoiled.read_bytes()).splitlines()
    assert len(lines) - len(set(lines)) == (1 if kind == "duplicate_rows" else 0)
    assert bool(lines) == (kind == "duplicate_rows")


def test_files_of_another_world_make_way(tmp_path: Path) -> None:
    with serving(tmp_path, people=60, days=6, vendors=["snowplow"]) as site:
        assert files(site)[-1].parent.name == "run=2026-01-06-18-00-00"
    with serving(tmp_path, people=60, days=4, vendors=["snowplow"]) as site:
        assert files(site)[-1].parent.name == "run=2026-01-04-18-00-00"
        assert len(events(site)) == site.truth("web_event").num_rows
