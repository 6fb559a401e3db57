"""What a load's figures mean: each finding is a figure, the limits it must keep, and words.

Here belong the judgements on a load as a whole (envelope, quarantine, duplicates, volume, vanished
fields, silent zeros). Rules on single rows stand in the suites; the limits in thresholds.py; what
volume is usual in volume.py, and which metric fell silent in silence.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from data_quality.figures import ALL, Figures, History, last_day, newest_day
from data_quality.loads import Load
from data_quality.silence import is_improbable, silent, vanished
from data_quality.suite import Severity, StreamSuite
from data_quality.volume import chance, usual_for


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
        beside: figures it was held against, to be shown with it.
    """

    check: str
    figure: str
    value: float
    lowest: float | None
    highest: float | None
    severity: Severity
    says: str
    beside: Mapping[str, float] = field(default_factory=dict)


def find(load: Load, suite: StreamSuite, figures: Figures, history: History) -> list[Finding]:
    """Every finding on a load, kept or not."""
    gone = vanished(suite, figures, history)
    return [
        _envelope(figures),
        *_quarantine(suite, figures),
        *_duplicates(suite, figures),
        *_volume(load, suite, figures, history),
        *_restated(suite, figures, history),
        _vanished(gone, figures[f"{ALL}.rows"]),
        _silent(silent(suite, figures, history, told=gone)),
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
        night, volumes, count = newest, history.days, float(figures.days[newest])
        place = f" of {newest} (a {newest:%A})"
    else:
        night, volumes, count = last_day(load), history.nights, figures["landed_rows"]
        place = f" in the night of {night} (a {night:%A})"
    expected = usual_for(night, volumes, suite.thresholds)
    yield Finding(
        "volume",
        "compared_rows",
        count,
        expected.lowest,
        None,
        "critical",
        f"{count:,.0f} rows{place} came, where about {expected.rows:,.0f} are usual"
        f" ({expected.what})",
        {
            "usual_rows": round(expected.rows, 1),
            "lowest_rows": round(expected.lowest, 1),
            "compared_nights": len(expected.values),
        },
    )


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
        {"usual_rows": before, "lowest_rows": max(lowest, 1) if before else 0},
    )


def _restated(suite: StreamSuite, figures: Figures, history: History) -> Iterator[Finding]:
    """Days pulled again, which hold fewer rows than they held: each, or all of them together."""
    if not suite.is_day_final:
        return
    again = {
        f"{day}": (before, figures.days[day])
        for day, before in sorted(history.days.items())
        if day in figures.days
    }
    # Where each day has few rows, only all of them tell a vendor's silence from chance.
    together = (sum(before for before, _ in again.values()), sum(now for _, now in again.values()))
    shrunk = {day: counts for day, counts in again.items() if _has_shrunk(*counts, suite)}
    if not shrunk and _has_shrunk(*together, suite):
        shrunk = {f"all {len(again)} together": together}
    words = [f"{days} from {before:,} to {now:,} rows" for days, (before, now) in shrunk.items()]
    yield Finding(
        "volume",
        "shrunken_days",
        len(shrunk),
        None,
        0,
        "critical",
        "days that were complete came back smaller: " + ", ".join(words[:3]),
    )


def _has_shrunk(before: int, now: int, suite: StreamSuite) -> bool:
    limits = suite.thresholds
    return now < before * limits.restated_share and before - now > chance(before, limits)


def _vanished(gone: Mapping[str, float], rows: float) -> Finding:
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


def _silent(told: Mapping[str, str]) -> Finding:
    return Finding(
        "silent zeros",
        "silent_metrics",
        len(told),
        None,
        0,
        "critical",
        f"a metric fell silent while others move: {'; '.join(told.values())}",
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
