"""The command line: build, truth, serve."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import requests

from sandbox.__main__ import main

SIZE = ["--people", "50", "--days", "5", "--vendors", "klaviyo"]


def test_build_says_where_the_world_lies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "--data", str(tmp_path), *SIZE]) == 0
    folder = re.search(r"world (\S+) ready", capsys.readouterr().out)
    assert folder is not None
    assert (Path(folder.group(1)) / "truth" / "person").is_dir()


def test_truth_exports_what_is_known_at_a_moment(tmp_path: Path) -> None:
    export = ["truth", "--data", str(tmp_path), *SIZE, "--to"]
    assert main([*export, str(tmp_path / "all")]) == 0
    assert main([*export, str(tmp_path / "early"), "--as-of", "2026-01-03T03:00:00"]) == 0
    everything = pq.read_table(tmp_path / "all" / "web_event.parquet").num_rows
    early = pq.read_table(tmp_path / "early" / "web_event.parquet").num_rows
    assert 0 < early < everything


def test_serve_listens_until_it_is_told_to_stop(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-m", "sandbox", "serve", "--data", str(tmp_path)]
    process = subprocess.Popen(
        [*command, "--port", "0", "--now", "2026-01-03T03:00:00", *SIZE],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    assert process.stdout is not None
    with process.stdout as output:
        lines = []
        for line in output:
            lines.append(line)
            if "ready" in line:
                break
        port = re.search(r":(\d+)/klaviyo", "".join(lines))
        assert port is not None, lines
        url = f"http://127.0.0.1:{port.group(1)}/_sandbox/clock"
        assert requests.get(url, timeout=30).json() == {"now": "2026-01-03T03:00:00+00:00"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
