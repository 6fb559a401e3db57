"""A data folder of one's own, and the small project with fakes for the other rooms."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import duckdb
import pytest
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster_dbt import DbtProject

from connectors.doctor import Diagnosis, Finding
from connectors.stream import ConnectorError, Stream, Vendor, Window
from orchestration import environment, modelling
from orchestration.assembly import build_definitions
from orchestration.warehouse import Rooms
from tests.dbt_project import parsing

SMALL_DBT = Path(__file__).parent / "small_dbt"


def never(*_: Any) -> Any:
    raise AssertionError("a fake extract stands before the vendor")


@dataclass
class Fakes:
    """The rooms around orchestration: what they were asked, and what they are to do."""

    pulled: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    stopped_at: str = ""
    ill: set[str] = field(default_factory=set)
    held: bool = False
    differing: bool = False
    nobody: bool = False
    told: str = ""

    def extract(self, vendor: str, stream: str, start: datetime, end: datetime) -> Any:
        if stream in self.broken:
            error = ConnectorError("the vendor is down", remedy="call the vendor", status=503)
            raise error.at(vendor, stream, Window(start, end))
        if stream == self.stopped_at:
            raise DagsterExecutionInterruptedError
        self.pulled.append((stream, start, end))
        return SimpleNamespace(pages=2, rows=3, size=10, load_id=f"load of {stream}")

    def examine(self, vendor: Vendor) -> Diagnosis:
        ill = vendor.name in self.ill
        finding = Finding("expired token", "it ended yesterday", "renew it.")
        return Diagnosis(vendor.name, (finding,) if ill else (), ("answers in 0.1 s",))

    def register(self, con: duckdb.DuckDBPyConnection, _: str) -> None:
        con.execute("create schema if not exists ops")
        con.execute(
            "create or replace table ops.loads as select 'l1' as load_id, 'landed' as status"
        )

    def judge(self, con: duckdb.DuckDBPyConnection) -> list[Any]:
        con.execute(f"update ops.loads set status = '{'held' if self.held else 'accepted'}'")
        return [
            SimpleNamespace(
                vendor="shop",
                stream="orders",
                is_accepted=not self.held,
                figures={"new_rows": 3.0, "quarantined_rows": 0.0, "changed_fields": 1.0},
                warnings=["the vendor's fields changed: $.mood is new"],
                tables={"schema_drift": "| change | field |\n|---|---|\n| new | `$.mood` |"},
            )
        ]

    def resolve(self, con: duckdb.DuckDBPyConnection) -> list[Any]:
        con.execute("create schema if not exists identity")
        con.execute(
            "create or replace table identity.customer_identifiers as"
            f" select 'c1' as customer_id, '{'x@y.z' if self.nobody else 'a@b.c'}' as email"
        )
        return [SimpleNamespace(name="changes", figures={"rules": 1.0}, wrong=(), told=self.told)]

    def compare(self, _: duckdb.DuckDBPyConnection) -> list[Any]:
        return [
            SimpleNamespace(vendor="shop", is_equal=not self.differing, is_wrong=self.differing)
        ]


SHOP = Vendor(
    "shop",
    (Stream("orders", never, lookback_days=2, cadence="hourly"), Stream("visits", never)),
    never,
    required=("api_key", "account"),
)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data folder, made ready; the environment is as before afterwards."""
    before = dict(os.environ)
    monkeypatch.setenv("THROUGHLINE_DATA", str(tmp_path / "data"))
    for name in [name for name in os.environ if name.startswith(("SOURCES__", "THROUGHLINE_S"))]:
        monkeypatch.delenv(name)
    yield environment.prepare()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


def parses_here(project: DbtProject) -> Any:
    """A `dbt` that parses in this process: to start another takes longer than so few models."""

    def cli(arguments: Sequence[str], target_path: Path) -> Any:
        parsing.invoke(target_path, *arguments, project=project.project_dir)
        return SimpleNamespace(wait=lambda: None)

    return SimpleNamespace(cli=cli)


@pytest.fixture(scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """dbt's artifacts of the small project: parsing takes seconds, once is enough."""
    before = dict(os.environ)
    folder = tmp_path_factory.mktemp("parsed")
    try:
        os.environ["THROUGHLINE_DATA"] = str(folder / "data")
        environment.prepare()
        os.environ["DBT_TARGET_PATH"] = str(folder / "dbt")
        (folder / "dbt").mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(modelling, "command", parses_here)
            modelling.project(SMALL_DBT)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return folder / "dbt"


class BuildsNothing(modelling.Dbt):
    """A `dbt` that takes no time: every model counts as built."""

    def cli(self, *_: Any, context: Any, **__: Any) -> Any:
        # Dagster wants them in the order of their lineage: staging before intermediate.
        keys = sorted(context.selected_asset_keys, reverse=True)
        built = [dg.MaterializeResult(asset_key=key) for key in keys]
        return SimpleNamespace(stream=lambda: built, target_path=Path("nowhere"))


def builds_nothing(project: DbtProject) -> BuildsNothing:
    return BuildsNothing(
        project_dir=str(project.project_dir), dbt_executable=str(modelling.COMMAND)
    )


@pytest.fixture
def small(data: Path, parsed: Path, fakes: Fakes, request: pytest.FixtureRequest) -> dg.Definitions:
    """Definitions over the small project and the fakes; its parameter is the `dbt` to use."""
    shutil.copytree(parsed, data / "dbt", dirs_exist_ok=True)
    return build_definitions(
        vendors={"shop": SHOP},
        extract=fakes.extract,
        examine=fakes.examine,
        dbt_folder=SMALL_DBT,
        dbt_command=getattr(request, "param", builds_nothing),
        other_rooms=Rooms(
            fakes.register, fakes.judge, fakes.resolve, fakes.compare, alarms=("changes",)
        ),
    )
