"""dbt as Dagster sees it: the manifest kept fresh, keys that join vendors to marts, the command.

What dbt models do is dbt_project's; here is how they are found, named and started.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject
from packaging.version import Version, parse

from connectors.settings import REPOSITORY
from orchestration import locks

COMMAND = Path(__file__).with_name("dbt_on_a_leash")
LOADS = dg.AssetKey(["ops", "loads"])
IDENTIFIERS = dg.AssetKey(["identity", "customer_identifiers"])


class Dbt(DbtCliResource):
    """dagster-dbt's command, without what it does before each call and we have no use for.

    It asks `dbt --version`, which asks the package index which dbt is the newest; and it loads all
    of dbt into this process, to count rows and look up columns where that is wished.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return parse(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        return None


class Translator(DagsterDbtTranslator):
    """Asset key = schema/model, group = layer; the gate between base and staging."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer: the folder under models, or `seeds`."""
        if dbt_resource_props["resource_type"] == "seed":
            return "seeds"
        return str(dbt_resource_props["fqn"][1])

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """The model's spec; base feeds the gate, and staging waits for its verdicts."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        props = self.get_resource_props(manifest, unique_id)
        if props["resource_type"] != "model":
            return spec
        deps = [dep for dep in spec.deps if dep.asset_key != LOADS]
        if self.get_group_name(props) == "staging":
            deps.append(dg.AssetDep(LOADS))
        return spec.replace_attributes(deps=deps)


def project(folder: Path = REPOSITORY / "dbt_project") -> DbtProject:
    """The dbt project with a manifest as new as its files.

    Args:
        folder: where dbt_project.yml is.
    """
    found = DbtProject(folder.resolve(), target_path=Path(os.environ["DBT_TARGET_PATH"]))
    parsed = found.manifest_path.with_name(".parsed")
    with locks.held(
        found.manifest_path.with_name(".parse.lock"), "Process {pid} is parsing.", wait_seconds=300
    ):
        files = _files(found.project_dir)
        is_there = found.manifest_path.exists() and parsed.exists()
        if not is_there or parsed.read_text(encoding="utf-8") != files:
            # A parse that is killed leaves nothing that another checkout would take for its own.
            parsed.unlink(missing_ok=True)
            command(found).cli(["parse", "--quiet"], target_path=found.target_path).wait()
            parsed.write_text(files, encoding="utf-8")
    return found


def command(project: DbtProject) -> DbtCliResource:
    """The `dbt` of this project."""
    return Dbt(project_dir=str(project.project_dir), dbt_executable=str(COMMAND))


def _files(project: Path) -> str:
    """Which files the project has, in which state; another checkout's are others.

    Not what is newer than the manifest: of two releases that share a data folder, the newer one may
    have been unpacked before the older one was last parsed.
    """
    own = {"target", "logs", "dbt_packages"}
    states = [
        f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}"
        for path in sorted(project.rglob("*"))
        if path.relative_to(project).parts[0] not in own and path.name != ".user.yml"
    ]
    return hashlib.sha256("\n".join(states).encode()).hexdigest()


def before_identity(models: dg.AssetsDefinition) -> list[dg.AssetKey]:
    """The models that identity can wait for: all but those that are made from it."""
    after = {IDENTIFIERS}
    while more := {key for key, deps in models.asset_deps.items() if deps & after} - after:
        after |= more
    return sorted(models.keys - after)
