"""The dbt project's graph, parsed once for the drift tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    target = tmp_path_factory.mktemp("dbt-target")
    project = REPOSITORY / "dbt_project"
    dbt = Path(sys.executable).with_name("dbt")
    done = subprocess.run(
        [
            dbt,
            "parse",
            "--project-dir",
            project,
            "--profiles-dir",
            project,
            "--target-path",
            target,
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "THROUGHLINE_DATA": str(target / "data")},
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return dict(json.loads((target / "manifest.json").read_text()))
