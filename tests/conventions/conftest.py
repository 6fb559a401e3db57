"""The dbt project's graph, parsed once for the drift tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.dbt_project import parsing

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    target = tmp_path_factory.mktemp("dbt") / "target"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THROUGHLINE_BUILD_DB", str(target.with_name(parsing.DATABASE)))
        parsing.parse(target)
    return dict(json.loads((target / "manifest.json").read_text()))
