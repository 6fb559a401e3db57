from __future__ import annotations

from datetime import date

import dagster as dg
import pytest

from orchestration import jobs, nights, warehouse

LANDING = ["shop__orders", "shop__visits"]
FAILED = dg.DagsterRun("nightly", tags={"dagster/partition": "2026-01-20"})


def test_the_rest_is_built_for_the_same_night_where_only_vendors_failed() -> None:
    request = jobs.after_failure(FAILED, ["shop__visits"], LANDING)
    assert isinstance(request, dg.RunRequest)
    assert request.tags[warehouse.NIGHT_TAG] == "2026-01-20"
    assert request.run_key == FAILED.run_id


@pytest.mark.parametrize("steps", [["marts"], ["shop__visits", "base"], []])
def test_a_failure_of_our_own_waits_for_a_person(steps: list[str]) -> None:
    skipped = jobs.after_failure(FAILED, steps, LANDING)
    assert isinstance(skipped, dg.SkipReason)
    assert "needs a person" in str(skipped.skip_message)


def test_the_command_looks_after_its_own_runs() -> None:
    own = dg.DagsterRun("nightly", tags={jobs.COMMAND_TAG: "1"})
    assert isinstance(jobs.after_failure(own, ["shop__visits"], LANDING), dg.SkipReason)


def test_schedules_ask_for_days_of_the_calendar_only() -> None:
    calendar = nights.Calendar(date(2026, 1, 1), date(2026, 3, 1))
    asked = jobs._request(calendar, date(2026, 2, 1))
    assert isinstance(asked, dg.RunRequest)
    assert asked.partition_key == "2026-02-01"
    assert isinstance(jobs._request(calendar, date(2026, 3, 2)), dg.SkipReason)
