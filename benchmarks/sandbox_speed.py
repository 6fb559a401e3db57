"""How fast the sandbox serves pages, against a static file server with the same pages as files.

Both are processes of their own on loopback, asked in turn by one client over one kept-alive
connection each; the peer is Python's own `http.server`. The sandbox finds each page by its cursor.
"""

from __future__ import annotations

import http.client
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from benchmarks.measure import Measured, Row, report

PEOPLE = 4000
DAYS = 60
PAGES = 100
ROUNDS = 9
HEADERS = {"Authorization": "Klaviyo-API-Key pk_sandbox", "revision": "2026-07-15"}


def main() -> Path:
    """Measure and report."""
    with tempfile.TemporaryDirectory(prefix="throughline-bench-") as folder:
        data = Path(folder)
        with _sandbox(data) as port, _files(data / "pages") as peer_port:
            own, files = http.client.HTTPConnection("127.0.0.1", port), data / "pages"
            paths, size = _copy(own, files)
            peer = http.client.HTTPConnection("127.0.0.1", peer_port)
            names = [f"/{n}.json" for n in range(len(paths))]
            ours, theirs = [], []
            for _ in range(ROUNDS):
                ours.append(_fetch(own, paths))
                theirs.append(_fetch(peer, names))
    ratio = statistics.median(t / o for o, t in zip(ours, theirs, strict=True))
    our, their = statistics.median(ours), statistics.median(theirs)
    count = f"{len(paths)} pages, {size / 1e6:.0f} MB"
    rows = [
        Row(f"static files: http.server ({count})", size / their / 1e6, "MB/s"),
        Row("sandbox: klaviyo events", size / our / 1e6, "MB/s", "static files", ratio, ">= 1"),
    ]
    return report(
        "sandbox_speed",
        rows,
        {"sandbox": Measured(our, our, 0.0), "files": Measured(their, their, 0.0)},
    )


def _copy(connection: http.client.HTTPConnection, folder: Path) -> tuple[list[str], int]:
    """Walk the pages once, keep each as a file, and return their paths and total size."""
    path: str | None = "/klaviyo/api/events?sort=datetime&page%5Bsize%5D=1000"
    paths: list[str] = []
    size = 0
    while path is not None and len(paths) < PAGES:
        connection.request("GET", path, headers=HEADERS)
        body = connection.getresponse().read()
        (folder / f"{len(paths)}.json").write_bytes(body)
        paths.append(path)
        size += len(body)
        onward = orjson.loads(body)["links"]["next"]
        path = None if onward is None else re.sub(r"^https?://[^/]+", "", onward)
    return paths, size


def _fetch(connection: http.client.HTTPConnection, paths: list[str]) -> float:
    started = time.perf_counter()
    for path in paths:
        connection.request("GET", path, headers=HEADERS)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, path
    return time.perf_counter() - started


@contextmanager
def _sandbox(data: Path) -> Iterator[int]:
    size = ["--people", str(PEOPLE), "--days", str(DAYS), "--vendors", "klaviyo"]
    command = [sys.executable, "-u", "-m", "sandbox", "serve", "--data", str(data), "--port", "0"]
    with _listening([*command, *size], r"(http://\S+)/klaviyo") as address:
        yield urlsplit(address).port or 0


@contextmanager
def _files(folder: Path) -> Iterator[int]:
    folder.mkdir()
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    options = ["--protocol", "HTTP/1.1", "--directory", str(folder)]
    with _listening([*command, *options], r"port (\d+)") as port:
        yield int(port)


@contextmanager
def _listening(command: list[str], pattern: str) -> Iterator[str]:
    """Run a server until the block ends; yield what it says about where it listens."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.search(pattern, line):
                yield found.group(1)
                break
        else:
            raise RuntimeError(f"{' '.join(command)} ended before it listened")
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    main()
