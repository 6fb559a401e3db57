"""A column that is empty all of a sudden, and a metric that is 0 or null while its siblings move.

Compared are counts of rows: of the load's new rows, of those of its newest whole day, and of those
of the days before, each with the same rows of recent loads. What chance explains is no alarm.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence

from data_quality.figures import ALL, EARLIER, NEWEST, Figures, History
from data_quality.suite import StreamSuite
from data_quality.thresholds import Thresholds

# The widest last: what is silent in all rows is told of all rows.
_SCOPES = {NEWEST: "the newest day", EARLIER: "the days before the newest", ALL: "all new rows"}
_KINDS = {"moving": ("0", "moved"), "known": ("null", "was known")}


def is_improbable(rows: float, share: float, limits: Thresholds) -> bool:
    """Whether none of so many rows having what this share of rows had is no chance."""
    return (
        rows > 0
        and share > 0
        and rows * math.log1p(-min(share, 0.999_999)) < math.log(limits.improbable)
    )


def vanished(suite: StreamSuite, figures: Figures, history: History) -> dict[str, float]:
    """Columns and metrics that are empty in all new rows, with the share of rows that had them."""
    limits = suite.thresholds
    rows = figures[f"{ALL}.rows"]
    seen = [
        *_gone("filled", ALL, list(figures.columns), figures, history),
        # A metric inside a list may be missing from it while the list is there.
        *_gone("known", ALL, list(suite.metrics), figures, history),
    ]
    return {
        name: share
        for name, share in seen
        if share >= limits.vanished_share and is_improbable(rows, share, limits)
    }


def silent(
    suite: StreamSuite, figures: Figures, history: History, told: Collection[str] = ()
) -> dict[str, str]:
    """Metrics that are 0 or null in all rows while a sibling moves, each with what is wrong.

    Args:
        suite: names the metrics.
        figures: of the load.
        history: of the loads before.
        told: names that are told as vanished, and need not be told twice.
    """
    found: dict[str, str] = {}
    for scope, words in _SCOPES.items():
        rows = figures[f"{scope}.rows"]
        for kind, (now, before) in _KINDS.items():
            for name, share in _gone(kind, scope, list(suite.metrics), figures, history):
                # Null is no zero, and is looked at by itself.
                is_null = figures[f"{scope}.known.{name}"] == 0
                if (kind == "known") != is_null or name in told:
                    continue
                others = [other for other in suite.metrics if other != name]
                has_moved = any(figures[f"{scope}.moving.{other}"] > 0 for other in others)
                if has_moved and is_improbable(rows, share, suite.thresholds):
                    found[name] = (
                        f"{name} is {now} in {words} ({rows:,.0f}; it {before} in {share:.0%})"
                    )
    return found


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


def metrics_table(suite: StreamSuite, figures: Figures, history: History) -> str:
    """The metrics of the new rows beside those of recent loads, as a Markdown table."""
    if not suite.metrics:
        return ""
    lines = ["| metric | not null | not 0 | not 0 usually |", "|---|---|---|---|"]
    rows, before = figures[f"{ALL}.rows"], history.total(f"{ALL}.rows")
    for name in suite.metrics:
        known, moving = (figures[f"{ALL}.{kind}.{name}"] for kind in ("known", "moving"))
        usual = history.total(f"{ALL}.moving.{name}")
        shares = (_share(known, rows), _share(moving, rows), _share(usual, before))
        lines.append(f"| {name} | {' | '.join(shares)} |")
    return "\n".join(lines)


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.0%} of {whole:,.0f}" if whole else "no rows"
