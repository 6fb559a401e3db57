"""How many requests a vendor takes in a second and a minute.

Belongs here: counting requests in fixed windows. Does not belong here: what a vendor calls its
limits in headers (`rate_headers` of its module).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.wire import Limit


@dataclass(frozen=True)
class Usage:
    """How much of a limit is used up, this request included.

    Attributes:
        second: Requests in the running second.
        minute: Requests in the running minute.
        retry_after: Whole seconds to wait when a limit is exceeded, else None.
    """

    second: int
    minute: int
    retry_after: int | None


class Counter:
    """Counts requests per endpoint in windows of wall-clock time. Threads may share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        """Make a counter; `clock` yields seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, int], tuple[int, int]] = {}

    def count(self, endpoint: str, limit: Limit) -> Usage:
        """Count one request and say how much of the limit is used."""
        now = self._clock()
        with self._lock:
            second = self._up(endpoint, 1, int(now))
            minute = self._up(endpoint, 60, int(now // 60))
        wait = None
        if minute > limit.per_minute:
            wait = int(60 - now % 60) + 1
        elif second > limit.per_second:
            wait = 1
        return Usage(second, minute, wait)

    def _up(self, endpoint: str, width: int, window: int) -> int:
        last, used = self._counts.get((endpoint, width), (window, 0))
        used = used + 1 if last == window else 1
        self._counts[endpoint, width] = (window, used)
        return used
