from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration import locks, publish


def test_a_taken_lock_is_refused_and_names_its_holder(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with (
        locks.held(lock, "x"),
        pytest.raises(locks.BusyError, match=f"held by {os.getpid()}"),
        locks.held(lock, "held by {pid}"),
    ):
        pass
    assert locks.is_free(lock)


def test_the_lock_of_a_killed_process_blocks_nobody(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    script = f"""
import os, pathlib, signal
from orchestration import locks
with locks.held(pathlib.Path({str(lock)!r}), ""):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", script], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert lock.read_text().isdigit()
    with locks.held(lock, "still taken"):
        pass


def test_waiting_is_told_once(tmp_path: Path) -> None:
    told: list[str] = []
    with (
        locks.held(tmp_path / "lock", ""),
        pytest.raises(locks.BusyError),
        locks.held(tmp_path / "lock", "taken", wait_seconds=0.5, waiting=told.append),
    ):
        pass
    assert told == ["taken"]


def test_publishing_is_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "_WAIT_SECONDS", 0)
    with (
        locks.held(tmp_path / ".lock", ""),
        pytest.raises(locks.BusyError, match="publishing just now"),
    ):
        publish.roll_back(tmp_path)
