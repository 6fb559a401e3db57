"""dbt's parse of the project, made once for all warehouses of a test run and all its workers.

Belongs here: how a warehouse comes by it. Does not belong here: what a warehouse does with dbt.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from orchestration import locks

PARSED = "partial_parse.msgpack"


def take(target: Path, parse: Callable[[Path], object]) -> None:
    """Copy the parse into a target folder without one.

    Args:
        target: in the folder of a warehouse.
        parse: parses into a folder, where nobody has yet.
    """
    if (target / PARSED).exists():
        return
    shared = _in_common(target.parent)
    with locks.held(shared / ".lock", "{pid} parses", wait_seconds=600):
        if not (shared / PARSED).exists():
            parse(shared)
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(shared / PARSED, target)


def _in_common(folder: Path) -> Path:
    """The folder of this run's that all workers have in common; each has one of its own in it."""
    worker = f"popen-{os.environ.get('PYTEST_XDIST_WORKER')}"
    own = next((above for above in folder.parents if above.name == worker), folder)
    shared = own.parent / "parsed"
    shared.mkdir(exist_ok=True)
    return shared
