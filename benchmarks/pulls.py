"""All vendors pulled at once, against one stream after the other, and against a plain download.

The sandbox answers each request as late as a vendor across the internet would. Three processes do
the same pulls: side by side as a night does, one after the other, and the floor, which sends the
very same requests with `requests`, as many at once as the night, and keeps nothing.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.measure import Measured, Row, peak_mib, report, run_part

# A round trip across an ocean and some work at the vendor's.
LATENCY = 0.15
PEOPLE, DAYS = 2000, 30
START = datetime(2026, 1, 1, tzinfo=UTC)


def main(people: int = PEOPLE, days: int = DAYS, latency: float = LATENCY, runs: int = 3) -> Path:
    """Run all parts and report.

    Args:
        people: of the sandbox's world.
        days: of its past, all of which is pulled.
        latency: seconds that each answer takes longer.
        runs: of each part, in turn; the median counts.
    """
    parts: dict[str, list[Measured]] = {"floor": [], "together": [], "in_turn": []}
    with tempfile.TemporaryDirectory(prefix="throughline-bench-") as folder:
        data = Path(folder)
        with _vendors(data, people, days, 0.0) as environment:
            print("pulls: recording the requests", flush=True)
            _part("record", environment, data, days)
        with _vendors(data, people, days, latency) as environment:
            for run in range(runs):
                for name, times in parts.items():
                    print(f"pulls: run {run + 1} of {runs}, {name}", flush=True)
                    times.append(_part(name, environment, data, days))
    floor, together, in_turn = (
        sorted(times, key=lambda part: part.work_seconds)[runs // 2] for times in parts.values()
    )
    figures = together.figures
    what = f"{figures['streams']} streams, {figures['pages']:,} pages, {latency * 1000:.0f} ms each"
    table = [
        Row(f"floor: plain download, side by side ({what})", floor.work_seconds, "s"),
        Row(
            "ours: pulled and landed, side by side",
            together.work_seconds,
            "s",
            "floor",
            together.work_seconds / floor.work_seconds,
        ),
        Row("ours: one stream after the other", in_turn.work_seconds, "s"),
        Row(
            "side by side is faster",
            in_turn.work_seconds - together.work_seconds,
            "s",
            "one after the other, times",
            in_turn.work_seconds / together.work_seconds,
        ),
        Row("longest single stream", figures["longest"], "s"),
        Row("peak memory, side by side", together.peak_mib, "MiB"),
        Row("peak memory, one after the other", in_turn.peak_mib, "MiB"),
    ]
    return report("pulls", table, {"floor": floor, "together": together, "in_turn": in_turn})


@contextmanager
def _vendors(data: Path, people: int, days: int, latency: float) -> Iterator[dict[str, str]]:
    import sandbox

    now = START + timedelta(days=days, hours=3)
    with sandbox.running(
        data, people=people, days=days, start=START.date(), now=now, port=_PORT, latency=latency
    ) as running:
        yield dict(running.environment)


# The recorded requests hold it.
_PORT = int(os.environ.get("THROUGHLINE_BENCH_PORT") or 8731)


def _part(name: str, environment: dict[str, str], data: Path, days: int) -> Measured:
    with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=data) as folder:
        settings = environment | {"THROUGHLINE_DATA": folder}
        requests_file = data / "requests.json"
        return run_part(
            "-m", "benchmarks.pulls", name, str(days), str(requests_file), environment=settings
        )


def _streams() -> list[tuple[str, str]]:
    """Every stream of the vendors that are asked over HTTP."""
    from connectors import vendors

    return [
        (vendor.name, stream.name)
        for vendor in vendors().values()
        if os.environ.get(f"SOURCES__{vendor.name.upper()}__BASE_URL")
        for stream in vendor.streams
    ]


def _do(at_once: int, call: Callable[[str, str], Any]) -> dict[str, Any]:
    """Call it for each stream, as a night would; returns seconds and what was given."""
    from connectors import vendors
    from connectors.side_by_side import SideBySide

    pulls = SideBySide(at_once, {v.name: v.concurrency for v in vendors().values()})
    started = time.perf_counter()
    work = [pulls.add(v, lambda v=v, s=s: call(v, s)) for v, s in _streams()]
    given = [piece.result.result() for piece in work]
    return {
        "seconds": time.perf_counter() - started,
        "streams": len(work),
        "pages": sum(pages for pages, _ in given),
        "bytes": sum(size for _, size in given),
        "longest": max(piece.seconds for piece in work),
    }


def ours(at_once: int, days: int) -> dict[str, Any]:
    """The connectors, into landing."""
    from connectors import landing

    def pull(vendor: str, stream: str) -> tuple[int, int]:
        landed = landing.extract(vendor, stream, START, START + timedelta(days=days))
        return landed.pages, landed.size

    return _do(at_once, pull)


def record(days: int, file: Path) -> dict[str, Any]:
    """Pull one after the other and write down each request, by stream."""
    import requests

    from connectors import landing

    sent: dict[str, list[dict[str, Any]]] = {}
    real = requests.adapters.HTTPAdapter.send

    def pull(vendor: str, stream: str) -> tuple[int, int]:
        mine = sent.setdefault(f"{vendor}/{stream}", [])

        def send(adapter: Any, request: Any, *arguments: Any, **options: Any) -> Any:
            body = request.body.decode() if isinstance(request.body, bytes) else request.body
            mine.append(
                {
                    "method": request.method,
                    "url": request.url,
                    "headers": dict(request.headers),
                    "data": body,
                }
            )
            return real(adapter, request, *arguments, **options)

        requests.adapters.HTTPAdapter.send = send
        landed = landing.extract(vendor, stream, START, START + timedelta(days=days))
        return landed.pages, landed.size

    took = _do(1, pull)
    file.write_text(json.dumps(sent), encoding="utf-8")
    return took


def floor(at_once: int, file: Path) -> dict[str, Any]:
    """Send the recorded requests, those of a stream one after the other; keep nothing."""
    import requests

    sent = json.loads(file.read_text(encoding="utf-8"))

    def download(vendor: str, stream: str) -> tuple[int, int]:
        size = 0
        mine = sent[f"{vendor}/{stream}"]
        with requests.Session() as session:
            for request in mine:
                answer = session.request(**request, timeout=60)
                answer.raise_for_status()
                size += len(answer.content)
        return len(mine), size

    return _do(at_once, download)


def _main(name: str, days: int, file: Path) -> dict[str, Any]:
    from connectors.side_by_side import pulls_at_once

    match name:
        case "record":
            return record(days, file)
        case "floor":
            return floor(pulls_at_once(), file)
        case "in_turn":
            return ours(1, days)
    return ours(pulls_at_once(), days)


if __name__ == "__main__":
    took = _main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
    print(json.dumps({"peak_mib": peak_mib(), **took}))
