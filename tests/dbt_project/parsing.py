"""dbt in this process, and its parse of the project, made once for all workers of a test run.

Belongs here: how a test comes by both. Does not belong here: what a warehouse does with dbt.
"""

from __future__ import annotations

import os
import shutil
import warnings
from pathlib import Path
from typing import Any

import pytest
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from orchestration import dbt_shortcuts, locks

PROJECT = Path(__file__).parents[2] / "dbt_project"
PARSED = "partial_parse.msgpack"
# As the product's: a parse holds the database's name, which is its file's.
DATABASE = "warehouse.duckdb"


def parse(target: Path, *options: str) -> Manifest:
    """The project as dbt sees it; `THROUGHLINE_BUILD_DB` names a file in which it could be built.

    Args:
        target: in a folder of the test's own; dbt's artifacts go there.
        options: of dbt parse.
    """
    # Another parse is taken where dbt's own setting names one.
    if not (target / PARSED).exists() and "DBT_PARTIAL_PARSE_FILE_PATH" not in os.environ:
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(parsed(target.parent), target)
    found = invoke(target, "parse", *options).result
    assert isinstance(found, Manifest)
    return found


def parsed(folder: Path) -> Path:
    """What dbt keeps of its parse: where it finds that, it parses only the files that differ.

    Args:
        folder: of the test's own.
    """
    shared = in_common(folder)
    with locks.held(shared / ".lock", "{pid} parses", wait_seconds=600):
        if not (shared / PARSED).exists():
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("THROUGHLINE_BUILD_DB", str(shared / DATABASE))
                invoke(shared, "parse")
    return shared / PARSED


def invoke(
    target: Path,
    *arguments: str,
    manifest: Manifest | None = None,
    project: Path | None = None,
) -> Any:
    """Run dbt in this process; fail the test with dbt's own words.

    Args:
        target: where its artifacts and logs go.
        arguments: the command and its options.
        manifest: what was parsed before; dbt parses anew by default.
        project: another one than ours.

    Returns:
        dbt's outcome of the command.
    """
    dbt_shortcuts.take()
    folder = str(project or PROJECT)
    place = ["--project-dir", folder, "--profiles-dir", folder]
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


def in_common(folder: Path) -> Path:
    """The folder of this run's that all workers have in common; each has one of its own in it."""
    worker = f"popen-{os.environ.get('PYTEST_XDIST_WORKER')}"
    own = next((above for above in folder.parents if above.name == worker), folder)
    shared = own.parent / "parsed"
    shared.mkdir(exist_ok=True)
    return shared
