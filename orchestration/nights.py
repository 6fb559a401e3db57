"""Nights: which days there are, and which window a stream pulls for one.

A night DATE=D is the day [D 00:00, D+1 00:00) UTC, and a partition. Which days of a stream are
landed is what Dagster knows as materialised partitions; there is no other state.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from connectors.settings import SettingError, profile

ONE_DAY = timedelta(days=1)
# The vendors have the day complete, and the time at which the nightly schedule runs.
HOUR_OF_THE_RUN = 3


@dataclass(frozen=True)
class Calendar:
    """The days that can be loaded.

    Attributes:
        first: the first day.
        last: the last day; None where today's clock decides.
    """

    first: date
    last: date | None = None

    def partitions(self) -> dg.DailyPartitionsDefinition:
        """One partition a day, up to today inclusive: the till asks by the hour."""
        if self.last is None:
            return dg.DailyPartitionsDefinition(f"{self.first}", end_offset=1)
        end = self.last + ONE_DAY
        # The sandbox's days exist whatever the clock on the wall says.
        ahead = max(0, (end - datetime.now(UTC).date()).days)
        return dg.DailyPartitionsDefinition(f"{self.first}", end_date=f"{end}", end_offset=ahead)

    def default_night(self) -> date:
        """Yesterday, of the sandbox's calendar or of ours."""
        return self.last or datetime.now(UTC).date() - ONE_DAY

    def night(self, text: str | None) -> date:
        """The night a person asked for.

        Raises:
            SettingError: it is no date, or a day that cannot be loaded.
        """
        if not text:
            return self.default_night()
        try:
            night = datetime.strptime(text, "%Y-%m-%d").date()
        except ValueError:
            raise SettingError(
                f"DATE is {text!r}, which is no date: write YYYY-MM-DD, as in"
                f" DATE={self.default_night()}."
            ) from None
        last = self.default_night()
        if not self.first <= night <= last:
            where = "the sandbox's calendar" if self.last else "the days that can be loaded"
            raise SettingError(
                f"DATE={night} lies outside {where}, which goes from {self.first} to {last}."
            )
        return night


def calendar() -> Calendar:
    """The calendar of the profile.

    Raises:
        SettingError: a setting of it cannot be read.
    """
    if profile() == "production":
        return Calendar(_day("THROUGHLINE_FIRST_DAY", "2026-01-01"))
    first = _day("THROUGHLINE_SANDBOX_START", "2026-01-01")
    days = _number("THROUGHLINE_SANDBOX_DAYS", 60)
    for name in ("THROUGHLINE_SANDBOX_PEOPLE", "THROUGHLINE_SANDBOX_SEED"):
        _number(name, 1)
    return Calendar(first, first + (days - 1) * ONE_DAY)


def clock_after(night: date) -> datetime:
    """When a night runs: three in the morning after it."""
    return datetime(night.year, night.month, night.day, HOUR_OF_THE_RUN, tzinfo=UTC) + ONE_DAY


def first_day_to_pull(
    calendar_start: date, day: date, lookback_days: int, landed: Collection[str]
) -> date:
    """Where the window of a day begins: its look-back, or the first day not landed before it.

    Args:
        calendar_start: the first day of all.
        day: the (first) day asked for.
        lookback_days: how far the vendor restates its past.
        landed: the days already landed, YYYY-MM-DD.
    """
    begin = max(calendar_start, day - lookback_days * ONE_DAY)
    return next(
        (hole for hole in days_between(calendar_start, begin) if f"{hole}" not in landed), begin
    )


def days_between(first: date, end: date) -> list[date]:
    """The days [first, end)."""
    return [first + n * ONE_DAY for n in range((end - first).days)]


def midnight(day: date) -> datetime:
    """The day's start, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _day(name: str, default: str) -> date:
    text = os.environ.get(name) or default
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise SettingError(f"{name} is {text!r}, which is no date: write YYYY-MM-DD.") from None


def _number(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise SettingError(f"{name} is {text!r}: write a whole number, 1 or more.")
    return int(text)
