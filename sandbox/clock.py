"""The simulated now.

Belongs here: what time the vendors think it is, and keeping that across processes. Does not
belong here: what is visible at that time (store.py, world.py).
"""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from pathlib import Path


class Clock:
    """A clock that stands still until it is set, and never goes back.

    It stands still because a night that is run twice must see the same answers twice.
    """

    def __init__(self, path: Path, now: datetime):
        """Open the clock.

        Args:
            path: File that keeps the time across processes.
            now: Where the clock starts when the file is not there yet (aware UTC).
        """
        self._path = path
        self._lock = threading.Lock()
        self._now = now
        if path.exists():
            self._now = datetime.fromisoformat(path.read_text(encoding="utf-8").strip())
        else:
            self._keep()

    @property
    def now(self) -> datetime:
        """The simulated now, aware UTC."""
        return self._now

    def advance(self, to: datetime) -> datetime:
        """Move the clock forward; an earlier time than now leaves it where it is.

        Args:
            to: The new now (aware).

        Returns:
            Where the clock stands afterwards.
        """
        with self._lock:
            if to > self._now:
                self._now = to.astimezone(UTC)
                self._keep()
            return self._now

    def _keep(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        draft.write_text(self._now.isoformat() + "\n", encoding="utf-8")
        draft.replace(self._path)
