"""A night under Dagster against the same parts called one after the other without it.

Both start from a copy of the same data folder, so both do the same work: the pulls, three dbt
builds, the gate, identity, reconciliation and publishing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.measure import Measured, Row, report, run_part

DAYS, RUNS = 20, 3


def main(days: int = DAYS, runs: int = RUNS) -> Path:
    """Load a past, then run the next night both ways, in turn.

    Args:
        days: of the past.
        runs: of each way; the median counts.
    """
    os.environ["THROUGHLINE_SANDBOX_DAYS"] = str(days + 1)
    from orchestration import nights

    night = nights.calendar().default_night()
    under_dagster, alone = [], []
    with tempfile.TemporaryDirectory(prefix="throughline-bench-") as folder:
        data, kept = Path(folder) / "data", Path(folder) / "kept"
        os.environ["THROUGHLINE_DATA"] = str(data)
        print("orchestration: loading the past", flush=True)
        _under_dagster(night - timedelta(days=1))
        data.rename(kept)
        for run in range(runs):
            print(f"orchestration: run {run + 1} of {runs}", flush=True)
            for way, times in ((_under_dagster, under_dagster), (_alone, alone)):
                # In the same place each time: the register holds the landed files' full paths.
                shutil.copytree(kept, data)
                times.append(way(night))
                shutil.rmtree(data)
    ratios = sorted(
        a.wall_seconds / b.wall_seconds for a, b in zip(under_dagster, alone, strict=True)
    )
    median = [sorted(way, key=_wall)[runs // 2] for way in (under_dagster, alone)]
    table = [
        Row("the parts alone", median[1].wall_seconds, "s"),
        Row(
            "the night under Dagster",
            median[0].wall_seconds,
            "s",
            "the parts alone (median of pairs)",
            ratios[runs // 2],
            "<= 1.5",
        ),
    ]
    return report("orchestration", table, {"dagster": median[0], "alone": median[1]})


def _wall(part: Measured) -> float:
    return part.wall_seconds


def _under_dagster(night: date) -> Measured:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "orchestration", "nightly", "--date", f"{night}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stdout[-3000:])
    wall = time.perf_counter() - started
    return Measured(wall, wall, 0.0)


def _alone(night: date) -> Measured:
    return run_part("-m", "benchmarks.orchestration", f"{night}")


def parts(night: date) -> dict[str, Any]:
    """The night's parts as plain calls, in one process, dbt as the same command of its own."""
    from orchestration import environment, loopback, nights

    environment.switch_off_telemetry()
    environment.prepare()
    started = time.perf_counter()
    with loopback.serving(nights.clock_after(night), lambda _: None):
        _work(night)
    return {"seconds": time.perf_counter() - started}


def _work(night: date) -> None:
    import duckdb

    from connectors import landing, vendors
    from connectors.settings import landing_url
    from orchestration import environment, nights, publish, rooms, warehouse

    first = nights.calendar().first
    for vendor in vendors().values():
        for stream in vendor.streams:
            begin = max(first, night - timedelta(days=stream.lookback_days))
            start, end = nights.midnight(begin), nights.midnight(night + nights.ONE_DAY)
            landing.extract(vendor.name, stream.name, start, end)

    def on_build_file(*calls: Any) -> None:
        with duckdb.connect(str(environment.build_file())) as con:
            con.execute("set TimeZone = 'UTC'")
            for call in calls:
                call(con)

    on_build_file(lambda con: rooms.register(con, landing_url()))
    _dbt(warehouse.BASE)
    on_build_file(rooms.judge)
    _dbt(warehouse.MODELS)
    on_build_file(rooms.resolve)
    _dbt(warehouse.MARTS)
    on_build_file(rooms.compare)
    publish.publish(environment.build_file(), environment.published_folder(), f"{night}")


def _dbt(select: str) -> None:
    from connectors.settings import REPOSITORY
    from orchestration import modelling

    project = REPOSITORY / "dbt_project"
    command = [modelling.COMMAND, "--quiet", "build", "--no-write-json"]
    command += ["--indirect-selection", "buildable"]
    command += ["--exclude-resource-type", "unit_test"]
    command += ["--project-dir", project, "--profiles-dir", project, "--select", *select.split()]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    print(json.dumps(parts(date.fromisoformat(sys.argv[1]))))
