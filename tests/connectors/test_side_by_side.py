"""Which pulls are at work at once, and what is left when a run stops."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import CancelledError

import pytest

from connectors.settings import SettingError
from connectors.side_by_side import DEFAULT_AT_ONCE, SideBySide, Work, pulls_at_once

LIMITS = {"many": 3, "few": 1}


class Watch:
    """Counts what is at work at once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()

    def work(self, vendor: str) -> str:
        with self.lock:
            self.now[vendor] += 1
            self.most[vendor] = max(self.most[vendor], self.now[vendor])
            self.most["in all"] = max(self.most["in all"], self.now.total())
        time.sleep(0.01)
        with self.lock:
            self.now[vendor] -= 1
        return vendor


def results(work: list[Work]) -> list[str]:
    return [piece.result.result(timeout=10) for piece in work]


def test_no_vendor_is_asked_for_more_at_once_than_it_allows() -> None:
    watch = Watch()
    pulls = SideBySide(4, LIMITS)
    names = ["many", "few", "other"] * 10
    work = [pulls.add(name, lambda name=name: watch.work(name)) for name in names]  # type: ignore[misc]
    assert results(work) == names
    assert (watch.most["few"], watch.most["other"]) == (1, 1)
    assert 2 <= watch.most["many"] <= 3
    assert watch.most["in all"] <= 4


def test_a_vendor_that_is_slow_keeps_no_other_waiting() -> None:
    pulls = SideBySide(4, LIMITS)
    release = threading.Event()
    slow = [pulls.add("few", release.wait) for _ in range(5)]
    assert results([pulls.add("many", lambda: "done")]) == ["done"]
    assert not any(piece.result.done() for piece in slow)
    release.set()
    assert results(slow) == [True] * 5


def test_a_pull_that_fails_fails_alone_and_tells_its_own_time() -> None:
    pulls = SideBySide(1, LIMITS)

    def fail() -> None:
        time.sleep(0.5)
        raise OSError("gone")

    first = pulls.add("many", fail)
    second = pulls.add("many", lambda: "done")
    with pytest.raises(OSError, match="gone"):
        first.result.result(timeout=10)
    assert results([second]) == ["done"]
    assert first.seconds >= 0.5 > second.seconds


def test_what_has_not_begun_when_the_run_stops_never_begins() -> None:
    pulls = SideBySide(1, LIMITS)
    begun, release = threading.Event(), threading.Event()
    at_work = pulls.add("many", lambda: begun.set() or release.wait())
    waiting = pulls.add("many", lambda: pytest.fail("it began"))
    assert begun.wait(10)
    pulls.stop()
    with pytest.raises(CancelledError):
        waiting.result.result(timeout=10)
    release.set()
    assert at_work.result.result(timeout=10) is True


def test_threads_end_with_the_work() -> None:
    before = threading.active_count()
    pulls = SideBySide(8, LIMITS)
    results([pulls.add("many", lambda: "done") for _ in range(20)])
    deadline = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before
    assert results([pulls.add("few", lambda: "again")]) == ["again"]


def test_how_many_at_once_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pulls_at_once() == DEFAULT_AT_ONCE
    monkeypatch.setenv("THROUGHLINE_PULLS_AT_ONCE", "3")
    assert pulls_at_once() == 3
    monkeypatch.setenv("THROUGHLINE_PULLS_AT_ONCE", "none")
    with pytest.raises(SettingError, match=r"THROUGHLINE_PULLS_AT_ONCE is 'none'"):
        pulls_at_once()
