"""The gate's thresholds: every number that decides between accepting and holding back.

Only numbers belong here, each with its reason. A suite that needs others passes its own
`Thresholds(...)` to its stream.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """What is tolerated in one load of a stream.

    Attributes:
        quarantined_share: of the landed rows; above it the load is held back, below it is a
            warning. A handful of rows is never more than a warning: see `quarantined_rows`.
        quarantined_rows: fewer than these hold nothing back, unless no row at all could be read.
        contradicting_share: of the new rows, that repeat a key with other content within the
            same pull; above it the vendor's paging has mixed its pages.
        history_loads: how many earlier accepted loads count as recent.
        history_days: how far back daily volumes are compared.
        volume_history: so many earlier values are needed before a volume is called unusual. A
            whole week, so that each weekday was seen.
        weekday_history: with so many values of a weekday, only the same one's are compared.
        alike_factor: volumes are alike if the largest is at most so many times the smallest.
        volume_share: of the usual volume (see volume.usual); less is held back, if it is also
            less than chance explains.
        snapshot_share: of the last snapshot; a snapshot does not shrink faster.
        chance_sigmas: a count may lie so many standard deviations of a Poisson count below the
            usual before it is no chance. It is what lets small worlds breathe: of 9 usual rows a
            day, none may come; of 100, none may not.
        restated_share: of the rows that an already landed day had before.
        vanished_share: only a column that was filled in this share of the recent rows can vanish.
            Below it, a column may be empty because nobody did what fills it.
        improbable: a column that is empty, or a metric that is 0, in all new rows is an alarm
            where chance explains it with less than this probability.
        drift_share: a new field is told once this share of the rows has it.
        late_share: of the rows whose time lies outside the window, held back above it.
        amount_limit: an amount of one row beyond it is taken for a wrong unit (cents, micros).
    """

    quarantined_share: float = 0.05
    quarantined_rows: int = 5
    contradicting_share: float = 0.02
    history_loads: int = 14
    history_days: int = 56
    volume_history: int = 7
    weekday_history: int = 4
    alike_factor: float = 3.0
    volume_share: float = 0.3
    snapshot_share: float = 0.8
    chance_sigmas: float = 3.0
    restated_share: float = 0.5
    vanished_share: float = 0.5
    improbable: float = 1e-6
    drift_share: float = 0.5
    late_share: float = 0.01
    amount_limit: float = 1e6


DEFAULTS = Thresholds()
