"""Dagster's instance, opened for a run: the SQLite files of its event log are kept open.

For every event Dagster makes an engine, opens the file, compiles the statement, and closes the file
again, which syncs it (1.13): longer than many a step takes. While a run lasts, each file has one
engine with one connection. In WAL mode `synchronous = normal` loses nothing when a process is
killed and cannot damage a file; a power cut may cost the last events.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from unittest import mock

import dagster as dg
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool

# As long as Dagster itself waits for a file that another process is writing.
_WAIT_SECONDS = 30


@contextmanager
def opened() -> Iterator[dg.DagsterInstance]:
    """The instance of this data folder (`DAGSTER_HOME` is set by `environment.prepare`)."""
    first = SqliteEventLogStorage._connect
    engines: dict[str, Engine] = {}
    making = threading.Lock()

    @contextmanager
    def connect(log: SqliteEventLogStorage, shard: str) -> Iterator[Connection]:
        file = log.conn_string_for_shard(shard)
        with making:
            if file not in engines:
                # Dagster's own way makes the tables where the file is new.
                with first(log, shard):
                    pass
                engines[file] = _engine(file)
        with log._db_lock, engines[file].begin() as connection:
            yield connection

    with ExitStack() as stack:
        stack.callback(lambda: _close(engines))
        stack.enter_context(mock.patch.object(SqliteEventLogStorage, "_connect", connect))
        # Asked for every check, of a file that has had the tables since it was made.
        stack.enter_context(mock.patch.object(SqliteEventLogStorage, "supports_asset_checks", True))
        yield stack.enter_context(dg.DagsterInstance.get())


def _close(engines: Mapping[str, Engine]) -> None:
    for engine in engines.values():
        engine.dispose()


def _engine(file: str) -> Engine:
    options = {"timeout": _WAIT_SECONDS, "check_same_thread": False}
    engine = create_engine(file, poolclass=StaticPool, connect_args=options)
    event.listen(engine, "connect", _sync_less)
    return engine


def _sync_less(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("pragma synchronous = normal")
