"""Jobs, when they start, and what starts by itself when a vendor has failed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)

from connectors.settings import profile
from connectors.stream import Vendor
from orchestration import health, nights, warehouse

Jobs = Mapping[str, UnresolvedAssetJobDefinition]

# A run that `python -m orchestration nightly` started looks after itself.
COMMAND_TAG = "throughline/command"


def build_jobs(configured: Collection[Vendor], known: Iterable[Vendor]) -> Jobs:
    """`nightly`: all; `build`: all but landing; `till` and its like: one per hourly vendor.

    Args:
        configured: the vendors to be asked.
        known: all vendors there are.
    """
    everything_landed = _streams(known)
    health_of_vendors = dg.AssetSelection.assets(health.VENDORS)
    build = dg.AssetSelection.all() - everything_landed - health_of_vendors
    return {
        "nightly": dg.define_asset_job(
            "nightly",
            build | health_of_vendors | _streams(configured),
            description="A day of every configured vendor, to the published warehouse.",
        ),
        "build": dg.define_asset_job(
            "build", build, description="From what has landed to the published warehouse."
        ),
        "till": dg.define_asset_job(
            "till",
            build | _streams(configured, cadence="hourly"),
            description="The vendors that are asked by the hour, to the published warehouse.",
        ),
    }


def _streams(vendors: Iterable[Vendor], cadence: str | None = None) -> dg.AssetSelection:
    keys = [
        dg.AssetKey([vendor.name, stream.name])
        for vendor in vendors
        for stream in vendor.streams
        if cadence in (None, stream.cadence)
    ]
    return dg.AssetSelection.assets(*keys)


def schedules(jobs: Jobs, calendar: nights.Calendar) -> list[dg.ScheduleDefinition]:
    """Nightly for all, hourly for the till; on in production, where the days are our own."""
    status = (
        dg.DefaultScheduleStatus.RUNNING
        if profile() == "production"
        else dg.DefaultScheduleStatus.STOPPED
    )

    def schedule(name: str, cron: str, day: str) -> dg.ScheduleDefinition:
        @dg.schedule(
            name=name,
            job=jobs[name],
            cron_schedule=cron,
            execution_timezone="UTC",
            default_status=status,
            description=f"{name} for {day}.",
        )
        def tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
            today = context.scheduled_execution_time.astimezone(UTC).date()
            return _request(calendar, today if day == "today" else today - nights.ONE_DAY)

        return tick

    return [
        schedule("nightly", f"0 {nights.HOUR_OF_THE_RUN} * * *", "yesterday"),
        schedule("till", "30 * * * *", "today"),
    ]


def _request(calendar: nights.Calendar, day: date) -> dg.RunRequest | dg.SkipReason:
    if calendar.last is not None and not calendar.first <= day <= calendar.last:
        return dg.SkipReason(
            f"{day} is not in the sandbox's calendar ({calendar.first} to {calendar.last});"
            " its nights are run by `make nightly DATE=...` or from the partitions page."
        )
    return dg.RunRequest(run_key=None, partition_key=f"{day}")


def rest_of_the_night(jobs: Jobs, landing_steps: Collection[str]) -> dg.SensorDefinition:
    """Start `build` when a run failed at nothing but landing steps: the others' data goes on."""

    @dg.run_failure_sensor(
        name="rest_of_the_night",
        monitored_jobs=[jobs["nightly"], jobs["till"]],
        request_job=jobs["build"],
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="One vendor's failure leaves the others' data fresh.",
    )
    def sensor(context: dg.RunFailureSensorContext) -> dg.RunRequest | dg.SkipReason:
        steps = [event.step_key for event in context.get_step_failure_events() if event.step_key]
        return after_failure(context.dagster_run, steps, landing_steps)

    return sensor


def after_failure(
    run: dg.DagsterRun, steps: Collection[str], landing_steps: Collection[str]
) -> dg.RunRequest | dg.SkipReason:
    """What follows on a run that failed.

    Args:
        run: the failed run.
        steps: keys of the steps that failed.
        landing_steps: keys of the steps that land a stream.
    """
    if COMMAND_TAG in run.tags:
        return dg.SkipReason("the command that started this run builds the rest itself")
    if not only_landing_failed(steps, landing_steps):
        return dg.SkipReason(f"failed at {', '.join(steps) or 'no step'}: that needs a person")
    night = warehouse.night_of(run)
    return dg.RunRequest(run_key=run.run_id, tags={warehouse.NIGHT_TAG: night} if night else {})


def only_landing_failed(steps: Collection[str], landing_steps: Collection[str]) -> bool:
    """Whether a failed run failed at landing and nowhere else.

    Args:
        steps: keys of the steps that failed.
        landing_steps: keys of the steps that land a stream.
    """
    return bool(steps) and set(steps) <= set(landing_steps)
