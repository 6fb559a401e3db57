"""The landing assets: one per vendor's stream, partitioned by day.

A step waits for the pull of its stream and tells Dagster what it landed; how a vendor is spoken to
is the connector's business.
"""

# No postponed annotations here: Dagster reads the type of `context` when it decorates.

import warnings
from collections.abc import Iterable
from typing import Any

import dagster as dg

from connectors.restatement import lookback_days
from connectors.stream import ConnectorError, Vendor
from orchestration import nights
from orchestration.pulls import RESOURCE, Pull, Source


def sources(vendors: Iterable[Vendor]) -> dict[str, Source]:
    """What each landing step pulls, by step.

    Raises:
        SettingError: a setting of a look-back cannot be read.
    """
    found = [
        Source(vendor.name, stream, days)
        for vendor in vendors
        for stream, days in lookback_days(vendor).items()
    ]
    return {source.step: source for source in found}


def landing_assets(
    sources: Iterable[Source], calendar: nights.Calendar
) -> list[dg.AssetsDefinition]:
    """One asset [vendor, stream] per stream.

    Args:
        sources: the streams.
        calendar: the days that can be loaded.
    """
    with warnings.catch_warnings():
        # One run for a range of days is in beta; without it a backfill asks day by day.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return [_landing_asset(source, calendar) for source in sources]


def _landing_asset(source: Source, calendar: nights.Calendar) -> dg.AssetsDefinition:
    @dg.asset(
        key=source.key,
        partitions_def=calendar.partitions(),
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name=source.vendor,
        kinds={"parquet"},
        tags={"throughline/layer": "landing"},
        required_resource_keys={RESOURCE},
        description=(
            f"Pages of {source.vendor}'s {source.stream}, verbatim, as pulled."
            f" A day pulls {source.lookback_days} days back as well."
        ),
    )
    def land(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        pull: Pull = context.resources.pulls.of(context, source)
        context.log.info(f"pulling {source.vendor}/{source.stream} from {pull.start} to {pull.end}")
        try:
            landed: Any = pull.work.result.result()
        except ConnectorError as error:
            raise _failure(error, pull.work.seconds) from error
        for hole in pull.holes:
            context.log_event(dg.AssetMaterialization(source.key, partition=f"{hole}"))
        return dg.MaterializeResult(
            metadata={
                "window": f"{pull.start:%Y-%m-%d} to {pull.end:%Y-%m-%d}",
                "pages": landed.pages,
                "rows": landed.rows,
                "bytes": landed.size,
                "load_id": landed.load_id,
                "seconds": round(pull.work.seconds, 3),
            }
        )

    return land


def _failure(error: ConnectorError, seconds: float) -> dg.Failure:
    """The connector's error as Dagster shows it; its text holds no secret."""
    return dg.Failure(
        description=str(error),
        metadata={
            "vendor": error.vendor,
            "stream": error.stream,
            "window": str(error.window),
            "status": str(error.status or "no answer"),
            "reason": error.reason,
            "remedy": error.remedy or "see the log of this step.",
            "seconds": round(seconds, 3),
        },
        allow_retries=False,
    )
