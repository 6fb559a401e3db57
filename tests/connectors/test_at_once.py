"""Several streams at once, in threads of one process: nothing is lost, no limit is run over."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import connectors
import sandbox
from connectors import landing
from connectors.settings import VendorSettings
from connectors.side_by_side import SideBySide
from connectors.stream import Window

from .conftest import Answer, ScriptedServer
from .landed import finished_loads, landed_table

DAYS = 4
START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=DAYS)
VENDORS = ("klaviyo", "square", "meta_social")


@pytest.fixture(scope="module")
def vendors_side(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sandbox.Running]:
    """Three vendors with the limits they really have."""
    with sandbox.running(
        tmp_path_factory.mktemp("sandbox"),
        people=80,
        days=DAYS,
        start=START.date(),
        now=END + timedelta(hours=3),
        vendors=VENDORS,
        limit_factor=1.0,
    ) as running:
        yield running


@pytest.fixture
def limited(vendors_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch) -> sandbox.Running:
    for name, value in vendors_side.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RUNTIME__REQUEST_TIMEOUT", "5")
    return vendors_side


def streams() -> list[tuple[str, str]]:
    found = connectors.vendors()
    return [(name, stream.name) for name in VENDORS for stream in found[name].streams]


def pull_all(at_once: int) -> list[landing.Landed]:
    pulls = SideBySide(at_once, {name: 8 for name in VENDORS})
    work = [
        pulls.add(vendor, lambda v=vendor, s=stream: landing.extract(v, s, START, END))  # type: ignore[misc]
        for vendor, stream in streams()
    ]
    return [piece.result.result(timeout=120) for piece in work]


def pages() -> dict[str, list[str | None]]:
    return {
        f"{vendor}/{stream}": landed_table(vendor, stream)["page"].to_pylist()
        for vendor, stream in streams()
    }


def test_pulled_at_once_lands_what_pulled_one_after_the_other_lands(
    limited: sandbox.Running, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull_all(at_once=1)
    expected = pages()
    monkeypatch.setenv("THROUGHLINE_DATA", str(data / "again"))
    before = len(limited.requests)
    landed = pull_all(at_once=8)
    assert pages() == expected
    assert {load.load_id for load in landed} == set().union(*map(finished_loads, VENDORS))
    assert [seen for seen in limited.requests[before:] if seen["status"] != 200] == []


def test_a_first_pull_at_once_into_a_folder_left_half_written_lands(
    limited: sandbox.Running, data: Path
) -> None:
    folder = data / "landing" / "square"
    (folder / "_dlt_version").mkdir(parents=True)
    (folder / "init").write_text("")
    (folder / "_dlt_version" / "square_orders__1__abc.jsonl").write_text('{"half')
    pull_all(at_once=8)
    assert json.loads((folder / "init").read_text())["current_version"]
    assert all(json.loads(file.read_bytes()) for file in (folder / "_dlt_version").iterdir())


@pytest.mark.parametrize(
    ("vendor", "stream", "asked"), [("square", "locations", 60), ("klaviyo", "campaigns", 15)]
)
def test_sessions_of_a_vendor_run_into_its_limit_once_at_most(
    limited: sandbox.Running, vendor: str, stream: str, asked: int
) -> None:
    """Square has no header for it and says "too many"; Klaviyo says how much is left."""
    found = connectors.vendors()[vendor]
    before = len(limited.requests)

    def ask() -> None:
        client = found.connect(VendorSettings(vendor, found.secrets))
        for _ in range(asked):
            for _ in found.stream(stream).pages(client, Window(START, END)):
                pass

    sessions = 2
    pulls = SideBySide(sessions, {vendor: sessions})
    for work in [pulls.add(vendor, ask) for _ in range(sessions)]:
        work.result.result(timeout=60)
    seen = [request["status"] for request in limited.requests[before:]]
    assert seen.count(200) >= sessions * asked
    # What was on its way in the other session when the first one was told is refused as well.
    refused = [place for place, status in enumerate(seen) if status == 429]
    assert len(refused) <= sessions
    assert not refused or refused[-1] - refused[0] < 2 * sessions


@pytest.mark.usefixtures("fake")
def test_a_wait_told_to_one_session_is_kept_by_the_others(server: ScriptedServer) -> None:
    server.script.append(Answer(429, headers={"Retry-After": "1"}))
    other = threading.Thread(target=landing.extract, args=("fake", "rows", START, END))
    own = threading.Thread(target=landing.extract, args=("fake", "rows", START, END))
    other.start()
    while not server.seen:
        time.sleep(0.01)
    own.start()
    own.join(30)
    other.join(30)
    waits = [seen.at - server.seen[0].at for seen in server.seen]
    assert len(waits) == 5
    assert min(waits[1:]) >= 0.95


def test_pandas_is_whole_before_pulls_go_side_by_side() -> None:
    """dlt looks whether it is there while pyarrow, in another pull, is just importing it."""
    program = "import sys, connectors.landing; assert hasattr(sys.modules['pandas'], 'DataFrame')"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
