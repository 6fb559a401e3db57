"""What a person sees while a run works: a line when a step starts and one when it has ended.

On a terminal the step at work is shown with its clock; elsewhere a plain line comes every few
seconds while nothing else does, so that long work is never silent. What connectors say of a long
pull (pages so far, a vendor that has to be waited for) stands in it.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from dagster import AssetCheckSeverity, DagsterEventType, EventLogEntry
from rich.console import Console
from rich.markup import escape

QUIET_SECONDS = 5.0
# Connectors speak every few seconds; what is older than that is not how things stand.
NOTE_SECONDS = 15.0
_COUNTED_ERROR = re.compile(r"^\d+ of \d+ ")
_FIGURES = (
    "window",
    "pages",
    "rows",
    "judged",
    "held_back",
    "compared",
    "different",
    "published_as",
    "told",
)


@dataclass
class Failure:
    """A step that failed: what a person has to know about it."""

    step: str
    message: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Progress:
    """Follows a run's events and tells them.

    Attributes:
        console: where to tell it.
        failures: the steps that failed so far.
        facts: step → its figures, as Dagster has them.
        checks: Dagster's evaluations of asset checks.
        total: how many steps there are to come in all; 0 where that is not known.
        is_interrupted: whether a person stopped the run.
    """

    console: Console
    failures: list[Failure] = field(default_factory=list)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    checks: list[Any] = field(default_factory=list)
    total: int = 0
    is_interrupted: bool = False

    def __post_init__(self) -> None:
        """Start the clocks."""
        self._begun: dict[str, float] = {}
        self._made: dict[str, int] = {}
        self._failed_checks: dict[str, list[str]] = {}
        self._doing = ""
        self._note, self._noted_at = "", 0.0
        self._last_line = time.monotonic()
        self._done = 0

    def begin(self, steps: int) -> None:
        """A job of so many steps begins."""
        self.total, self._done = steps, 0

    def say(self, text: str) -> None:
        """A line."""
        self._last_line = time.monotonic()
        self.console.print(text, highlight=False, soft_wrap=True)

    @contextmanager
    def working(self, doing: str) -> Iterator[None]:
        """Tell that something is being done as long as the body runs, and how long it takes."""
        self._doing, begun = doing, time.monotonic()
        self._begun[""] = begun
        stop = threading.Event()
        if self.console.is_terminal:
            with self.console.status(escape(doing)) as status:
                beat = self._beat(stop, status.update)
                try:
                    yield
                finally:
                    stop.set()
                    beat.join()
        else:
            beat = self._beat(stop, self._plain_beat)
            try:
                yield
            finally:
                stop.set()
                beat.join()

    @contextmanager
    def listening(self, logger: str) -> Iterator[None]:
        """Show in the line what is logged there while the body runs; all of it goes to the log."""
        source, into_log = logging.getLogger(logger), logging.StreamHandler(sys.stderr)
        into_log.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
        handlers = [_Listener(self.note), into_log]
        level = source.level
        source.setLevel(logging.INFO)
        for handler in handlers:
            source.addHandler(handler)
        try:
            yield
        finally:
            for handler in handlers:
                source.removeHandler(handler)
            source.setLevel(level)

    def note(self, text: str) -> None:
        """What to show beside the step at work, until it is old or something newer comes."""
        self._note, self._noted_at = text, time.monotonic()

    def _beat(self, stop: threading.Event, show: Any) -> threading.Thread:
        def beat() -> None:
            while not stop.wait(0.5):
                seconds = time.monotonic() - self._begun.get(self._doing, self._begun[""])
                show(f"  [dim]{escape(self._doing)}{self._counted()} … {seconds:.0f} s[/dim]")

        thread = threading.Thread(target=beat, name="progress", daemon=True)
        thread.start()
        return thread

    def _plain_beat(self, text: str) -> None:
        if time.monotonic() - self._last_line >= QUIET_SECONDS:
            self.say(text)

    def _counted(self) -> str:
        made = self._made.get(self._doing, 0)
        is_new = self._note and time.monotonic() - self._noted_at < NOTE_SECONDS
        return (f", {made} done" if made else "") + (f" ({self._note})" if is_new else "")

    def watch(self, event: EventLogEntry) -> None:
        """Take an event of the run (an instance's event listener)."""
        happened = event.dagster_event
        if happened is None or happened.step_key is None:
            return
        step = happened.step_key
        match happened.event_type:
            case DagsterEventType.STEP_START:
                self._begun[step] = time.monotonic()
                self._doing = step
            case DagsterEventType.ASSET_MATERIALIZATION:
                metadata = happened.step_materialization_data.materialization.metadata
                self._made[step] = self._made.get(step, 0) + 1
                if metadata:
                    self.facts.setdefault(step, {}).update(
                        {name: value.value for name, value in metadata.items()}
                    )
            case DagsterEventType.ASSET_CHECK_EVALUATION:
                check = happened.asset_check_evaluation_data
                self.checks.append(check)
                if not check.passed and check.severity == AssetCheckSeverity.ERROR:
                    told = f"{check.check_name}: {check.description or 'failed'}"
                    self._failed_checks.setdefault(step, []).append(told)
            case DagsterEventType.STEP_SUCCESS:
                self._ended(step, "[green]✓[/green]", self._figures(step))
            case DagsterEventType.STEP_FAILURE:
                self.is_interrupted |= _is_interruption(happened)
                failure = _failure(step, happened)
                failure.message = "\n".join([failure.message, *self._failed_checks.pop(step, [])])
                self.failures.append(failure)
                if "seconds" in failure.facts:
                    self.facts.setdefault(step, {})["seconds"] = failure.facts["seconds"]
                self._ended(step, "[red]✗[/red]", escape(failure.message.splitlines()[0]))

    def _ended(self, step: str, mark: str, figures: str) -> None:
        self._done += 1
        # A pull works beside the others, and its step only waits for it: it tells its own time.
        waited = time.monotonic() - self._begun.get(step, time.monotonic())
        seconds = float(self.facts.get(step, {}).get("seconds", waited))
        count = f"{self._done}/{self.total}" if self.total else f"{self._done}"
        self.say(f"{mark} {count:>6}  {name_of(step):34} {seconds:6.1f} s  {figures}")

    def _figures(self, step: str) -> str:
        facts = self.facts.get(step, {})
        shown = [
            f"{value:,} {name.replace('_', ' ')}" if isinstance(value, int) else str(value)
            for name in _FIGURES
            if (value := facts.get(name)) is not None
        ]
        made = self._made.get(step, 0)
        if not shown and made > 1:
            shown = [f"{made} tables and views"]
        return ", ".join(shown)


class _Listener(logging.Handler):
    """Hands on what is said, in one line."""

    def __init__(self, hear: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._hear = hear

    def emit(self, record: logging.LogRecord) -> None:
        self._hear(" ".join(record.getMessage().split())[:120])


def name_of(step: str) -> str:
    """A step as people call it: vendor/stream."""
    return step.replace("__", "/", 1)


def _is_interruption(event: Any) -> bool:
    error = event.step_failure_data.error
    return error is not None and error.cls_name == "DagsterExecutionInterruptedError"


def _failure(step: str, event: Any) -> Failure:
    """What a step's failure event tells."""
    data = event.step_failure_data
    told = data.user_failure_data
    if told is not None:
        facts = {name: str(value.value) for name, value in (told.metadata or {}).items()}
        return Failure(step, told.description or "failed", facts)
    if _is_interruption(event):
        return Failure(step, "stopped")
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    if error is not None and error.cls_name == "DagsterAssetCheckFailedError":
        return Failure(step, "what must agree does not; nothing is published")
    return Failure(step, _in_few_words(error.message if error is not None else "failed"))


def _in_few_words(message: str) -> str:
    """The lines of an error that tell something; of dbt's, those on what it could not build."""
    _, found, from_dbt = message.partition("Errors parsed from dbt logs:")
    lines = (from_dbt if found else message).splitlines()
    if any(line.startswith("Failure in") for line in lines):
        lines = [line for line in lines if not _COUNTED_ERROR.match(line)]
    return "\n".join(line.rstrip() for line in lines if line.strip()) or "failed"
