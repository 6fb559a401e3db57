"""Landing, typing and loading 1,000,000 nested events, against a floor and dlt's defaults.

Three processes read the same events from one sandbox over loopback HTTP:
floor (download, orjson, nothing else), ours (connector → landing → base table), and dlt's
RESTClient into DuckDB with dlt's defaults (on fewer rows, as rows per second).
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.measure import Row, peak_mib, report, run_part

VENDOR, STREAM = "klaviyo", "events"
ROWS = 1_000_000
ROWS_OF_DLT = 200_000
DAYS = 60


def main(rows: int = ROWS, rows_of_dlt: int = ROWS_OF_DLT, runs: int = 3) -> Path:
    """Run all parts and report.

    Args:
        rows: how many events at least.
        rows_of_dlt: how many of them dlt's row path gets.
        runs: of the floor and of ours, in turn; the median counts.
    """
    with tempfile.TemporaryDirectory(prefix="throughline-bench-") as folder:
        data = Path(folder)
        with _events(data, rows) as environment:
            floors, ours = [], []
            for run in range(runs):
                print(f"ingest: run {run + 1} of {runs}", flush=True)
                floors.append(_part("floor", environment, data, rows))
                ours.append(_part("ours", environment, data, rows))
            print("ingest: dlt's own row path", flush=True)
            peer = _part("dlt", environment, data, rows_of_dlt)
    floor = sorted(floors, key=lambda part: part.work_seconds)[runs // 2]
    our = sorted(ours, key=lambda part: part.work_seconds)[runs // 2]
    ratios = sorted(o.work_seconds / f.work_seconds for o, f in zip(ours, floors, strict=True))
    ours_each = our.work_seconds / our.figures["rows"]
    dlt_each = peer.work_seconds / peer.figures["rows"]
    count = f"{our.figures['rows']:,} events, {our.figures['bytes'] / 1e6:.0f} MB"
    table = [
        Row(f"floor: download + orjson ({count})", floor.work_seconds, "s"),
        Row(
            "ours: land + type + load",
            our.work_seconds,
            "s",
            "floor (median of pairs)",
            ratios[runs // 2],
            "<= 1.5",
        ),
        Row(
            "ours with start-up and dbt's first parse",
            our.wall_seconds,
            "s",
            "floor with its start-up",
            our.wall_seconds / floor.wall_seconds,
        ),
        Row(
            f"dlt's row path ({peer.figures['rows']:,} events)",
            peer.work_seconds,
            "s",
            "ours, per row",
            dlt_each / ours_each,
            ">= 25",
        ),
        Row("peak memory, ours", our.peak_mib, "MiB", "", None, "< 768"),
        Row("peak memory, dlt's row path", peer.peak_mib, "MiB"),
    ]
    return report("ingest", table, {"floor": floor, "ours": our, "dlt": peer})


@contextmanager
def _events(data: Path, rows: int) -> Iterator[dict[str, str]]:
    """A sandbox whose past holds at least that many events."""
    import sandbox

    people = int(os.environ.get("THROUGHLINE_BENCH_PEOPLE") or max(100, rows // 30))
    now = datetime(2026, 1, 1, 3, tzinfo=UTC) + timedelta(days=DAYS)
    with sandbox.running(data, people=people, days=DAYS, now=now, vendors=[VENDOR]) as running:
        yield dict(running.environment)


def _part(name: str, environment: dict[str, str], data: Path, rows: int) -> Any:
    with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=data) as folder:
        settings = {
            "THROUGHLINE_DATA": folder,
            "THROUGHLINE_BUILD_DB": f"{folder}/build.duckdb",
            **environment,
        }
        return run_part("-m", "benchmarks.ingest", name, str(rows), environment=settings)


def _window() -> Any:
    from connectors.stream import Window

    start = datetime(2026, 1, 1, tzinfo=UTC)
    return Window(start, start + timedelta(days=DAYS))


def _request() -> tuple[str, dict[str, str]]:
    """URL and headers of the first page, as the connector sends them."""
    from connectors import vendors
    from connectors.settings import VendorSettings

    seen: list[Any] = []

    class SeenError(Exception):
        """Ends the call once the request is known."""

    vendor = vendors()[VENDOR]
    client = vendor.connect(VendorSettings(VENDOR, vendor.secrets))
    assert client.rest is not None

    def record(request: Any, **_: Any) -> Any:
        seen.append(request)
        raise SeenError

    client.rest.session.send = record  # type: ignore[method-assign]
    with suppress(SeenError):
        next(vendor.stream(STREAM).pages(client, _window()))
    return str(seen[0].url), dict(seen[0].headers)


def floor(rows: int) -> dict[str, Any]:
    """Download each page and parse it with orjson; keep nothing."""
    import orjson
    import requests

    url, headers = _request()
    session = requests.Session()
    count = size = 0
    started = time.perf_counter()
    following: str | None = url
    while following:
        body = session.get(following, headers=headers, timeout=60).content
        page = orjson.loads(body)
        count, size = count + len(page["data"]), size + len(body)
        following = page["links"]["next"]
    return {"seconds": time.perf_counter() - started, "rows": count, "bytes": size}


def ours(rows: int) -> dict[str, Any]:
    """The connector into landing, and dbt's base model from there into the build file.

    dbt runs as a command of its own, the one that a night calls; its start-up counts, parsing the
    project for the first time does not.
    """
    import duckdb

    from connectors import landing
    from connectors.settings import REPOSITORY, landing_url
    from data_quality import loads

    build = os.environ["THROUGHLINE_BUILD_DB"]
    project = f"{REPOSITORY}/dbt_project"
    target = f"{os.path.dirname(build)}/target"
    model = f"base_{VENDOR}__{STREAM}"

    def dbt(*command: str) -> None:
        # Not by name from `orchestration`, which would bring Dagster into what is measured.
        called = [f"{REPOSITORY}/orchestration/dbt_on_a_leash", "--quiet", *command]
        places = ["--project-dir", project, "--profiles-dir", project, "--target-path", target]
        quiet = ["--no-write-json", "--log-level-file", "info", "--log-path", target]
        subprocess.run([*called, *quiet, *places], check=True)

    dbt("parse")
    started = time.perf_counter()
    window = _window()
    landed = landing.extract(VENDOR, STREAM, window.start, window.end)
    after_landing = time.perf_counter()
    with duckdb.connect(build) as con:
        loads.register(con, landing_url())
    dbt("run", "--select", model)
    seconds = time.perf_counter() - started
    of_dbt = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    of_landing = peak_mib()
    with duckdb.connect(build, read_only=True) as con:
        query = f"select count(*), count(quarantine_reason) from base.{model}"
        found = con.execute(query).fetchone()
    assert found == (landed.rows, 0), f"{found} in base, {landed.rows} landed"
    return {
        "seconds": seconds,
        "rows": landed.rows,
        "bytes": landed.size,
        "landing_seconds": after_landing - started,
        "landing_peak_mib": of_landing,
        # A child's figure starts at its parent's size, which is the smaller one here.
        "peak_mib": max(of_landing, of_dbt),
    }


def dlt(rows: int) -> dict[str, Any]:
    """RESTClient with dlt's defaults: rows as Python objects into DuckDB."""
    import dlt as library
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator

    url, headers = _request()
    client = RESTClient(
        base_url=url,
        headers=headers,
        paginator=JSONLinkPaginator("links.next"),
        data_selector="data",
    )
    count = 0

    @library.resource(name=STREAM)
    def events() -> Iterator[Any]:
        nonlocal count
        for page in client.paginate(url):
            yield page
            count += len(page)
            if count >= rows:
                return

    folder = os.environ["THROUGHLINE_DATA"]
    pipeline = library.pipeline(
        "peer",
        pipelines_dir=f"{folder}/pipelines",
        destination=library.destinations.duckdb(f"{folder}/peer.duckdb"),
        dataset_name="raw",
    )
    started = time.perf_counter()
    pipeline.run(events())
    return {"seconds": time.perf_counter() - started, "rows": count}


if __name__ == "__main__":
    part, wanted = sys.argv[1], int(sys.argv[2])
    took = {"floor": floor, "ours": ours, "dlt": dlt}[part](wanted)
    print(json.dumps({"peak_mib": peak_mib(), **took}))
