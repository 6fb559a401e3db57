"""The event log of a run is kept open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.event_log.sqlite import sqlite_event_log

from orchestration import instance

CHECKS = [f"check_{number}" for number in range(20)]


@dg.asset(check_specs=[dg.AssetCheckSpec(name, asset="one") for name in CHECKS])
def one() -> Iterator[Any]:
    results = [dg.AssetCheckResult(check_name=name, passed=True) for name in CHECKS]
    yield dg.MaterializeResult(check_results=results)


@pytest.mark.usefixtures("data")
def test_a_run_makes_an_engine_per_file_and_none_per_event(monkeypatch: pytest.MonkeyPatch) -> None:
    make = sqlite_event_log.create_engine
    made: list[str] = []

    def counted(url: str, **options: Any) -> Any:
        made.append(url)
        return make(url, **options)

    monkeypatch.setattr(sqlite_event_log, "create_engine", counted)
    with instance.opened() as opened:
        result = dg.materialize([one], instance=opened)
    assert len(result.get_asset_check_evaluations()) == len(CHECKS)
    # Dagster's own: it makes the tables of both files, and looks for them.
    assert len(made) < len(CHECKS)


@pytest.mark.usefixtures("data")
def test_what_a_run_stored_is_there_for_who_opens_the_files_anew() -> None:
    with instance.opened() as opened:
        run = dg.materialize([one], instance=opened).run_id
    with dg.DagsterInstance.get() as anew:
        found = anew.get_run_by_id(run)
        assert found is not None
        assert found.status == dg.DagsterRunStatus.SUCCESS
        stored = anew.all_logs(run, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    assert len(stored) == len(CHECKS)
