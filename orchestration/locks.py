"""Who may write what: advisory locks that end with the process that holds them.

A lock is the kernel's (flock), so nothing a killed run leaves behind can block the next one; the
process id in the file is there to be told to a person.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.settings import data_folder


class BusyError(RuntimeError):
    """Another process holds the lock; the message names it."""


@contextmanager
def held(
    path: Path,
    sentence: str,
    wait_seconds: float = 0,
    waiting: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Hold the lock while the body runs.

    Args:
        path: the lock's file; made if missing, never removed (removing it would race).
        sentence: what to say when it is taken; `{pid}` stands for the holder.
        wait_seconds: how long to wait for it.
        waiting: told the sentence once, when there is something to wait for.

    Raises:
        BusyError: it is still taken after that time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(descriptor, sentence, wait_seconds, waiting)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _acquire(
    descriptor: int, sentence: str, wait_seconds: float, waiting: Callable[[str], None] | None
) -> None:
    deadline = time.monotonic() + wait_seconds
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(descriptor, 20, 0).decode() or "unknown"
            if time.monotonic() >= deadline:
                raise BusyError(sentence.format(pid=pid)) from None
            if waiting and not told:
                waiting(sentence.format(pid=pid))
                told = True
            time.sleep(0.2)
        else:
            return


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock just now."""
    try:
        with held(path, ""):
            return True
    except BusyError:
        return False


def run_lock() -> Path:
    """Held by `nightly` from start to end."""
    return data_folder() / "locks" / "run"


def ui_lock() -> Path:
    """Held by `ui` as long as it serves."""
    return data_folder() / "locks" / "ui"


def build_lock() -> Path:
    """Held by a step while it, or dbt for it, has the build file open."""
    return data_folder() / "locks" / "build"
