"""Runs that nobody runs any more: left as started by a process that was killed."""

from __future__ import annotations

import shutil

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter

from connectors.settings import data_folder
from orchestration import locks

UNFINISHED = [
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


def close_abandoned(instance: dg.DagsterInstance, command_tag: str) -> list[str]:
    """Mark runs whose process is gone as failed, and give back the pools they held.

    The caller holds the run lock, so no run of the command is alive. Runs of the UI are when
    somebody serves it: those are left alone then.

    Args:
        instance: where the runs are recorded.
        command_tag: the tag of runs that the command started.

    Returns:
        The ids of the runs that were closed.
    """
    served = not locks.is_free(locks.ui_lock())
    abandoned = [
        run
        for run in instance.get_runs(RunsFilter(statuses=UNFINISHED))
        if command_tag in run.tags or not served
    ]
    for run in abandoned:
        instance.report_run_failed(run, "The process of this run was killed.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    if not served:
        remove_scratch()
    return [run.run_id for run in abandoned]


def remove_scratch() -> None:
    """Remove half-written extracts and dbt's artifacts of runs that have ended."""
    shutil.rmtree(data_folder() / "tmp", ignore_errors=True)
    for folder in (data_folder() / "dbt").glob("*-*-*"):
        if folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
