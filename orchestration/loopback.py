"""The embedded sandbox: started for a run or for the UI, and gone with it.

It serves the vendors from a process of its own, so that its memory and its clock are not ours.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from connectors.settings import REPOSITORY, SettingError, data_folder, profile
from orchestration import environment
from orchestration.leash import die_with_parent

PORT_VARIABLE = "THROUGHLINE_SANDBOX_PORT"
READY = "sandbox: ready"
START_SECONDS = 1800


@contextmanager
def serving(now: datetime | None, tell: Callable[[str], None]) -> Iterator[int]:
    """Serve the sandbox while the body runs, its addresses in the environment.

    Args:
        now: where its clock stands (it never goes back); None leaves it where it was.
        tell: told what is awaited.

    Yields:
        The port.

    Raises:
        SettingError: it did not start; the message names its log.
    """
    import sandbox

    port = _free_port()
    log = environment.logs_folder() / "sandbox.log"
    arguments = ["serve", "--port", str(port), "--data", str(data_folder())]
    if now is not None:
        arguments += ["--now", now.isoformat()]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=REPOSITORY,
            preexec_fn=die_with_parent,
        )
    try:
        _wait_until_ready(process, log, tell)
        os.environ.update(sandbox.environment(port, data_folder()))
        os.environ[PORT_VARIABLE] = str(port)
        yield port
    finally:
        os.environ.pop(PORT_VARIABLE, None)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def advance_clock(to: datetime) -> None:
    """Let the vendors of the embedded sandbox know what they know at that time.

    Without an embedded sandbox nothing happens.
    """
    port = os.environ.get(PORT_VARIABLE)
    if profile() != "sandbox" or not port:
        return
    from sandbox import remote

    remote.advance(int(port), to)


def vendors_now() -> datetime:
    """What the vendors' clocks should say: the embedded sandbox's, or ours."""
    port = os.environ.get(PORT_VARIABLE)
    if profile() != "sandbox" or not port:
        return datetime.now(UTC)
    from sandbox import remote

    return remote.clock(int(port))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(
    process: subprocess.Popen[bytes], log: Path, tell: Callable[[str], None]
) -> None:
    tell("starting the sandbox's vendors (the first time their world is made)")
    deadline = time.monotonic() + START_SECONDS
    while READY not in log.read_text(errors="replace", encoding="utf-8"):
        if process.poll() is not None or time.monotonic() > deadline:
            last = log.read_text(errors="replace", encoding="utf-8").strip().splitlines()[-1:]
            raise SettingError(
                f"The sandbox did not start: {''.join(last) or 'it said nothing'} (its log: {log})."
            )
        time.sleep(0.1)
