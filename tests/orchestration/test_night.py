"""Nights over the small project: what runs, what is published, what a failure leaves alone."""

from __future__ import annotations

import io
import os
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from orchestration import (
    environment,
    instance,
    jobs,
    modelling,
    nightly,
    publish,
    runs,
    summary,
    warehouse,
)
from orchestration.progress import Progress
from tests.orchestration.conftest import Fakes

NIGHT = date(2026, 1, 20)

# dagster-dbt uses a name that Dagster has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:AssetExecutionContext.op is deprecated")


def days(key: str, opened: dg.DagsterInstance) -> set[str]:
    return opened.get_materialized_partitions(dg.AssetKey(["shop", key]))


def run(small: dg.Definitions, night: date = NIGHT) -> tuple[bool, Progress, str]:
    out = io.StringIO()
    progress = Progress(Console(file=out, width=200))
    with instance.opened() as opened:
        finished = nightly.execute(small, opened, night, progress)
        summary.print_failures(progress.console, progress)
    return finished, progress, out.getvalue()


@pytest.mark.parametrize("small", [modelling.command], indirect=True, ids=["dbt"])
def test_a_night_publishes_and_marks_the_days_it_landed(
    small: dg.Definitions, fakes: Fakes, data: Path
) -> None:
    finished, progress, told = run(small)
    assert finished, told
    version = publish.current(environment.published_folder())
    assert version is not None
    assert version.night == "2026-01-20"
    assert {f"{start:%m-%d}/{end:%m-%d}" for _, start, end in fakes.pulled} == {"01-01/01-21"}
    with instance.opened() as opened:
        assert len(days("orders", opened)) == len(days("visits", opened)) == 20
    assert "shop/orders" in told
    assert summary.checks_line(progress).startswith("Checks: 8 passed, 0 warned, 0 failed")
    # What was parsed came from another data folder.
    logs = [log.read_text() for log in (data / "dbt").glob("*-*-*/dbt.log")]
    assert len(logs) == 3
    assert not [log for log in logs if "profile has changed" in log]
    assert not [log for log in logs if "Unable to do partial parsing" in log]


@pytest.mark.parametrize("small", [modelling.command], indirect=True, ids=["dbt"])
def test_rows_that_fail_a_test_of_dbt_are_told_and_nothing_is_published(
    small: dg.Definitions, fakes: Fakes, data: Path
) -> None:
    fakes.nobody = True
    finished, progress, told = run(small)
    assert not finished
    assert publish.current(environment.published_folder()) is None
    (check,) = [check for check in progress.checks if not check.passed]
    assert check.check_name == "not_null_fct_order_customer_id"
    assert check.description == "such as customer_id None"
    assert f"{check.check_name}: {check.description}" in told
    assert "FAILED marts" in told


def test_a_failing_stream_leaves_the_others_fresh_and_is_told_loudly(
    small: dg.Definitions, fakes: Fakes, data: Path
) -> None:
    fakes.broken = {"visits"}
    finished, _, told = run(small)
    assert not finished
    assert publish.current(environment.published_folder()) is not None
    for word in (
        "FAILED shop/visits",
        "the vendor is down",
        "503",
        "2026-01-01",
        "call the vendor",
    ):
        assert word in told
    with instance.opened() as opened:
        assert len(days("orders", opened)) == 20
        assert days("visits", opened) == set()

    fakes.broken = set()
    fakes.pulled.clear()
    finished, _, told = run(small, date(2026, 1, 21))
    assert finished, told
    begun = {stream: f"{start:%m-%d}" for stream, start, _ in fakes.pulled}
    assert begun == {"orders": "01-19", "visits": "01-01"}


def test_what_does_not_add_up_is_not_published(
    small: dg.Definitions, fakes: Fakes, data: Path
) -> None:
    fakes.differing = True
    finished, progress, _ = run(small)
    assert not finished
    assert publish.current(environment.published_folder()) is None
    assert [failure.step for failure in progress.failures] == ["ops__reconciliation"]
    assert "what must agree does not" in progress.failures[0].message


def test_a_load_held_back_stops_nobody(small: dg.Definitions, fakes: Fakes, data: Path) -> None:
    fakes.held = True
    finished, progress, told = run(small)
    assert finished, told
    assert publish.current(environment.published_folder()) is not None
    assert "1 warned (ops/loads: shop__orders)" in summary.checks_line(progress)


def test_changed_fields_are_a_table_on_the_streams_check_and_a_word_in_the_summary(
    small: dg.Definitions, fakes: Fakes, data: Path
) -> None:
    _, progress, _ = run(small)
    (check,) = [check for check in progress.checks if check.check_name == "shop__orders"]
    assert check.passed
    assert "$.mood is new" in check.description
    assert check.metadata["new_rows"].value == 3.0
    assert isinstance(check.metadata["schema_drift"], dg.MarkdownMetadataValue)
    assert "| new | `$.mood` |" in check.metadata["schema_drift"].value
    table = Console(file=(out := io.StringIO()), width=200)
    table.print(summary.streams_table(progress, [("shop", "orders")]))
    assert "accepted; fields that changed: 1, see the check" in out.getvalue()


def test_whom_a_changed_rule_changed_is_a_word_in_the_run(
    small: dg.Definitions, fakes: Fakes, data: Path
) -> None:
    fakes.told = "changed: identity_limits; 2 identifiers of 1 persons"
    finished, progress, told = run(small)
    assert finished, told
    (line,) = [line for line in told.splitlines() if "identity/customer_identifiers" in line]
    assert fakes.told in line
    (check,) = [check for check in progress.checks if check.check_name == "changes"]
    assert (check.passed, check.description) == (True, fakes.told)


def test_runs_of_a_killed_process_are_closed_and_give_their_pools_back(
    small: dg.Definitions, data: Path
) -> None:
    (data / "tmp" / "half").mkdir(parents=True)
    with dg.DagsterInstance.get() as opened:
        storage = opened.event_log_storage
        job = small.resolve_job_def("build")
        left = opened.create_run_for_job(
            job, status=dg.DagsterRunStatus.STARTED, tags={jobs.COMMAND_TAG: f"{os.getpid()}"}
        )
        storage.initialize_concurrency_limit_to_default(warehouse.POOL)
        storage.claim_concurrency_slot(warehouse.POOL, left.run_id, "marts")
        assert runs.close_abandoned(opened, jobs.COMMAND_TAG) == [left.run_id]
        ended = opened.get_run_by_id(left.run_id)
        assert ended is not None
        assert ended.status == dg.DagsterRunStatus.FAILURE
        assert storage.get_concurrency_info(warehouse.POOL).active_slot_count == 0
    assert not (data / "tmp").exists()


@pytest.mark.parametrize("text", ["2026-99-99", "1999-01-01"])
def test_the_command_refuses_a_date_in_one_sentence(
    text: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nightly.run(text) == 2
    told = capsys.readouterr().out
    assert told.startswith("Not run: DATE")
    assert len(told.splitlines()) == 1


def test_a_second_run_at_the_same_time_is_refused(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from orchestration import locks

    with locks.held(locks.run_lock(), ""):
        assert nightly.run("2026-01-20") == 2
    assert f"Another run (process {os.getpid()})" in capsys.readouterr().out


def test_a_stopped_run_does_not_go_on_with_the_other_vendors(
    small: dg.Definitions, fakes: Fakes, data: Path
) -> None:
    fakes.stopped_at = "visits"
    with pytest.raises(KeyboardInterrupt):
        run(small)
    assert publish.current(environment.published_folder()) is None
