"""dbt in this process, and its parse of the project, made once for all workers of a test run.

Belongs here: how a test comes by both. Does not belong here: what a warehouse does with dbt.
"""

from __future__ import annotations

import os
import shutil
import warnings
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from orchestration import dbt_shortcuts, locks

PROJECT = Path(__file__).parents[2] / "dbt_project"
PARSED = "partial_parse.msgpack"


def parse(target: Path, *options: str) -> Manifest:
    """The project as dbt sees it; `THROUGHLINE_BUILD_DB` names the file that it builds.

    Args:
        target: in a folder of the test's own; dbt's artifacts go there.
        options: of dbt parse.
    """
    if not (target / PARSED).exists():
        shared = _in_common(target.parent)
        with locks.held(shared / ".lock", "{pid} parses", wait_seconds=600):
            if not (shared / PARSED).exists():
                invoke(shared, "parse")
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(shared / PARSED, target)
    found = invoke(target, "parse", *options).result
    assert isinstance(found, Manifest)
    return found


def invoke(target: Path, *arguments: str, manifest: Manifest | None = None) -> Any:
    """Run dbt in this process; fail the test with dbt's own words.

    Args:
        target: where its artifacts and logs go.
        arguments: the command and its options.
        manifest: what was parsed before; dbt parses anew by default.

    Returns:
        dbt's outcome of the command.
    """
    dbt_shortcuts.take()
    place = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    place += ["--target-path", str(target), "--log-path", str(target)]
    place += ["--quiet", "--log-level-file", "none"]
    with warnings.catch_warnings():
        # dbt and what it imports warn about themselves.
        warnings.simplefilter("ignore")
        outcome = dbtRunner(manifest=manifest).invoke([*arguments, *place])
    results = list(getattr(outcome.result, "results", None) or [])
    problems = [f"{each.node.name}: {each.message}" for each in results if not_well(each)]
    assert outcome.success, outcome.exception or "\n".join(problems)
    return outcome


def not_well(result: Any) -> bool:
    """Whether dbt calls this result anything but a success."""
    return str(result.status) not in {"success", "pass", "no-op"}


def _in_common(folder: Path) -> Path:
    """The folder of this run's that all workers have in common; each has one of its own in it."""
    worker = f"popen-{os.environ.get('PYTEST_XDIST_WORKER')}"
    own = next((above for above in folder.parents if above.name == worker), folder)
    shared = own.parent / "parsed"
    shared.mkdir(exist_ok=True)
    return shared
