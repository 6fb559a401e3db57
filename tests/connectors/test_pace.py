"""How a vendor's sessions share its pace: nobody asks too often, and "too many" is said once."""

from __future__ import annotations

import pytest

from connectors.pace import FORGOTTEN_AFTER, Pace, pace_of


class Clock:
    """A clock that goes on when somebody sleeps."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Counting:
    """A vendor that counts in fixed windows and says "too many" without any other header."""

    def __init__(self, clock: Clock, most: int, window: float) -> None:
        self.clock, self.most, self.window = clock, most, window
        self.counts: dict[int, int] = {}
        self.refused = 0

    def asked(self) -> float | None:
        """Seconds to wait, or None where it answers."""
        number = int(self.clock.now // self.window)
        self.counts[number] = self.counts.get(number, 0) + 1
        if self.counts[number] <= self.most:
            return None
        self.refused += 1
        return (number + 1) * self.window - self.clock.now + 0.001


def ask(vendor: Counting, pace: Pace, clock: Clock, times: int, each: float) -> None:
    """Ask so many times, one after the other; an answer takes `each` seconds."""
    for _ in range(times):
        asked_at = pace.wait()
        if (seconds := vendor.asked()) is not None:
            pace.throttled(asked_at, seconds)
            pace.hold(seconds)
        clock.now += each


@pytest.mark.parametrize("begin", [1000.0, 1000.37, 1000.93])
@pytest.mark.parametrize(
    ("most", "window", "each"), [(10, 1.0, 0.02), (50, 1.0, 0.005), (2, 1.0, 0.1), (150, 60.0, 0.1)]
)
def test_a_vendor_without_headers_says_too_many_once(
    begin: float, most: int, window: float, each: float
) -> None:
    clock = Clock(begin)
    vendor = Counting(clock, most, window)
    ask(vendor, Pace(clock, clock.sleep), clock, 6 * most, each)
    assert vendor.refused == 1
    # No slower than a quarter of what the vendor allows.
    assert clock.now - begin <= 4 * (6 + 1) * window


def test_a_pace_below_the_limit_waits_for_nothing() -> None:
    clock = Clock(1000.0)
    ask(Counting(clock, 50, 1.0), Pace(clock, clock.sleep), clock, 500, 0.03)
    assert clock.now == pytest.approx(1015.0)


def test_what_was_on_its_way_before_the_lesson_teaches_nothing_more() -> None:
    clock = Clock(1000.0)
    pace = Pace(clock, clock.sleep)
    sent = [pace.wait() for _ in range(40)]
    clock.now += 0.1
    for moment in sent[-4:]:
        pace.throttled(moment, 1.0)
    begun = clock.now
    for _ in range(41):
        pace.wait()
    # Twenty a second: half of the forty that were too many, and not a half of that again.
    assert clock.now - begun < 3.1


def test_a_limit_that_others_use_up_teaches_nothing() -> None:
    clock = Clock(1000.0)
    pace = Pace(clock, clock.sleep)
    pace.throttled(pace.wait(), None)
    for _ in range(100):
        pace.wait()
    assert clock.now == 1000.0


def busy(pace: Pace, clock: Clock, seconds: float, each: float = 0.001) -> int:
    """How often a vendor is asked in so many seconds by somebody who never rests."""
    until, count = clock.now + seconds, 0
    while pace.wait() < until:
        count += 1
        clock.now += each
    return count


def taught(pace: Pace, clock: Clock, count: int, seconds: float = 1.0) -> None:
    """Ask so often within a second, the last time once too many."""
    moments = []
    for _ in range(count):
        moments.append(pace.wait())
        clock.now += 0.5 / count
    pace.throttled(moments[-1], seconds)


def test_what_somebody_else_used_up_is_given_back_window_by_window() -> None:
    clock = Clock(1000.0)
    pace = Pace(clock, clock.sleep)
    taught(pace, clock, 400, 30.0)
    clock.now += 60
    allowed = busy(pace, clock, 60)
    for _ in range(3):
        # Each time below what is known to be allowed: it cannot be ours alone.
        pace.throttled(pace.wait(), 30.0)
        clock.now += 30
    pressed = busy(pace, clock, 60)
    busy(pace, clock, 10 * 60)
    assert allowed == 200
    assert pressed < allowed * 2 / 3
    assert allowed - 1 <= busy(pace, clock, 60) <= allowed


@pytest.mark.parametrize(("most", "window"), [(10, 1.0), (150, 60.0)])
def test_a_steady_run_of_hours_is_told_too_many_once(most: int, window: float) -> None:
    """However long the pace has been kept, it does not widen beyond what was learned."""
    clock = Clock(1000.37)
    vendor = Counting(clock, most, window)
    ask(vendor, Pace(clock, clock.sleep), clock, int(3 * 3600 / window * most / 4), 0.01)
    assert clock.now > 1000 + 3600
    assert vendor.refused == 1


def test_a_vendor_that_nobody_presses_any_more_is_asked_freely_again() -> None:
    clock = Clock(1000.0)
    pace = Pace(clock, clock.sleep)
    taught(pace, clock, 40)
    clock.now += 5
    assert busy(pace, clock, 1) <= 21
    clock.now += FORGOTTEN_AFTER + 1
    assert busy(pace, clock, 1) > 500


def test_a_wait_that_the_vendor_wants_holds_for_every_session() -> None:
    clock = Clock(1000.0)
    pace = Pace(clock, clock.sleep)
    pace.hold(5)
    pace.hold(2)
    assert pace.wait() == pytest.approx(1005.0)


def test_sessions_of_a_vendor_share_its_pace_and_those_of_another_do_not() -> None:
    here, there = ("https", "a.example"), ("https", "b.example")
    assert pace_of("one", here) is pace_of("one", here)
    assert (
        len({id(pace_of(*which)) for which in (("one", here), ("one", there), ("two", here))}) == 3
    )
