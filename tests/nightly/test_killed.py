"""SIGKILL at the seams of a night, and the night run again.

Where the kill falls is seen from outside: on the vendor's side, in the landing, in dbt's log, in
the published folder. Where a seam is short, the run is stopped first and killed once it is certain
where it stands; if it has moved on, it goes on to the next such place.
"""

from __future__ import annotations

import hashlib
import re
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from tests.nightly import truth
from tests.nightly.company import NEXT_NIGHT, Company, Night, differences

Seam = Callable[[Night], None]

# Seconds between looks at what lasts for a moment only.
AT_ONCE = 0.001


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _is_there_now(night: Night, seen: Callable[[], bool]) -> bool:
    """Stop the run where something is seen, and see whether it is still so."""
    if not seen():
        return False
    night.process.send_signal(signal.SIGSTOP)
    if seen():
        return True
    night.process.send_signal(signal.SIGCONT)
    return False


def mid_fetch(night: Night) -> None:
    """Some pages of the stream are here and the vendor keeps the next one to itself."""
    night.spoil("square", "payments", "timeout", seconds=3600, skip=3, times=1)
    night.until(lambda: "timeout" in night.faults_met(), "the request that hangs")
    assert list((night.company.data / "tmp").glob("square__payments-*"))


def mid_landing(night: Night) -> None:
    """A stream's file is in the landing, and that its load is finished is not written yet."""
    landing = night.company.data / "landing"
    before = set(landing.glob("*/*/*.parquet"))

    def unfinished() -> bool:
        files = [file for file in landing.glob("*/*/*.parquet") if file not in before]
        finished = {file.stem.rpartition("__")[2] for file in landing.glob("*/_dlt_loads/*.jsonl")}
        loads = {".".join(file.name.split(".")[:2]) for file in files}
        return bool(loads - finished)

    night.until(lambda: _is_there_now(night, unfinished), "a file of an unfinished load", AT_ONCE)


def mid_dbt(model: str) -> Seam:
    """dbt is at work on that model."""

    started = re.compile(rf"START sql \w+ model \w+\.{model} ")

    def seam(night: Night) -> None:
        logs = night.company.data / "dbt"

        def at_work() -> bool:
            texts = (log.read_text(errors="replace") for log in logs.glob("*-*-*/dbt.log"))
            return any(started.search(text) for text in texts)

        night.until(at_work, f"dbt was at {model}")

    seam.__name__ = f"mid_dbt_{model}"
    return seam


def mid_publish(night: Night) -> None:
    """The copy has begun and has not got its name."""
    folder = night.company.published.parent
    night.until(
        lambda: _is_there_now(night, lambda: bool(list(folder.glob(".warehouse-*.part")))),
        "the copy",
        AT_ONCE,
    )


def leftovers(company: Company) -> list[str]:
    """What a run that is over must not leave."""
    data = company.data
    patterns = [
        "tmp/*",
        "dbt/*-*-*/",
        "published/.warehouse*",
        "published/*.wal",
        "build/*.wal",
        "build/*.tmp",
        "**/*.draft",
        "**/*.spill",
    ]
    return [str(found) for pattern in patterns for found in data.glob(pattern)]


def _killed_at(seam: Seam, company: Company, work: AbstractContextManager[Night]) -> None:
    before = _digest(company.published)
    with work as night:
        seam(night)
        night.kill()
    assert _digest(company.published) == before
    deadline = time.monotonic() + 30
    while (alive := company.processes()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert alive == []


def _is_done_again(company: Company, whole: Company) -> None:
    done = company.good_night(NEXT_NIGHT)
    assert "was killed before its end" in done.output
    assert differences(whole, company) == {}
    assert leftovers(company) == []
    assert company.processes() == []


def test_a_night_killed_at_each_seam_and_run_again_publishes_the_same(
    first_load: Company, next_night: Company, tmp_path: Path
) -> None:
    company = first_load.copied_to(tmp_path / "data")
    for seam in (
        mid_fetch,
        mid_landing,
        mid_dbt("base_snowplow__enriched_events"),
        mid_dbt("int_messages__events"),
    ):
        _killed_at(seam, company, company.begun(NEXT_NIGHT))
    _is_done_again(company, next_night)
    assert truth.disagreements(company, NEXT_NIGHT) == {}
    # The night run twice; and in between its last step was killed.
    _killed_at(mid_publish, company, company.publishing())
    _is_done_again(company, next_night)
