"""The landing assets: one per vendor's stream, partitioned by day.

A step calls the connector for its window and tells Dagster what it landed; how a vendor is spoken
to is the connector's business.
"""

# No postponed annotations here: Dagster reads the type of `context` when it decorates.

import threading
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import date, datetime
from typing import Any

import dagster as dg

from connectors.stream import ConnectorError, Stream, Vendor
from orchestration import loopback, nights

# (vendor, stream, start, end) -> what connectors.landing.Landed has
Extract = Callable[[str, str, datetime, datetime], Any]


def extract(vendor: str, stream: str, start: datetime, end: datetime) -> Any:
    """Pull and land a window with the real connectors; dlt is imported when it is needed.

    On the main thread dlt would take Ctrl-C for itself, end this stream early, and the run would go
    on with the next one.
    """
    from connectors import landing

    landed: Future[Any] = Future()

    def work() -> None:
        try:
            landed.set_result(landing.extract(vendor, stream, start, end))
        except BaseException as error:
            landed.set_exception(error)

    threading.Thread(target=work, name=f"{vendor}/{stream}", daemon=True).start()
    return landed.result()


def landing_assets(
    vendors: Mapping[str, Vendor], calendar: nights.Calendar, extract: Extract
) -> list[dg.AssetsDefinition]:
    """One asset [vendor, stream] per stream.

    Args:
        vendors: by name.
        calendar: the days that can be loaded.
        extract: pulls and lands a window.
    """
    with warnings.catch_warnings():
        # One run for a range of days is in beta; without it a backfill asks day by day.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return [
            _landing_asset(vendor.name, stream, calendar, extract)
            for vendor in vendors.values()
            for stream in vendor.streams
        ]


def _landing_asset(
    vendor: str, stream: Stream, calendar: nights.Calendar, extract: Extract
) -> dg.AssetsDefinition:
    key = dg.AssetKey([vendor, stream.name])

    @dg.asset(
        key=key,
        partitions_def=calendar.partitions(),
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name=vendor,
        kinds={"parquet"},
        tags={"throughline/layer": "landing"},
        description=(
            f"Pages of {vendor}'s {stream.name}, verbatim, as pulled."
            f" A day pulls {stream.lookback_days} days back as well."
        ),
    )
    def land(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        days = context.partition_key_range
        first, last = date.fromisoformat(days.start), date.fromisoformat(days.end)
        landed = context.instance.get_materialized_partitions(key)
        begin = nights.first_day_to_pull(calendar.first, first, stream.lookback_days, landed)
        start, end = nights.midnight(begin), nights.midnight(last + nights.ONE_DAY)
        context.log.info(f"pulling {vendor}/{stream.name} from {start} to {end}")
        loopback.advance_clock(nights.clock_after(last))
        try:
            result = extract(vendor, stream.name, start, end)
        except ConnectorError as error:
            raise _failure(error) from error
        for hole in nights.days_between(begin, first):
            if f"{hole}" not in landed:
                context.log_event(dg.AssetMaterialization(key, partition=f"{hole}"))
        return dg.MaterializeResult(
            metadata={
                "window": f"{start:%Y-%m-%d} to {end:%Y-%m-%d}",
                "pages": result.pages,
                "rows": result.rows,
                "bytes": result.size,
                "load_id": result.load_id,
            }
        )

    return land


def _failure(error: ConnectorError) -> dg.Failure:
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
        },
        allow_retries=False,
    )
