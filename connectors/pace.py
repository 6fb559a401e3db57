"""The pace at which a vendor is asked: one for all of its sessions in this process.

Belongs here: waiting where the vendor said so, and asking less often once it has said "too many".
Does not belong here: how a vendor says either (`pause` and `inspect` of its connector).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from functools import cache

# Vendors count in fixed windows, of a second or a minute in nearly every case; which of the two is
# guessed from the wait they ask for. At the end of a minute the guess is wrong once.
WINDOWS = (1.0, 60.0)
WAIT_OF_A_SECOND = 3.0
# So few requests were not too many: somebody else uses the limit up, and waiting is all one can do.
TOO_FEW_TO_BLAME = 2
# A part of what is known to be allowed that a window without a "too many" gives back.
STEPS_BACK = 4
# So long nobody had to wait for the pace: what pressed the vendor is over, and so is the lesson.
FORGOTTEN_AFTER = 600.0


class Pace:
    """When a vendor may be asked next. Threads share it.

    A vendor that tells its limits in headers is never asked too often: `hold` is called in time.
    One that only says "too many" says it once: from then on it is asked at no more than half the
    rate that was too much. Fixed windows may hold twice their limit around a boundary, so half of
    what was counted is below the limit whatever the boundaries are.

    A "too many" below that is somebody else's: it halves the pace once more, and the pace widens
    back, window by window, to what is known to be allowed and no further. A vendor that nobody
    presses any more is asked freely again.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._free_at = self._learned_at = self._pressed_at = float("-inf")
        self._asked: deque[float] = deque()
        # By window: what may be asked now, since when, and what is known to be allowed.
        self._most: dict[float, int] = {}
        self._since: dict[float, float] = {}
        self._allowed: dict[float, int] = {}

    def wait(self) -> float:
        """Wait until the vendor may be asked, and count that it is.

        Returns:
            The moment, for `throttled`.
        """
        while True:
            with self._lock:
                now = self._clock()
                while self._asked and self._asked[0] <= now - WINDOWS[-1]:
                    self._asked.popleft()
                self._widen(now)
                ready = max([self._free_at, *map(self._room_at, self._most)])
                if ready <= now:
                    self._asked.append(now)
                    return now
                if ready > self._free_at:
                    self._pressed_at = now
            self._sleep(ready - now)

    def hold(self, seconds: float) -> None:
        """Nobody asks for so many seconds from now."""
        with self._lock:
            self._free_at = max(self._free_at, self._clock() + seconds)

    def throttled(self, asked_at: float, seconds: float | None) -> None:
        """The vendor said "too many" to what was asked at that moment.

        Args:
            asked_at: as `wait` returned it. What was on its way before the lesson teaches nothing.
            seconds: how long the vendor wants to be left alone, where it says so.
        """
        with self._lock:
            if asked_at <= self._learned_at:
                return
            now = self._learned_at = self._clock()
            short, long = WINDOWS
            # Where half of it was still too much, the vendor counts in the longer window as well.
            is_short = (seconds or 0) <= WAIT_OF_A_SECOND and short not in self._most
            window = short if is_short else long
            count = sum(moment > now - window for moment in self._asked)
            if count > TOO_FEW_TO_BLAME:
                self._most[window] = min(count // 2, self._most.get(window, count))
                self._allowed.setdefault(window, self._most[window])
                self._since[window] = now

    def _widen(self, now: float) -> None:
        """Give back what others no longer use, and all of it once nobody presses."""
        if self._most and now - max(self._learned_at, self._pressed_at) > FORGOTTEN_AFTER:
            self._most.clear()
            self._allowed.clear()
        for window, allowed in self._allowed.items():
            if self._most[window] < allowed and now - self._since[window] >= window:
                step = max(1, allowed // STEPS_BACK)
                self._most[window] = min(allowed, self._most[window] + step)
                self._since[window] = now

    def _room_at(self, window: float) -> float:
        most = self._most[window]
        return self._asked[-most] + window if len(self._asked) >= most else float("-inf")


@cache
def pace_of(vendor: str, origin: tuple[str, str]) -> Pace:
    """The pace of a vendor at an address, the same for each of its sessions."""
    return Pace()
