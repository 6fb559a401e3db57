"""`python -m orchestration nightly`: a night from the vendors to the published warehouse.

What is checked first, started, run and told, in that order. The work itself is Dagster's jobs.
"""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

import dagster as dg
from rich.console import Console
from rich.markup import escape

import connectors
from connectors.settings import SettingError, load_env_file, profile
from orchestration import (
    environment,
    jobs,
    locks,
    loopback,
    nights,
    preflight,
    publish,
    runs,
    summary,
    warehouse,
)
from orchestration import instance as dagster_home
from orchestration.progress import Progress

_ANOTHER_RUN = (
    "Another run (process {pid}) is at work on this data folder: wait until it has ended."
)
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def run(date_text: str | None) -> int:
    """Run a night.

    Args:
        date_text: YYYY-MM-DD; the calendar's last complete day by default.

    Returns:
        The exit status: 0 where everything was refreshed and published, else 1.
    """
    console = Console(stderr=False)
    try:
        load_env_file()
        environment.prepare()
        night = nights.calendar().night(date_text)
        with locks.held(locks.run_lock(), _ANOTHER_RUN):
            return _run(night, console)
    except (SettingError, locks.BusyError) as error:
        console.print(f"[bold red]Not run:[/bold red] {escape(str(error))}", soft_wrap=True)
        return 2
    except KeyboardInterrupt:
        console.print("Stopped. What was published is untouched; the next run takes it up.")
        return 130


def _run(night: date, console: Console) -> int:
    begun = time.monotonic()
    vendors = connectors.vendors()
    left_out = preflight.check(list(vendors.values()))
    publish.clean_up(environment.published_folder())
    before = publish.current(environment.published_folder())
    log = environment.logs_folder() / f"nightly-{night}.log"
    console.print(f"[bold]Throughline[/bold] night {night}, profile {profile()}", highlight=False)
    for vendor in left_out:
        console.print(f"  {vendor.name} is not configured and left out", highlight=False)
    with ExitStack() as stack:
        progress = Progress(stack.enter_context(output_to(log, console)))
        instance = stack.enter_context(dagster_home.opened())
        for run_id in runs.close_abandoned(instance, jobs.COMMAND_TAG):
            progress.say(f"  run {run_id[:8]} was killed before its end; it is marked as failed")
        if profile() == "sandbox":
            with progress.working("starting the vendors' sandbox"):
                port = stack.enter_context(
                    loopback.serving(nights.clock_after(night), progress.say)
                )
            progress.say(f"  sandbox ready on port {port}, its clock at {night} + 1 day, 03:00")
        with progress.working("loading the definitions"):
            from orchestration.definitions import defs
        stack.enter_context(progress.listening("connectors"))
        finished = execute(defs, instance, night, progress)
        if finished and locks.is_free(locks.ui_lock()):
            runs.remove_scratch()
        streams = [
            (vendor.name, stream.name)
            for vendor in vendors.values()
            if vendor not in left_out
            for stream in vendor.streams
        ]
        return _tell(progress, streams, night, before, log, begun, finished)


def execute(
    defs: dg.Definitions, instance: dg.DagsterInstance, night: date, progress: Progress
) -> bool:
    """Run `nightly`; where only vendors failed, run `build` for all the others' data.

    Returns:
        Whether everything succeeded.
    """
    if _job(defs, instance, "nightly", night, progress):
        return True
    if progress.is_interrupted:
        raise KeyboardInterrupt
    landing = {
        asset.op.name
        for asset in defs.resolve_asset_graph().assets_defs
        if asset.partitions_def is not None
    }
    if jobs.only_landing_failed([failure.step for failure in progress.failures], landing):
        progress.say("  the other vendors' data goes on:")
        _job(defs, instance, "build", night, progress)
    return False


def _job(
    defs: dg.Definitions, instance: dg.DagsterInstance, name: str, night: date, progress: Progress
) -> bool:
    job = defs.resolve_job_def(name)
    progress.begin(len(job.nodes))
    run_id = str(uuid.uuid4())
    instance.add_event_listener(run_id, progress.watch)
    with progress.working(f"starting job {name}"):
        result = job.execute_in_process(
            instance=instance,
            run_id=run_id,
            partition_key=f"{night}" if name == "nightly" else None,
            tags={jobs.COMMAND_TAG: f"{os.getpid()}", warehouse.NIGHT_TAG: f"{night}"},
            raise_on_error=False,
            run_config=_QUIET,
        )
    return result.success


def _tell(
    progress: Progress,
    streams: list[tuple[str, str]],
    night: date,
    before: publish.Version | None,
    log: Path,
    begun: float,
    finished: bool,
) -> int:
    console = progress.console
    console.print()
    console.print(summary.streams_table(progress, streams))
    console.print(summary.checks_line(progress), highlight=False, soft_wrap=True)
    is_new = summary.print_published(console, before)
    if is_new:
        summary.print_figures(console, environment.published_folder() / publish.CURRENT, night)
    held_back = any(
        not check.passed for check in progress.checks if check.asset_key == warehouse.LOADS
    )
    summary.print_where_next(console, held_back)
    summary.print_failures(console, progress)
    seconds = time.monotonic() - begun
    if finished:
        console.print(f"[bold green]Night {night} is done[/bold green] in {seconds:.0f} s.")
        return 0
    console.print(
        f"[bold red]Night {night} is not complete[/bold red] after {seconds:.0f} s;"
        f" the log: {escape(str(log))}",
        highlight=False,
        soft_wrap=True,
    )
    return 1


@contextmanager
def output_to(log: Path, console: Console) -> Iterator[Console]:
    """Send what Dagster, dbt and dlt print to a log; the console stays for the progress.

    Args:
        log: appended to.
        console: where a person looks now.

    Yields:
        A console that still reaches that person.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    kept_out, kept_err = os.dup(1), os.dup(2)
    with (
        log.open("ab") as file,
        os.fdopen(os.dup(kept_out), "w", encoding="utf-8", errors="replace") as terminal,
    ):
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            width = None if terminal.isatty() else max(console.width, 120)
            yield Console(file=terminal, width=width)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(kept_out, 1)
            os.dup2(kept_err, 2)
            os.close(kept_out)
            os.close(kept_err)
