"""What a query costs at the sandbox's Shopify, and the bucket it is paid from.

Belongs here: counting points. Does not belong here: what a selection may cost at most
(shopify_graphql.py).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

MOST = 1000
# As for the largest plan: a benchmark never meets its end. Tests put smaller numbers here.
CAPACITY = 40_000.0
RESTORED = 2_000.0


class Bucket:
    """Points that come back at a steady rate. Threads may share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self.capacity, self.rate = CAPACITY, RESTORED
        self.refused = 0
        self._clock = clock
        self._available, self._at = CAPACITY, clock()
        self._lock = threading.Lock()

    def limit(self, capacity: float, rate: float) -> None:
        """Have a full bucket of another size."""
        with self._lock:
            self.capacity, self.rate = capacity, rate
            self.refused = 0
            self._available, self._at = capacity, self._clock()

    def holds(self, cost: float) -> bool:
        """Whether a query of so many points may run now; counts those that may not."""
        may = self.take(0) >= cost
        self.refused += not may
        return may

    def take(self, cost: float) -> float:
        """Pay, and return what is left."""
        with self._lock:
            now = self._clock()
            restored = (now - self._at) * self.rate
            self._available = min(self.capacity, self._available + restored) - cost
            self._at = now
            return self._available


BUCKET = Bucket()


def cost_extension(requested: int, data: Any) -> dict[str, Any]:
    """What an answer says of its cost; one without data was not paid for."""
    actual = None if data is None else min(requested, 1 + _objects(data))
    left = BUCKET.take(actual or 0)
    return {
        "requestedQueryCost": requested,
        "actualQueryCost": actual,
        "throttleStatus": {
            "maximumAvailable": BUCKET.capacity,
            "currentlyAvailable": int(left),
            "restoreRate": BUCKET.rate,
        },
    }


def _objects(value: Any) -> int:
    if isinstance(value, list):
        return sum(map(_objects, value))
    if isinstance(value, dict):
        return 1 + sum(map(_objects, value.values()))
    return 0
