"""Dagster's instance, opened for a run: its SQLite files are kept open and synced with care.

Dagster opens and closes a file for every event; the last one to close it copies its log over and
syncs, which takes longer than many a step. In WAL mode `synchronous = normal` loses nothing when a
process is killed and cannot damage a file; a power cut may cost the last events.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from sqlalchemy import event
from sqlalchemy.engine import Engine

from connectors.settings import data_folder


@contextmanager
def opened() -> Iterator[dg.DagsterInstance]:
    """The instance of this data folder (`DAGSTER_HOME` is set by `environment.prepare`)."""
    event.listen(Engine, "connect", _sync_less)
    kept: dict[Path, sqlite3.Connection] = {}
    try:
        with dg.DagsterInstance.get() as instance:
            _keep_open(kept)
            yield instance
    finally:
        for connection in kept.values():
            connection.close()
        event.remove(Engine, "connect", _sync_less)


def listen(
    instance: dg.DagsterInstance, run_id: str, callback: Callable[[dg.EventLogEntry], None]
) -> None:
    """Hear every event of a run that this process executes, as it is stored.

    Args:
        instance: the instance the run is recorded in.
        run_id: of a run that is yet to begin.
        callback: called with each event.
    """
    kept: dict[Path, sqlite3.Connection] = {}

    def heard(entry: dg.EventLogEntry) -> None:
        if not kept:
            _keep_open(kept, f"{run_id}.db")
        callback(entry)

    instance.add_event_listener(run_id, heard)


def _keep_open(kept: dict[Path, sqlite3.Connection], name: str = "index.db") -> None:
    for path in (data_folder() / "dagster").rglob(name):
        # Used by one thread; closed, or forgotten with the listener, at the end of the run.
        connection = sqlite3.connect(path, check_same_thread=False)
        connection.execute("select count(*) from sqlite_master").fetchall()
        kept[path] = connection


def _sync_less(connection: object, _: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = normal")
