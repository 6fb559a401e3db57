"""What volume is usual: that of recent nights of the same weekday, else of recent nights.

Only arithmetic on counts of earlier nights belongs here; the counts come from figures.py, and what
an unusual one means is said in findings.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from data_quality.thresholds import Thresholds

DAYS_OF_RECENT = 28


@dataclass(frozen=True)
class Usual:
    """What earlier nights lead to expect of one.

    Attributes:
        values: their volumes.
        what: which nights they are, in words.
        rows: about how many rows are usual at least.
        lowest: fewer than these are no chance.
    """

    values: Sequence[float]
    what: str
    rows: float
    lowest: float


def usual_for(night: date, volumes: Mapping[date, float], limits: Thresholds) -> Usual:
    """What the volumes of earlier nights lead to expect of this one.

    Args:
        night: the night that is judged.
        volumes: volume of each earlier night; others are left out.
        limits: how much history it takes, and how far a volume may fall.
    """
    values, what = comparable(night, volumes, limits)
    rows = usual(values, limits)
    lowest = 0.0
    if values:
        lowest = max(0.0, min(rows * limits.volume_share, rows - chance(rows, limits)))
    return Usual(values, what, rows, lowest)


def comparable(
    night: date, volumes: Mapping[date, float], limits: Thresholds
) -> tuple[list[float], str]:
    """Volumes of the earlier nights that are like this one, and which they are.

    Those of its weekday, where it is the weekday that makes the volume: this one has enough history
    and its volumes are alike, and so are those of most weekdays. (One night that went wrong spoils
    one weekday.) Otherwise the last four weeks.
    """
    earlier = {day: float(rows) for day, rows in sorted(volumes.items()) if day < night}
    if len(earlier) < limits.volume_history:
        return [], "no week of history yet"
    weekdays: dict[int, list[float]] = {}
    for day, rows in earlier.items():
        weekdays.setdefault(day.weekday(), []).append(rows)
    steady = {
        weekday
        for weekday, rows in weekdays.items()
        if len(rows) >= limits.weekday_history and are_alike(rows, limits)
    }
    if night.weekday() in steady and len(steady) > len(weekdays) / 2:
        same = weekdays[night.weekday()]
        return same, f"{len(same)} earlier {night:%A}s"
    last = list(earlier.values())[-DAYS_OF_RECENT:]
    return last, f"the {len(last)} nights before"


def chance(usual: float, limits: Thresholds) -> float:
    """How far a count may lie from the usual one by chance (at least one row's worth)."""
    return limits.chance_sigmas * math.sqrt(max(usual, 1.0))


def usual(values: Sequence[float], limits: Thresholds) -> float:
    """What recent volumes lead to expect at least.

    The lower quartile of alike values; the lowest of values that come in bursts, as the days of a
    newsletter do.
    """
    if not values:
        return 0
    ordered = sorted(values)
    if not are_alike(ordered, limits):
        return ordered[0]
    position = (len(ordered) - 1) / 4
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def are_alike(values: Sequence[float], limits: Thresholds) -> bool:
    """Whether volumes differ by no more than a common stream's do from day to day."""
    most = max(values)
    return most <= limits.alike_factor * min(values) + chance(most, limits)
