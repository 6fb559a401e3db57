"""What a load's figures mean: each finding is a figure, the limits it must keep, and words.

Here belong the judgements on a load as a whole (envelope, quarantine, duplicates, volume, vanished
fields, silent zeros). Rules on single rows stand in the suites; the limits in thresholds.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from data_quality.figures import ALL, NEWEST, Figures, History, newest_day
from data_quality.loads import Load
from data_quality.suite import Severity, StreamSuite
from data_quality.thresholds import Thresholds


@dataclass(frozen=True)
class Finding:
    """One figure of a load and what it may be.

    Attributes:
        check: the class of fault.
        figure: name of the figure.
        value: what it is.
        lowest: it may not be lower.
        highest: it may not be higher.
        severity: critical holds the load back.
        says: what is wrong, if the limits are not kept.
    """

    check: str
    figure: str
    value: float
    lowest: float | None
    highest: float | None
    severity: Severity
    says: str


def find(load: Load, suite: StreamSuite, figures: Figures, history: History) -> list[Finding]:
    """Every finding on a load, kept or not."""
    return [
        _envelope(figures),
        *_quarantine(suite, figures),
        *_duplicates(suite, figures),
        *_volume(load, suite, figures, history),
        *_restated(suite, figures, history),
        _vanished(suite, figures, history),
        _silent(suite, figures, history),
        _drift(suite, figures),
    ]


def _envelope(figures: Figures) -> Finding:
    bad = figures["unreadable_pages"]
    return Finding(
        "envelope",
        "unreadable_pages",
        bad,
        None,
        0,
        "critical",
        f"{bad:,.0f} of {figures['pages']:,.0f} pages are not what the vendor promises"
        " (no JSON, or without the list of rows)",
    )


def _quarantine(suite: StreamSuite, figures: Figures) -> Iterator[Finding]:
    limits = suite.thresholds
    bad = figures["quarantined_rows"]
    landed = max(figures["landed_rows"], bad)
    share = bad / landed if landed else 0.0
    reasons = "; ".join(f"{reason} ({count:,})" for reason, count in figures.reasons)
    says = f"{bad:,.0f} of {landed:,.0f} rows are in quarantine: {reasons}"
    hopeless = bad > 0 and bad == landed
    judged = share if hopeless or bad >= limits.quarantined_rows else 0.0
    yield Finding(
        "quarantine",
        "quarantined_share",
        judged,
        None,
        limits.quarantined_share,
        "critical",
        says,
    )
    yield Finding("quarantine", "quarantined_rows", bad, None, 0, "warning", says)
    # The other files of the load are as good as without it.
    refused = figures["refused_files"]
    says = f"{refused:,.0f} files were held back as a whole: {'; '.join(figures.refusals)}"
    yield Finding("quarantine", "refused_files", refused, None, 0, "warning", says)


def _duplicates(suite: StreamSuite, figures: Figures) -> Iterator[Finding]:
    repeated = figures["repeated_rows"]
    yield Finding(
        "duplicates",
        "repeated_rows",
        repeated,
        None,
        0,
        "warning",
        f"{repeated:,.0f} rows came more than once in the same pull; each is kept once",
    )
    bad, rows = figures["contradicting_rows"], figures["new_rows"]
    share = bad / rows if bad > chance(0, suite.thresholds) else 0.0
    yield Finding(
        "duplicates",
        "contradicting_share",
        share,
        None,
        suite.thresholds.contradicting_share,
        "critical",
        f"{bad:,.0f} of {rows:,.0f} new rows repeat a key with other content in the same pull,"
        " so its pages do not belong together",
    )


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


def _volume(
    load: Load, suite: StreamSuite, figures: Figures, history: History
) -> Iterator[Finding]:
    if suite.volume == "any":
        return
    if suite.volume == "snapshot":
        yield _snapshot(suite, figures, history)
        return
    newest = newest_day(load)
    if suite.volume == "daily" and newest is not None and newest in figures.days:
        values, what = comparable_days(newest, history.days, suite.thresholds)
        count, place = float(figures.days[newest]), f" of {newest} (a {newest:%A})"
    else:
        values, what = comparable_loads(load, history), "recent loads of the same window"
        count, place = figures["landed_rows"], ""
    yield Finding(
        "volume",
        "compared_rows",
        count,
        _lowest(values, suite.thresholds),
        None,
        "critical",
        f"{count:,.0f} rows{place} came, where about {usual(values, suite.thresholds):,.0f}"
        f" are usual ({what})",
    )


def _lowest(values: Sequence[float], limits: Thresholds) -> float:
    if len(values) < min(limits.volume_history, limits.weekday_history):
        return 0
    expected = usual(values, limits)
    return max(0.0, min(expected * limits.volume_share, expected - chance(expected, limits)))


def comparable_days(
    newest: date, days: dict[date, int], limits: Thresholds
) -> tuple[list[float], str]:
    """Volumes of earlier days like this one.

    Those of its weekday, where it is the weekday that makes the volume: each weekday has enough
    history, and its days are alike. Otherwise the last four weeks.
    """
    earlier = {day: float(rows) for day, rows in sorted(days.items()) if day < newest}
    if len(earlier) < limits.volume_history:
        return [], "no week of history yet"
    weekdays: dict[int, list[float]] = {}
    for day, rows in earlier.items():
        weekdays.setdefault(day.weekday(), []).append(rows)
    if all(
        len(rows) >= limits.weekday_history and are_alike(rows, limits)
        for rows in weekdays.values()
    ):
        same = weekdays[newest.weekday()]
        return same, f"{len(same)} earlier {newest:%A}s"
    last = list(earlier.values())[-28:]
    return last, f"the {len(last)} days before"


def comparable_loads(load: Load, history: History) -> list[float]:
    """Volumes of recent loads that asked for a window of about the same length."""
    if load.window_start is None or load.window_end is None:
        return []
    length = (load.window_end - load.window_start).days
    return [
        figures.get("landed_rows", 0)
        for figures, days in zip(history.loads, history.windows, strict=True)
        if abs(days - length) <= 1
    ]


def _snapshot(suite: StreamSuite, figures: Figures, history: History) -> Finding:
    before = history.loads[0].get("landed_rows", 0) if history.loads else 0
    lowest = math.floor(before * suite.thresholds.snapshot_share)
    return Finding(
        "volume",
        "compared_rows",
        figures["landed_rows"],
        max(lowest, 1) if before else 0,
        None,
        "critical",
        f"the list shrank from {before:,.0f} to {figures['landed_rows']:,.0f} rows",
    )


def _restated(suite: StreamSuite, figures: Figures, history: History) -> Iterator[Finding]:
    """Days pulled again, which hold fewer rows than they held."""
    if not suite.is_day_final:
        return
    limits = suite.thresholds
    shrunk = {
        day: (before, figures.days[day])
        for day, before in sorted(history.days.items())
        if day in figures.days
        and figures.days[day] < before * limits.restated_share
        and before - figures.days[day] > chance(before, limits)
    }
    words = [f"{day} from {before:,} to {now:,} rows" for day, (before, now) in shrunk.items()]
    yield Finding(
        "volume",
        "shrunken_days",
        len(shrunk),
        None,
        0,
        "critical",
        "days that were complete came back smaller: " + ", ".join(words[:3]),
    )


def is_improbable(rows: float, share: float, limits: Thresholds) -> bool:
    """Whether none of so many rows having what this share of rows had is no chance."""
    return (
        rows > 0
        and share > 0
        and rows * math.log1p(-min(share, 0.999_999)) < math.log(limits.improbable)
    )


def _gone(
    kind: str, scope: str, names: Sequence[str], figures: Figures, history: History
) -> Iterator[tuple[str, float]]:
    """Names whose count is 0 in all rows of the scope, with the share of rows that had it."""
    before = history.total(f"{scope}.rows")
    for name in names:
        figure = f"{scope}.{kind}.{name}"
        had = history.total(figure)
        if figures[figure] == 0 and had:
            # As if one more row without it had been seen: a short history proves less.
            yield name, had / (before + 1)


def _vanished(suite: StreamSuite, figures: Figures, history: History) -> Finding:
    limits = suite.thresholds
    rows = figures[f"{ALL}.rows"]
    seen = [
        *_gone("filled", ALL, list(figures.columns), figures, history),
        # A metric inside a list may be missing from it while the list is there.
        *_gone("known", ALL, list(suite.metrics), figures, history),
    ]
    gone = {
        name: share
        for name, share in seen
        if share >= limits.vanished_share and is_improbable(rows, share, limits)
    }
    words = [f"{name} (was filled in {share:.0%})" for name, share in gone.items()]
    return Finding(
        "nulls",
        "vanished_columns",
        len(gone),
        None,
        0,
        "critical",
        f"empty in all {rows:,.0f} new rows: {', '.join(words)}",
    )


def _silent(suite: StreamSuite, figures: Figures, history: History) -> Finding:
    """Metrics that are 0 in all rows while a sibling moves; also in the newest day alone."""
    silent: dict[str, str] = {}
    for scope, words in ((NEWEST, "the newest day"), (ALL, "all new rows")):
        moving = {name for name in suite.metrics if figures[f"{scope}.moving.{name}"] > 0}
        rows = figures[f"{scope}.rows"]
        for name, share in _gone("moving", scope, list(suite.metrics), figures, history):
            # A column that is empty is a vanished field: missing is no zero.
            is_there = figures[f"{scope}.known.{name}"] > 0
            if is_there and moving and is_improbable(rows, share, suite.thresholds):
                silent[name] = f"{name} is 0 in {words} ({rows:,.0f}; it moved in {share:.0%})"
    return Finding(
        "silent zeros",
        "silent_metrics",
        len(silent),
        None,
        0,
        "critical",
        f"a metric fell silent while others move: {'; '.join(silent.values())}",
    )


def _drift(suite: StreamSuite, figures: Figures) -> Finding:
    """Changed fields, but not rare ones that a small night may or may not have."""
    limits = suite.thresholds
    told = [
        change
        for change in figures.drift
        if (change.change == "new" and change.share >= limits.drift_share)
        or (change.change == "vanished" and is_improbable(change.rows, change.share, limits))
        or change.change == "retyped"
    ]
    return Finding(
        "schema drift",
        "changed_fields",
        len(told),
        None,
        0,
        "warning",
        f"the vendor's fields changed: {', '.join(str(change) for change in told[:5])}",
    )
