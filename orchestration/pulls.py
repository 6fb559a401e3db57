"""The pulls of a run, side by side: its first landing step starts them, each waits for its own.

Belongs here: what a run pulls, for which window, and when it stops. Does not belong here: how many
are at work at once (`connectors.side_by_side`), and what a step makes of its pull (`streams`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import dagster as dg

from connectors.side_by_side import SideBySide, Work, pulls_at_once
from orchestration import loopback, nights

RESOURCE = "pulls"

# (vendor, stream, start, end) -> what connectors.landing.Landed has
Extract = Callable[[str, str, datetime, datetime], Any]


def extract(vendor: str, stream: str, start: datetime, end: datetime) -> Any:
    """Pull and land a window with the real connectors; dlt is imported when it is needed."""
    from connectors import landing

    return landing.extract(vendor, stream, start, end)


@dataclass(frozen=True)
class Source:
    """What a landing step pulls: a vendor's stream, and how far back beyond the day."""

    vendor: str
    stream: str
    lookback_days: int

    @property
    def key(self) -> dg.AssetKey:
        """Its asset."""
        return dg.AssetKey([self.vendor, self.stream])

    @property
    def step(self) -> str:
        """Its step, as Dagster names it after the asset."""
        return self.key.to_python_identifier()


@dataclass(frozen=True)
class Pull:
    """A stream's pull for a run: the window, and the days that it heals.

    Attributes:
        start: UTC, inclusive.
        end: UTC, exclusive.
        holes: days before the ones asked for that are not landed and lie in the window.
        work: the pull itself, at work or waiting for its turn.
    """

    start: datetime
    end: datetime
    holes: tuple[date, ...]
    work: Work


class Pulls:
    """All pulls of one run.

    None of them is on the main thread: there dlt would take Ctrl-C for itself, end one stream
    early, and the run would go on with the next one.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        calendar: nights.Calendar,
        extract: Extract,
        side_by_side: SideBySide,
    ) -> None:
        """Nothing is pulled yet.

        Args:
            sources: by step.
            calendar: the days that can be loaded.
            extract: pulls and lands a window.
            side_by_side: does it.
        """
        self._sources, self._calendar, self._extract = sources, calendar, extract
        self._side_by_side = side_by_side
        self._pulls: dict[str, Pull] = {}

    def of(self, context: dg.AssetExecutionContext, source: Source) -> Pull:
        """The pull of a step's stream; the first one to ask starts all of the run."""
        if not self._pulls:
            days = context.partition_key_range
            first, last = date.fromisoformat(days.start), date.fromisoformat(days.end)
            loopback.advance_clock(nights.clock_after(last))
            for step in _steps_of(context):
                if step in self._sources:
                    self._pulls[step] = self._start(
                        self._sources[step], context.instance, first, last
                    )
        return self._pulls[source.step]

    def stop(self) -> None:
        """Start none that has not begun."""
        self._side_by_side.stop()

    def _start(self, source: Source, instance: dg.DagsterInstance, first: date, last: date) -> Pull:
        landed = instance.get_materialized_partitions(source.key)
        begin = nights.first_day_to_pull(self._calendar.first, first, source.lookback_days, landed)
        start, end = nights.midnight(begin), nights.midnight(last + nights.ONE_DAY)
        work = self._side_by_side.add(
            source.vendor, lambda: self._extract(source.vendor, source.stream, start, end)
        )
        holes = tuple(day for day in nights.days_between(begin, first) if f"{day}" not in landed)
        return Pull(start, end, holes, work)


def _steps_of(context: dg.AssetExecutionContext) -> list[str]:
    """The steps of the run; of a job that is run in part, or again from its failure, that part."""
    return list(context.run.step_keys_to_execute or [node.name for node in context.job_def.nodes])


def resource(
    sources: Mapping[str, Source],
    calendar: nights.Calendar,
    extract: Extract,
    per_vendor: Mapping[str, int],
) -> dg.ResourceDefinition:
    """The pulls as a resource: Dagster makes one per run, for the run is one process.

    Args:
        sources: by step.
        calendar: the days that can be loaded.
        extract: pulls and lands a window.
        per_vendor: how many streams of a vendor may be pulled at once.
    """

    @dg.resource(description="The pulls of a run, side by side.")
    def pulls(_: dg.InitResourceContext) -> Iterator[Pulls]:
        made = Pulls(sources, calendar, extract, SideBySide(pulls_at_once(), per_vendor))
        try:
            yield made
        finally:
            made.stop()

    return pulls
