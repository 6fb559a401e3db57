"""The row store: every row once, in order, as visible at a clock, from plain byte slices."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from sandbox import Parameters
from sandbox.store import Stream
from sandbox.wire import BadCursorError
from sandbox.world import World

START = datetime(2026, 1, 1, tzinfo=UTC)
LATER = START + timedelta(days=100)
# Row n is dated n hours in; even rows are tagged so; every seventh is known a day late; row 10 is
# replaced by a second version after two days.
ROWS = """
    select
        timestamp '2026-01-01' + to_hours(range) as sort_at,
        sort_at + to_hours(if(range % 7 = 0, 24, 0)) as known_at,
        if(range = 10, timestamp '2026-01-03 10:00:00', null) as superseded_at,
        range::varchar as key,
        if(range % 2 = 0, 'even', 'odd') as tag,
        to_json({n: range, text: 'ä,"' || chr(10)})::varchar as body
    from range(96)
    union all
    select timestamp '2026-01-01 10:00:00', timestamp '2026-01-03 10:00:00', null, '10', 'even',
        '{"n": 10, "version": 2}'
"""
DAILY = f"select * from ({ROWS}) where sort_at >= $day_start and sort_at < $day_end"


@pytest.fixture(params=[False, True], ids=["one file", "a file per slice"])
def stream(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Stream:
    monkeypatch.setattr("sandbox.world.PERSON_DAYS", 1)
    world = World(tmp_path, Parameters(people=1, days=5))
    with duckdb.connect() as con:
        count = world.write_rows(
            con, "vendor", "things", DAILY if request.param else ROWS, daily=request.param
        )
    assert count == 97
    return world.stream("vendor", "things")


def walk(stream: Stream, now: datetime, limit: int, **query: object) -> list[int]:
    numbers: list[int] = []
    position = None
    while True:
        page = stream.page(now, limit, position=position, **query)  # type: ignore[arg-type]
        assert page.count == len(page.objects()) <= limit
        numbers += [row["n"] for row in page.objects()]
        position = page.position
        if position is None:
            return numbers


@pytest.mark.parametrize("limit", [1, 5, 24, 96, 97, 1000])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_of_any_size_hold_every_row_once(
    stream: Stream, limit: int, descending: bool
) -> None:
    expected = list(range(96))
    assert walk(stream, LATER, limit, descending=descending) == (
        expected[::-1] if descending else expected
    )


def test_a_window_is_half_open(stream: Stream) -> None:
    window = {"start": START + timedelta(hours=20), "end": START + timedelta(hours=50)}
    assert walk(stream, LATER, 7, **window) == list(range(20, 50))


def test_rows_show_once_they_are_known(stream: Stream) -> None:
    now = START + timedelta(hours=48)
    expected = [n for n in range(49) if n % 7 or n + 24 <= 48]
    assert walk(stream, now, 10) == expected


def test_a_later_version_replaces_the_earlier_one(stream: Stream) -> None:
    changed = START + timedelta(days=2, hours=10)
    window = {"start": START + timedelta(hours=10), "end": START + timedelta(hours=11)}
    before = stream.page(changed - timedelta(seconds=1), 5, **window)
    after = stream.page(changed, 5, **window)
    assert "version" not in before.objects()[0]
    assert [row.get("version") for row in after.objects()] == [2]


def test_tags_choose_rows_and_an_unknown_tag_chooses_none(stream: Stream) -> None:
    assert walk(stream, LATER, 9, tags=["odd"]) == list(range(1, 96, 2))
    assert walk(stream, LATER, 9, tags=["neither"]) == []
    assert len(walk(stream, LATER, 9, tags=["odd", "even", "neither"])) == 96


def test_no_page_follows_the_last_row_even_when_the_page_is_full(stream: Stream) -> None:
    assert stream.page(LATER, 96).position is None
    assert stream.page(LATER, 95).position is not None


def test_a_position_from_elsewhere_is_refused(stream: Stream) -> None:
    for position in ("", "x", "all", "1999-01-01T00:5", "all:-1"):
        with pytest.raises(BadCursorError):
            stream.page(LATER, 5, position=position)


def test_bodies_are_served_byte_for_byte(stream: Stream) -> None:
    body = stream.page(LATER, 1).body
    assert json.loads(body) == {"n": 0, "text": 'ä,"\n'}


def test_a_stream_without_rows_is_an_empty_page(tmp_path: Path) -> None:
    world = World(tmp_path, Parameters(people=1, days=2))
    with duckdb.connect() as con:
        world.write_rows(con, "vendor", "none", f"select * from ({ROWS}) where false")
    page = world.stream("vendor", "none").page(LATER, 10)
    assert (page.body, page.count, page.position) == (b"", 0, None)
