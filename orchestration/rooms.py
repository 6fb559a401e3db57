"""The real data_quality and identity, imported when a step needs them (some take seconds)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from orchestration.warehouse import Rooms


def register(con: duckdb.DuckDBPyConnection, landing_url: str) -> object:
    """Enter newly landed loads."""
    from data_quality import loads

    return loads.register(con, landing_url)


def judge(con: duckdb.DuckDBPyConnection) -> Sequence[Any]:
    """Accept or hold back what waits."""
    from data_quality import gate

    return gate.judge(con)


def resolve(con: duckdb.DuckDBPyConnection) -> object:
    """Say who is who."""
    from orchestration import identity

    return identity.resolve(con)


def compare(con: duckdb.DuckDBPyConnection) -> Sequence[Any]:
    """Reconcile."""
    from data_quality import reconciliation

    return reconciliation.compare(con)


def real() -> Rooms:
    """What a run uses."""
    return Rooms(register, judge, resolve, compare)
