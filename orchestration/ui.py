"""`python -m orchestration ui`: Dagster's web server on the same home, warehouse and vendors."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from types import FrameType

import dagster as dg

from connectors.settings import REPOSITORY, SettingError, load_env_file, profile
from orchestration import environment, jobs, locks, loopback, nights, runs
from orchestration.leash import die_with_parent

_ANOTHER_UI = "The UI of this data folder is already served by process {pid}."


def serve(port: int) -> int:
    """Serve until interrupted.

    Args:
        port: where the web server listens, on the loopback interface.

    Returns:
        The exit status.
    """
    try:
        load_env_file()
        environment.prepare()
        nights.calendar()
        with ExitStack() as stack:
            _close_abandoned()
            stack.enter_context(locks.held(locks.ui_lock(), _ANOTHER_UI))
            if profile() == "sandbox":
                # Its clock stays; a day that is materialised moves it on.
                stack.enter_context(loopback.serving(None, _say))
            return _dagster(port)
    except (SettingError, locks.BusyError) as error:
        print(error, file=sys.stderr)
        return 2


def _close_abandoned() -> None:
    """Close what killed runs left, unless a run is at work just now."""
    try:
        with locks.held(locks.run_lock(), "busy"), dg.DagsterInstance.get() as instance:
            runs.close_abandoned(instance, jobs.COMMAND_TAG)
    except locks.BusyError:
        return


def _dagster(port: int) -> int:
    command = Path(sys.executable).with_name("dagster")
    arguments = ["dev", "-w", str(REPOSITORY / "workspace.yaml"), "-h", "127.0.0.1"]
    _say(f"Dagster: http://127.0.0.1:{port} (stop with Ctrl-C)")
    signal.signal(signal.SIGTERM, _interrupt)
    process = subprocess.Popen(
        [str(command), *arguments, "-p", str(port)],
        cwd=REPOSITORY,
        # Dagster warns of its own `dagster dev`, which is the one that reads workspace.yaml.
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "PYTHONWARNINGS": "ignore"},
        # A group of its own, so that its servers can be stopped together with it.
        start_new_session=True,
        preexec_fn=partial(die_with_parent, signal.SIGTERM),
    )
    try:
        return process.wait()
    except KeyboardInterrupt:
        _say("stopping")
        return 0
    finally:
        _stop_group(process)


def _stop_group(process: subprocess.Popen[bytes]) -> None:
    """Stop Dagster and the servers it started: kindly, and then for good."""
    for stop in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, stop)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    print(text, flush=True)
