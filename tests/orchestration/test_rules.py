"""A file of rules with an error is left out of the night, where an older one was loaded."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import duckdb
import pytest
from dagster_dbt import DbtProject

from orchestration import environment, modelling, warehouse
from orchestration.assembly import build_definitions
from tests.orchestration.conftest import SHOP, SMALL_DBT, Fakes

WRONG = {"identity_limits": ["identity_limits.csv line 3: max_linked is no whole number: 'x'"]}


def run(fakes: Fakes, asked: list[list[str]]) -> dg.ExecuteInProcessResult:
    class Listens(modelling.Dbt):
        def cli(self, args: Any, *_: Any, context: Any, **__: Any) -> Any:
            asked.append(list(args))
            keys = sorted(context.selected_asset_keys, reverse=True)
            built = [dg.MaterializeResult(asset_key=key) for key in keys]
            return SimpleNamespace(stream=lambda: built, target_path=Path("nowhere"))

    def listens(project: DbtProject) -> Listens:
        return Listens(project_dir=str(project.project_dir), dbt_executable=str(modelling.COMMAND))

    other = warehouse.Rooms(
        fakes.register, fakes.judge, fakes.resolve, fakes.compare, rules=lambda: WRONG
    )
    defs = build_definitions(
        vendors={"shop": SHOP},
        extract=fakes.extract,
        examine=fakes.examine,
        dbt_folder=SMALL_DBT,
        dbt_command=listens,
        other_rooms=other,
    )
    job = defs.resolve_job_def("build")
    return job.execute_in_process(raise_on_error=False)


def test_a_file_with_an_error_is_left_out(data: Path, parsed: Path, fakes: Fakes) -> None:
    with duckdb.connect(str(environment.build_file())) as con:
        con.execute("create schema seeds")
        con.execute("create table seeds.identity_limits as select 1 as max_linked")
    asked: list[list[str]] = []
    run(fakes, asked)
    assert [call[-2:] for call in asked if "identity_limits" in call] == [
        ["--exclude", "identity_limits"]
    ]


def test_without_a_last_good_file_the_error_is_told() -> None:
    with duckdb.connect() as con, pytest.raises(dg.Failure, match=r"csv line 3") as caught:
        warehouse.refuse_without_last_good(con, WRONG)
    assert "none can stay in force" in str(caught.value)
