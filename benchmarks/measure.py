"""Running a part of a benchmark as a process of its own, and reading what it took.

Here belongs measuring and reporting; what is measured stands in the module of each benchmark.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass
class Measured:
    """What one process took.

    Attributes:
        wall_seconds: from start to end of the process, start-up included.
        work_seconds: as the process itself counts them, without interpreter and imports.
        peak_mib: the largest resident set of the process, as it reports it; 0 where it does not.
        figures: what else it reported.
    """

    wall_seconds: float
    work_seconds: float
    peak_mib: float
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass
class Row:
    """One line of a report: a measured value, what it is held against, and the ratio."""

    what: str
    value: float
    unit: str
    against: str = ""
    ratio: float | None = None
    target: str = ""


def run_part(*arguments: str, environment: dict[str, str] | None = None) -> Measured:
    """Run `python <arguments>`, whose last line of output is a JSON object with `seconds`.

    It may hold `peak_mib` as well, see `peak_mib()`.

    Raises:
        RuntimeError: it failed; the message holds its last lines.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    assert process.stdout is not None
    output = process.stdout.read()
    process.wait()
    wall = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{output[-3000:]}")
    figures = json.loads(output.strip().splitlines()[-1])
    seconds, peak = float(figures.pop("seconds")), float(figures.pop("peak_mib", 0))
    return Measured(wall, seconds, peak, figures)


def peak_mib() -> float:
    """The largest resident set this process has had.

    Not from getrusage: its figure starts at what the parent had when it forked.
    """
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this system does not tell a process's peak memory")


def report(name: str, rows: list[Row], parts: dict[str, Measured]) -> Path:
    """Print the table and write it as JSON into the results folder (which git ignores)."""
    table = Table(title=f"{name} on {_machine()}", title_justify="left")
    for column in ("what", "measured", "against", "ratio", "target"):
        table.add_column(column, justify="right" if column in ("measured", "ratio") else "left")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        table.add_row(row.what, f"{row.value:,.2f} {row.unit}", row.against, ratio, row.target)
    Console(width=120).print(table)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    content = {
        "benchmark": name,
        "machine": _machine(),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": [asdict(row) for row in rows],
        "parts": {key: asdict(part) for key, part in parts.items()},
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return path


def _machine() -> str:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{os.cpu_count()} cores, {pages / 2**30:.0f} GiB, {platform.machine()}"
