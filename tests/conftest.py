"""The order of the test files, those that take longest first, and no settings of the tester's own.

Belongs here: what holds for all tests. Does not belong here: fixtures, which stand in the folder
whose tests use them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from connectors.settings import ENV_FILE

# A `.env` beside the README may hold credentials of vendors: no test, nor a command that it starts,
# reads it.
os.environ[ENV_FILE] = ""

TESTS = Path(__file__).parent
# Half a minute and more each, on a quiet machine. While one worker makes the nights that the other
# files of `nightly` need as well, the second has others to do and waits for none of them.
LONGEST = [
    TESTS / name
    for name in (
        "nightly/test_truth.py",
        "dbt_project/test_marts_nights.py",
        "scaffold/test_scaffold.py",
        "test_online_retail.py",
        "data_quality/test_sandbox_nights.py",
        "nightly/test_killed.py",
        "nightly/test_bad_vendors.py",
        "nightly/test_settings.py",
        "conformance/test_proofs.py",
        "orchestration/test_definitions.py",
        "orchestration/test_night.py",
        "connectors/test_faults.py",
        "connectors/test_landing.py",
        "connectors/files/test_typing.py",
    )
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; within a file, and among all others, the order stays."""
    missing = [path.name for path in LONGEST if not path.exists()]
    assert missing == [], f"LONGEST names files that are not there: {missing}"
    place = {path: number for number, path in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(LONGEST)))
