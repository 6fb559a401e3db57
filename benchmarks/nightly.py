"""A night of the same size on histories of one and of ten times the length.

Two data folders hold the same company with a short and a long past; both then run the same number
of nights, in turn, each as `make nightly` runs it. Cost should follow what is new, not what is old.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from benchmarks.measure import Measured, Row, report

FIRST_DAY = date(2025, 1, 1)
DAYS, FACTOR, NIGHTS, PEOPLE = 30, 10, 3, 4000
STEP = re.compile(r"^✓\s+\d+/\d+\s+(\S+)\s+([\d.]+) s")


def main(days: int = DAYS, people: int = PEOPLE, nights: int = NIGHTS) -> Path:
    """Load both pasts, run the nights in turn, report the median.

    Args:
        days: of the short past; the long one has ten times as many.
        people: of the sandbox.
        nights: counted in each folder.
    """
    with tempfile.TemporaryDirectory(prefix="throughline-bench-") as folder:
        pasts = {"1x": days, "10x": days * FACTOR}
        walls: dict[str, list[float]] = {name: [] for name in pasts}
        steps: dict[str, dict[str, float]] = {name: {} for name in pasts}
        firsts = {}
        for name, past in pasts.items():
            print(f"nightly: loading a past of {past} days", flush=True)
            firsts[name], _ = _night(Path(folder) / name, past, nights, people, 0)
        for number in range(1, nights + 1):
            for name, past in pasts.items():
                wall, taken = _night(Path(folder) / name, past, nights, people, number)
                print(f"nightly: night {number} on {name}: {wall:.1f} s", flush=True)
                walls[name].append(wall)
                for step, seconds in taken.items():
                    steps[name][step] = steps[name].get(step, 0) + seconds / nights
        sizes = {
            name: (Path(folder) / name / "published" / "warehouse.duckdb").stat().st_size / 2**20
            for name in pasts
        }
    medians = {name: sorted(times)[nights // 2] for name, times in walls.items()}
    ratios = sorted(b / a for a, b in zip(walls["1x"], walls["10x"], strict=True))
    table = [
        Row(f"first load of {pasts['1x']} days", firsts["1x"], "s"),
        Row(f"first load of {pasts['10x']} days", firsts["10x"], "s"),
        Row(f"a night on {pasts['1x']} days ({sizes['1x']:.0f} MiB)", medians["1x"], "s"),
        Row(
            f"a night on {pasts['10x']} days ({sizes['10x']:.0f} MiB)",
            medians["10x"],
            "s",
            "the night on 1x (median of pairs)",
            ratios[nights // 2],
            "<= 1.25",
        ),
    ]
    parts = {
        name: Measured(medians[name], medians[name], 0.0, {"steps": steps[name]}) for name in pasts
    }
    return report("nightly", table, parts)


def _night(
    data: Path, past: int, nights: int, people: int, number: int
) -> tuple[float, dict[str, float]]:
    """Seconds of a night (the first one loads the whole past), and of each of its steps."""
    # The long past begins earlier: both end on the same days, so that both nights are the same.
    start = FIRST_DAY + timedelta(days=DAYS * FACTOR - past)
    day = start + timedelta(days=past - 1 + number)
    environment = {
        **os.environ,
        "THROUGHLINE_DATA": str(data),
        "THROUGHLINE_SANDBOX_START": f"{start}",
        "THROUGHLINE_SANDBOX_DAYS": str(past + nights),
        "THROUGHLINE_SANDBOX_PEOPLE": str(people),
    }
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "orchestration", "nightly", "--date", f"{day}"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    wall = time.perf_counter() - started
    if done.returncode:
        shutil.copy(data / "logs" / f"nightly-{day}.log", Path(tempfile.gettempdir()))
        raise RuntimeError(f"the night of {day} failed:\n{done.stdout[-3000:]}")
    found = (STEP.match(line) for line in done.stdout.splitlines())
    return wall, {match[1]: float(match[2]) for match in found if match}
