"""Each vendor has every room, the same names everywhere, and nobody reaches over a wall."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors import vendors
from tests.conventions.conftest import REPOSITORY

PYTHON_LINES, SQL_LINES, YAML_LINES = 400, 250, 250
ROOMS = (
    "benchmarks",
    "connectors",
    "data_quality",
    "identity",
    "orchestration",
    "sandbox",
    "tests",
)


def python_files(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (REPOSITORY / room).rglob("*.py"))


def imported_modules(path: Path) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module.split(".")[0])
    return modules


@pytest.mark.parametrize("vendor", vendors())
def test_every_vendor_has_all_its_rooms(vendor: str) -> None:
    rooms = [
        f"connectors/{vendor}/README.md",
        f"connectors/{vendor}/__main__.py",
        f"dbt_project/models/base/{vendor}",
        f"dbt_project/models/staging/{vendor}",
        f"data_quality/suites/{vendor}.py",
        f"sandbox/{vendor}.py",
        f"tests/connectors/{vendor}",
    ]
    assert [room for room in rooms if not (REPOSITORY / room).exists()] == []


def test_a_vendor_is_found_and_not_listed() -> None:
    """A vendor's name stands in vendor-named files, in unions and in documents only."""
    named = re.compile("|".join(rf"\b{name}\b" for name in vendors() if name != "files"))
    allowed = re.compile("|".join(vendors()))
    offenders = [
        str(path.relative_to(REPOSITORY))
        for path in python_files("connectors", "data_quality", "orchestration")
        if not allowed.search(str(path.relative_to(REPOSITORY)))
        and named.search(_code_without_docstrings(path))
    ]
    assert offenders == []


def _code_without_docstrings(path: Path) -> str:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
            and isinstance(node.body[0].value, ast.Constant)
        ):
            node.body[0] = ast.Pass()
    return ast.unparse(tree)


def test_dbt_sources_are_exactly_the_streams(manifest: dict[str, Any]) -> None:
    declared = {
        (source["source_name"], source["name"])
        for source in manifest["sources"].values()
        if source["source_name"] in vendors()
    }
    offered = {(v.name, stream.name) for v in vendors().values() for stream in v.streams}
    assert declared == offered


def test_only_orchestration_knows_the_orchestrator() -> None:
    offenders = [
        str(path.relative_to(REPOSITORY))
        for path in python_files("connectors", "data_quality", "sandbox")
        if {"dagster", "dagster_dbt"} & imported_modules(path)
    ]
    assert offenders == []


def test_the_product_never_imports_its_tests_or_benchmarks() -> None:
    offenders = [
        str(path.relative_to(REPOSITORY))
        for path in python_files("connectors", "data_quality", "sandbox", "orchestration")
        if {"tests", "benchmarks", "pytest"} & imported_modules(path)
    ]
    assert offenders == []


def test_no_module_is_a_drawer_for_anything() -> None:
    drawers = {"helpers.py", "utils.py", "util.py", "helper.py", "common.py", "misc.py"}
    assert [path for path in python_files(*ROOMS) if path.name in drawers] == []


def test_files_stay_short_enough_to_read() -> None:
    long = []
    for suffix, limit in ((".py", PYTHON_LINES), (".sql", SQL_LINES), (".yml", YAML_LINES)):
        for room in (*ROOMS, "dbt_project"):
            for path in (REPOSITORY / room).rglob(f"*{suffix}"):
                lines = len(path.read_text().splitlines())
                if lines > limit and "target" not in path.parts:
                    long.append(f"{path.relative_to(REPOSITORY)}: {lines} lines")
    assert long == []


def test_texts_are_utf8_whatever_the_machine_prefers() -> None:
    """In a locale of another encoding, names and SQL would be read as something else."""
    offenders = [
        f"{path.relative_to(REPOSITORY)}:{call.lineno}"
        for path in python_files(*(room for room in ROOMS if room != "tests"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and _reads_or_writes_text(call)
        and "encoding" not in {keyword.arg for keyword in call.keywords}
    ]
    assert offenders == []


def _reads_or_writes_text(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", None))
    modes = [each.value for each in call.args if isinstance(each, ast.Constant)]
    return name in {"read_text", "write_text"} or (
        name in {"open", "fdopen"} and any(mode in {"r", "w", "a", "x"} for mode in modes)
    )


def test_every_module_says_what_belongs_in_it() -> None:
    silent = [
        str(path.relative_to(REPOSITORY))
        for path in python_files(
            "connectors", "data_quality", "identity", "orchestration", "sandbox"
        )
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_workspace_and_project_name_the_same_location() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["dg"]["project"]
    (target,) = yaml.safe_load((REPOSITORY / "workspace.yaml").read_text())["load_from"]
    module = target["python_module"]
    assert module["location_name"] == project["code_location_name"]
    assert module["module_name"].split(".")[0] == project["root_module"]


def test_structures_are_known_before_streams_run_side_by_side() -> None:
    """A type that msgspec first meets in two threads at once crashes the process."""
    unready = []
    for path in python_files("connectors"):
        calls = [
            node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
        ]
        ready, met = set(), set()
        for call in calls:
            function = ast.unparse(call.func)
            if function == "msgspec.json.Decoder":
                ready |= _names(call.args[0])
            elif function == "msgspec.json.decode":
                met |= {name for word in call.keywords for name in _names(word.value)}
            elif function == "msgspec.convert":
                met |= _names(call.args[1])
        unready += [f"{path}: {name}" for name in sorted(met - ready)]
    assert unready == []


def _names(node: ast.expr) -> set[str]:
    """The classes of ours that an expression names."""
    of_python = {"dict", "list", "str", "Any", "msgspec"}
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} - of_python
