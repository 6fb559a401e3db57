"""The real data_quality and identity, imported when a step needs them (some take seconds)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from identity import ALARMS
from orchestration.warehouse import Rooms


def register(con: duckdb.DuckDBPyConnection, landing_url: str) -> object:
    """Enter newly landed loads."""
    from data_quality import loads

    return loads.register(con, landing_url)


def judge(con: duckdb.DuckDBPyConnection) -> Sequence[Any]:
    """Accept or hold back what waits."""
    from data_quality import gate

    return gate.judge(con)


def resolve(con: duckdb.DuckDBPyConnection) -> Sequence[Any]:
    """Say who is who; a build file made anew keeps the keys and histories that were published."""
    from identity import alarms, decisions, explain, histories, keys, probable_alarm, resolution
    from identity import rules as files
    from orchestration import environment, publish

    resolution.create_tables(con)
    current = publish.current(environment.published_folder())
    if current:
        keys.restore(con, current.path)
        histories.restore(con, current.path)
    found = resolution.resolve(con, decisions.decisions_file())
    explain.create_views(con)
    return [
        *alarms.look(con, found),
        probable_alarm.look(con),
        probable_alarm.look_at_households(con),
        alarms.rules(files.problems()),
    ]


def rules() -> Mapping[str, Sequence[str]]:
    """Files of rules with errors."""
    from identity import rules as files

    return files.problems()


def compare(con: duckdb.DuckDBPyConnection) -> Sequence[Any]:
    """Reconcile."""
    from data_quality import reconciliation

    return reconciliation.compare(con)


def real() -> Rooms:
    """What a run uses."""
    return Rooms(register, judge, resolve, compare, ALARMS, rules)
