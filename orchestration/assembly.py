"""Everything put together: assets, jobs, schedules, the sensor, for Dagster and for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject

import connectors
from connectors.settings import REPOSITORY, VendorSettings, profile
from connectors.stream import Vendor
from orchestration import (
    environment,
    health,
    jobs,
    modelling,
    nights,
    pulls,
    rooms,
    streams,
    warehouse,
)


def build_definitions(
    *,
    vendors: Mapping[str, Vendor] | None = None,
    extract: pulls.Extract = pulls.extract,
    dbt_folder: Path = REPOSITORY / "dbt_project",
    dbt_command: Callable[[DbtProject], DbtCliResource] = modelling.command,
    examine: health.Examine = health.examine,
    other_rooms: warehouse.Rooms | None = None,
    is_configured: Callable[[Vendor], bool] | None = None,
) -> dg.Definitions:
    """Assemble everything.

    Args:
        vendors: by name; those found in connectors by default.
        extract: pulls and lands a window.
        dbt_folder: where dbt_project.yml is.
        dbt_command: the `dbt` of a project.
        examine: says what is wrong with a vendor.
        other_rooms: what data_quality and identity do with the build file.
        is_configured: whether a vendor is asked at all.
    """
    environment.prepare()
    vendors = connectors.vendors() if vendors is None else vendors
    used = other_rooms or rooms.real()
    configured = is_configured or has_credentials
    project = modelling.project(dbt_folder)
    calendar = nights.calendar()

    sources = streams.sources(vendors.values())
    landing = streams.landing_assets(sources.values(), calendar)
    base, staging, marts = warehouse.dbt_layers(project, used)
    names = [(vendor.name, stream.name) for vendor in vendors.values() for stream in vendor.streams]
    assets = [
        *landing,
        health.vendors_asset(vendors.values(), examine),
        base,
        warehouse.gate(names, base, used),
        staging,
        warehouse.identity(modelling.before_identity(staging), used),
        marts,
        warehouse.reconciliation(list(vendors), marts, used),
        warehouse.published(names, marts),
    ]
    all_jobs = jobs.build_jobs([v for v in vendors.values() if configured(v)], vendors.values())
    return dg.Definitions(
        assets=assets,
        jobs=list(all_jobs.values()),
        schedules=jobs.schedules(all_jobs, calendar),
        sensors=[jobs.rest_of_the_night(all_jobs, [asset.op.name for asset in landing])],
        resources={
            "dbt_cli": dbt_command(project),
            pulls.RESOURCE: pulls.resource(
                sources, calendar, extract, {v.name: v.concurrency for v in vendors.values()}
            ),
        },
        # One process per run: a step of its own would import everything again, only one step at a
        # time may write the build file, and the pulls of a run are side by side in threads.
        executor=dg.in_process_executor,
    )


def has_credentials(vendor: Vendor) -> bool:
    """In production a vendor without credentials is left out; the sandbox gives them to all."""
    if profile() != "production":
        return True
    return not VendorSettings(vendor.name).missing(vendor.required)
