"""Worlds: equal parameters make equal bytes, whatever the size memory allows to be done at once."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from sandbox import Parameters, Running, build_world, running
from sandbox import world as world_module
from sandbox.world import World, parquet_in
from tests.worlds import world_of

SMALL = Parameters(people=150, days=12)
ORDERING = duckdb.connect()


def contents(world: World, kind: str = "streams") -> dict[str, str]:
    return {
        str(path.relative_to(world.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((world.folder / kind).rglob("*"))
        if path.is_file()
    }


def rows(world: World, table: str) -> pa.Table:
    """A table of the truth, in an order that hangs on nothing but its rows."""
    stored = parquet_in(world.folder / "truth" / table)
    return ORDERING.execute(f"from {stored} order by all").to_arrow_table()


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    world = build_world(tmp_path / "the shop's", Parameters(people=20, days=3))
    assert rows(world, "person").num_rows
    with running(
        tmp_path / "the shop's", people=20, days=3, now=datetime(2026, 1, 4, tzinfo=UTC)
    ) as side:
        assert side.truth("session").num_rows


def test_the_same_parameters_make_the_same_bytes(tmp_path: Path) -> None:
    first = world_of(tmp_path / "first", SMALL)
    second = build_world(tmp_path / "second", SMALL)
    assert contents(first) == contents(second)
    assert len(contents(first)) > 20
    for table in ("purchase", "session", "message_event", "web_event", "ad_day"):
        assert rows(first, table) == rows(second, table)


def test_another_seed_makes_another_world(tmp_path: Path) -> None:
    one = world_of(tmp_path, SMALL, ["klaviyo"])
    other = build_world(tmp_path, Parameters(seed=8, people=150, days=12), ["klaviyo"])
    assert one.folder != other.folder
    assert set(contents(one).values()).isdisjoint(contents(other).values()) is False
    assert rows(one, "purchase") != rows(other, "purchase")


def test_the_stretches_a_world_is_made_in_leave_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = world_of(tmp_path / "whole", SMALL, ["klaviyo"])
    monkeypatch.setattr(world_module, "PERSON_DAYS", 300)
    in_pieces = build_world(tmp_path / "pieces", SMALL, ["klaviyo"])
    assert len(in_pieces.stretches) == 6
    for folder in sorted((at_once.folder / "truth").iterdir()):
        assert rows(at_once, folder.name) == rows(in_pieces, folder.name), folder.name
    far = at_once.end + timedelta(days=2)
    whole = at_once.stream("klaviyo", "events").page(far, 10**9)
    pieces = in_pieces.stream("klaviyo", "events").page(far, 10**9)
    assert whole.body == pieces.body


def test_a_world_larger_than_a_day_of_memory_is_cut_into_hours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world_module, "PERSON_DAYS", 40)
    world = build_world(tmp_path, Parameters(people=150, days=3), ["klaviyo"])
    assert world.slices[1][0] - world.slices[0][0] == timedelta(hours=6)
    assert world.slices[-1][1] == world.end + timedelta(days=1)
    shown = world.stream("klaviyo", "events").page(world.end + timedelta(days=1), 10**9)
    known = world.truth("message_event", world.end + timedelta(days=1)).to_pylist()
    until = (world.end + timedelta(days=1)).replace(tzinfo=None)
    assert shown.count == sum(event["occurred_at"] < until for event in known) > 0


def test_a_built_world_is_kept_and_not_built_again(tmp_path: Path) -> None:
    world = build_world(tmp_path, SMALL, ["klaviyo"])
    mark = world.folder / "truth" / "person" / "all.parquet"
    before = mark.stat().st_mtime_ns
    again = build_world(tmp_path, SMALL, ["klaviyo"])
    assert again.folder == world.folder
    assert mark.stat().st_mtime_ns == before


def test_a_build_that_breaks_leaves_no_world_behind(tmp_path: Path) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no more disk")

    with pytest.raises(RuntimeError, match="no more disk"):
        world_module.build(tmp_path, SMALL, broken, broken, {})
    assert list((tmp_path / "sandbox").iterdir()) == []


def test_what_a_killed_build_left_behind_is_cleared_away(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    leftover = tmp_path / "sandbox" / f"world-0123456789ab.{gone.pid}.draft"
    (leftover / "truth").mkdir(parents=True)
    build_world(tmp_path, Parameters(people=20, days=3), [])
    assert not leftover.exists()


def test_an_unknown_vendor_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such vendor: nobody"):
        build_world(tmp_path, SMALL, ["nobody"])


def test_parameters_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {"SEED": "3", "PEOPLE": "9", "START": "2026-02-03", "DAYS": "4"}.items():
        monkeypatch.setenv(f"THROUGHLINE_SANDBOX_{name}", text)
    assert Parameters.from_environment() == Parameters(3, 9, date(2026, 2, 3), 4)


def test_truth_as_of_a_moment_knows_nothing_later(shop: Running) -> None:
    moment = shop.world.start + timedelta(days=10, hours=3)
    for table in ("purchase", "message_event", "web_event", "ad_day", "message", "post_day"):
        known = shop.world.truth(table, moment).to_pylist()
        everything = shop.world.truth(table).num_rows
        assert 0 < len(known) < everything
        assert max(row["known_at"] for row in known) <= moment.replace(tzinfo=None)
    sessions = shop.world.truth("session", moment).to_pylist()
    assert 0 < len(sessions) < shop.world.truth("session").num_rows
    assert max(row["ended_at"] for row in sessions) < moment.replace(tzinfo=None)


def test_memory_does_not_grow_with_the_calendar(tmp_path: Path) -> None:
    script = """
import resource, sys
from pathlib import Path
from sandbox import Parameters, build_world, world
world.PERSON_DAYS = 8_000
build_world(Path(sys.argv[1]), Parameters(people=2000, days=int(sys.argv[2])), ["klaviyo"])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    peaks = [
        int(
            subprocess.run(
                [sys.executable, "-c", script, str(tmp_path), str(days)],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for days in (4, 24)
    ]
    assert peaks[1] < 1.5 * peaks[0]


def test_the_calendar_ends_with_its_last_day() -> None:
    world = World(Path("nowhere"), Parameters(start=date(2026, 1, 1), days=60))
    assert world.end == datetime(2026, 3, 2, tzinfo=UTC)
