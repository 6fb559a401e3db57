"""Work for several vendors at once, never more for one vendor than it allows.

Belongs here: which piece of work begins when. Does not belong here: what the work is, and how fast
one vendor is asked (`connectors.pace`).
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from connectors.settings import SettingError

DEFAULT_AT_ONCE = 8


def pulls_at_once() -> int:
    """How many pulls may be at work at once (`THROUGHLINE_PULLS_AT_ONCE`).

    Raises:
        SettingError: it is no whole number, or less than 1.
    """
    text = os.environ.get("THROUGHLINE_PULLS_AT_ONCE") or f"{DEFAULT_AT_ONCE}"
    if not text.isdecimal() or int(text) < 1:
        raise SettingError(
            f"THROUGHLINE_PULLS_AT_ONCE is {text!r}: write a whole number, 1 or more."
        )
    return int(text)


@dataclass
class Work:
    """A piece of work for a vendor.

    Attributes:
        result: what it gave, or its error; cancelled where it never began.
        seconds: how long it took by itself, waiting for its turn not counted.
    """

    vendor: str
    call: Callable[[], Any]
    result: Future[Any] = field(default_factory=Future)
    seconds: float = 0.0

    def do(self) -> None:
        """Do it, here and now."""
        if not self.result.set_running_or_notify_cancel():
            return
        begun = time.monotonic()
        try:
            given = self.call()
        except BaseException as error:
            self.seconds = time.monotonic() - begun
            self.result.set_exception(error)
        else:
            self.seconds = time.monotonic() - begun
            self.result.set_result(given)


class SideBySide:
    """Does work in threads, in the order given as far as the limits allow it.

    The threads end with the process: a run that is interrupted waits for none of them.
    """

    def __init__(self, at_once: int, per_vendor: Mapping[str, int]) -> None:
        """Nothing begins yet.

        Args:
            at_once: the most pieces at work in all.
            per_vendor: the most pieces at work for one vendor; 1 where it is not named.
        """
        self._at_once, self._per_vendor = at_once, per_vendor
        self._changed = threading.Condition()
        self._waiting: list[Work] = []
        self._at_work: Counter[str] = Counter()
        self._threads = 0

    def add(self, vendor: str, call: Callable[[], Any]) -> Work:
        """Have a piece of work done, as soon as its turn has come."""
        work = Work(vendor, call)
        with self._changed:
            self._waiting.append(work)
            if self._threads < self._at_once:
                self._threads += 1
                threading.Thread(
                    target=self._serve, name=f"pulls-{self._threads}", daemon=True
                ).start()
            self._changed.notify_all()
        return work

    def stop(self) -> None:
        """Begin nothing more; what is at work goes on, and nobody waits for it."""
        with self._changed:
            for work in self._waiting:
                work.result.cancel()
            self._waiting.clear()
            self._changed.notify_all()

    def _serve(self) -> None:
        while work := self._next():
            work.do()
            with self._changed:
                self._at_work[work.vendor] -= 1
                self._changed.notify_all()

    def _next(self) -> Work | None:
        """The first piece whose vendor is free for it; None, and the thread ends, with the last."""
        with self._changed:
            while True:
                for work in self._waiting:
                    if self._at_work[work.vendor] < self._per_vendor.get(work.vendor, 1):
                        self._waiting.remove(work)
                        self._at_work[work.vendor] += 1
                        return work
                if not self._waiting:
                    self._threads -= 1
                    return None
                self._changed.wait()
