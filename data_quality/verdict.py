"""What was found in a load and what was decided about it, in figures and in words.

Plain data only: who finds is expectations.py, who decides is gate.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from data_quality.loads import Load
from data_quality.suite import Severity

REMEDY = "See `make loads`; then `make loads RELEASE={id}` or `make loads DISCARD={id}`."


@dataclass(frozen=True)
class Check:
    """One thing that was looked at in a load.

    Attributes:
        name: the class of fault and what it was looked for in.
        severity: what a failure means: critical holds back, warning does not.
        is_passed: whether it holds.
        figures: what was counted.
        message: what is wrong; empty where nothing is.
    """

    name: str
    severity: Severity
    is_passed: bool
    figures: dict[str, float] = field(default_factory=dict)
    message: str = ""


@dataclass(frozen=True)
class Verdict:
    """What was decided about one load, and why.

    Attributes:
        status: accepted, held, or still landed where base has not read the load yet.
        figures: what was counted, for the metadata of a check.
        reason: the critical findings in words; empty where there is none.
        warnings: the other findings in words.
        message: one sentence naming vendor, stream, window, finding and remedy.
        tables: what is best seen side by side, as Markdown, by name: the changed fields, the
            metrics beside what they usually do.
    """

    vendor: str
    stream: str
    load_id: str
    window: str
    status: str
    checks: list[Check]
    figures: dict[str, float]
    reason: str
    warnings: list[str]
    message: str
    tables: dict[str, str] = field(default_factory=dict)

    @property
    def is_accepted(self) -> bool:
        """Whether models may read the load."""
        return self.status == "accepted"

    def __str__(self) -> str:
        return self.message


def failures(checks: Sequence[Check], severity: Severity) -> list[str]:
    """What is wrong, each thing once."""
    failed = [c.message for c in checks if not c.is_passed and c.severity == severity]
    return list(dict.fromkeys(failed))


def verdict(
    load: Load,
    status: str,
    checks: list[Check],
    counted: dict[str, float],
    tables: dict[str, str] | None = None,
) -> Verdict:
    """Put a decision into words.

    Args:
        load: which load.
        status: what was decided.
        checks: what was looked at.
        counted: figures of the load as a whole.
        tables: Markdown by name; empty ones are left out.
    """
    reason = "; ".join(failures(checks, "critical"))
    warnings = [text for text in failures(checks, "warning") if text not in reason]
    if status == "held":
        message = f"{load} held back: {reason}. {REMEDY.format(id=load.load_id)}"
    elif status == "landed":
        message = f"{load} waits: {reason}. Run the build again once its model works."
    else:
        message = f"{load} accepted" + "".join(f"; warning: {text}" for text in warnings)
    shown = dict(counted)
    for check in checks:
        shown |= check.figures
    return Verdict(
        vendor=load.vendor,
        stream=load.stream,
        load_id=load.load_id,
        window=load.window,
        status=status,
        checks=checks,
        figures=shown,
        reason=reason,
        warnings=warnings,
        message=message,
        tables={name: table for name, table in (tables or {}).items() if table},
    )
