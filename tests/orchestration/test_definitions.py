from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

import connectors
from connectors.settings import REPOSITORY
from orchestration import health, jobs, warehouse
from orchestration.assembly import build_definitions
from tests.dbt_project import parsing


@pytest.fixture(scope="module")
def real_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("real")


@pytest.fixture(scope="module")
def graph(real_data: Path) -> Any:
    """The asset graph of the real definitions; its dbt project is parsed in `real_data`.

    A parse of the same files is there before, as after any night: dbt looks for what has changed.
    """
    (real_data / "dbt").mkdir()
    shutil.copy(parsing.parsed(real_data), real_data / "dbt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THROUGHLINE_DATA", str(real_data))
        for name in ("DAGSTER_HOME", "THROUGHLINE_BUILD_DB", "DBT_TARGET_PATH", "DBT_LOG_PATH"):
            patch.setenv(name, "")
        return build_definitions().resolve_asset_graph()


def upstream(graph: Any, key: dg.AssetKey) -> set[dg.AssetKey]:
    found: set[dg.AssetKey] = set()
    wanted = [key]
    while wanted:
        parents = graph.get(wanted.pop()).parent_keys
        wanted += parents - found
        found |= parents
    return found


def test_workspace_and_project_name_the_same_location_and_module() -> None:
    workspace = yaml.safe_load((REPOSITORY / "workspace.yaml").read_text())
    module = workspace["load_from"][0]["python_module"]
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["dg"]["project"]
    assert module["location_name"] == project["code_location_name"]
    assert module["module_name"] == f"{project['root_module']}.definitions"


@pytest.mark.usefixtures("graph")
def test_dagster_loads_the_workspace_as_its_server_does(real_data: Path) -> None:
    done = subprocess.run(
        [
            Path(sys.executable).with_name("dagster"),
            *("definitions", "validate", "-w", str(REPOSITORY / "workspace.yaml")),
        ],
        cwd=REPOSITORY,
        env=os.environ | {"THROUGHLINE_DATA": str(real_data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "throughline" in done.stdout + done.stderr


def test_every_stream_is_an_asset_of_its_own(graph: Any) -> None:
    streams = {
        dg.AssetKey([vendor.name, stream.name])
        for vendor in connectors.vendors().values()
        for stream in vendor.streams
    }
    assert streams <= graph.executable_asset_keys
    assert all(graph.get(key).is_partitioned for key in streams)


def test_lineage_is_unbroken_from_the_vendors_to_the_published_file(graph: Any) -> None:
    above = upstream(graph, warehouse.PUBLISHED)
    streams = {key for key in graph.executable_asset_keys if graph.get(key).is_partitioned}
    assert streams <= above
    assert {warehouse.LOADS, warehouse.IDENTIFIERS, warehouse.RECONCILIATION} <= above


def test_every_asset_is_made_by_a_step_of_ours(graph: Any) -> None:
    assert graph.get_all_asset_keys() - graph.executable_asset_keys == set()


@pytest.mark.parametrize(
    ("mart", "stream"),
    [
        ("fct_order", ("square", "orders")),
        ("fct_message", ("klaviyo", "events")),
        ("fct_ad_performance", ("google_ads", "ad_performance")),
        ("fct_ad_performance", ("meta_ads", "ad_performance")),
        ("fct_social_performance", ("meta_social", "facebook_posts")),
        ("fct_web_session", ("snowplow", "enriched_events")),
    ],
)
def test_a_mart_hangs_on_its_vendors_streams(
    graph: Any, mart: str, stream: tuple[str, str]
) -> None:
    assert dg.AssetKey(stream) in upstream(graph, dg.AssetKey(["marts", mart]))


def test_every_staging_model_waits_for_the_gate(graph: Any) -> None:
    staging = {key for key in graph.executable_asset_keys if key.path[0] == "staging"}
    assert staging
    assert all(warehouse.LOADS in graph.get(key).parent_keys for key in staging)


def test_every_step_that_opens_the_build_file_is_in_its_pool(graph: Any) -> None:
    opening = [
        a for a in graph.assets_defs if not a.partitions_def and health.VENDORS not in a.keys
    ]
    assert opening
    assert {pool for a in opening for pool in a.op.pools} == {warehouse.POOL}
    assert all(a.op.pools for a in opening)


def test_there_is_a_check_for_every_stream(graph: Any) -> None:
    checks = {key.name for key in graph.asset_check_keys if key.asset_key == warehouse.LOADS}
    assert checks == {
        warehouse.check_name(vendor.name, stream.name)
        for vendor in connectors.vendors().values()
        for stream in vendor.streams
    }


def test_jobs_and_schedules(small: dg.Definitions) -> None:
    assert {job.name for job in small.resolve_all_job_defs()} >= {"nightly", "build", "till"}
    till = small.resolve_job_def("till")
    names = {node.name for node in till.nodes}
    assert "shop__orders" in names
    assert "shop__visits" not in names
    assert "shop__orders" not in {node.name for node in small.resolve_job_def("build").nodes}


def test_a_night_asks_only_configured_vendors(small: dg.Definitions) -> None:
    asked = jobs.build_jobs([], [])
    assert set(asked) == {"nightly", "build", "till"}


def test_only_failures_of_vendors_let_the_rest_go_on() -> None:
    landing = ["shop__orders", "shop__visits"]
    assert jobs.only_landing_failed(["shop__visits"], landing)
    assert not jobs.only_landing_failed(["shop__visits", "marts"], landing)
    assert not jobs.only_landing_failed([], landing)
