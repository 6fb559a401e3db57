"""A small warehouse to try the dbt project on: landed pages by hand, dbt in this process."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dbt.contracts.graph.manifest import Manifest
from fsspec.core import url_to_fs

from identity import resolution as identity
from orchestration import locks
from tests.dbt_project import parsing

TIME = pa.timestamp("us", "UTC")
SCHEMA = pa.schema(
    [
        ("page", pa.string()),
        ("page_index", pa.int64()),
        ("pulled_at", TIME),
        ("source", pa.string()),
        ("stream", pa.string()),
        ("window_start", TIME),
        ("window_end", TIME),
        ("request", pa.string()),
    ]
)
Row = dict[str, Any]


class Warehouse:
    """A build file and its landing folder."""

    # One for all of this process: loading it takes longer than most models.
    _manifest: ClassVar[Manifest | None] = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / parsing.DATABASE
        self._loads = 0
        self._connection: duckdb.DuckDBPyConnection | None = None

    def dbt(self, *arguments: str) -> list[Any]:
        """Run dbt and return its results; fail the test with dbt's own words."""
        os.environ["THROUGHLINE_BUILD_DB"] = str(self.path)
        target = self.folder / "target"
        # Nobody reads the manifest that each call would write.
        arguments = (*arguments, "--no-write-json")
        Warehouse._manifest = Warehouse._manifest or parsing.parse(target, "--no-write-json")
        outcome = parsing.invoke(target, *arguments, manifest=Warehouse._manifest)
        return list(getattr(outcome.result, "results", None) or [])

    def sql(self, query: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Rows of a query (or none of a statement) as dicts."""
        if self._connection is None:
            # It stays open: to open a file of so many models takes longer than most queries.
            self._connection = duckdb.connect(str(self.path))
            self._connection.execute("set TimeZone = 'UTC'")
        cursor = self._connection.execute(query, list(parameters))
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def land(
        self,
        stream: str,
        pages: Sequence[str | Mapping[str, Any] | None],
        day: int = 1,
        status: str = "accepted",
        url: str = "",
        request: str = "GET /x",
    ) -> str:
        """Land pages of `<vendor>.<stream>` as pulled on a day of January 2026.

        Args:
            stream: vendor and stream.
            pages: bodies as text, or what to dump as JSON; None is a pull without a page.
            day: the day of the pull; its window is the four days before.
            status: the gate's verdict.
            url: an fsspec URL to land under; by default a folder.
            request: what the pages were asked for by.
        """
        vendor, name = stream.split(".")
        self._loads += 1
        load_id = f"{1767225600 + self._loads}.{self._loads:06}"
        pulled_at = datetime(2026, 1, day, 3, tzinfo=UTC)
        start = pulled_at - timedelta(days=4)
        bodies = [json.dumps(page) if isinstance(page, Mapping) else page for page in pages]
        rows = [
            (body, index, pulled_at, vendor, name, start, pulled_at, request)
            for index, body in enumerate(bodies)
        ]
        root = url or f"file://{self.folder}/landing"
        filesystem, folder = url_to_fs(f"{root}/{vendor}/{name}")
        filesystem.makedirs(folder, exist_ok=True)
        file = f"{folder}/{load_id}.abc123.parquet"
        columns = [
            pa.array(values, field.type)
            for values, field in zip(zip(*rows, strict=True), SCHEMA, strict=True)
        ]
        with filesystem.open(file, "wb") as sink:
            pq.write_table(pa.table(columns, schema=SCHEMA), sink)
        # Files of another landing stand with their whole URL.
        file = filesystem.unstrip_protocol(file) if url else f"{vendor}/{name}/{Path(file).name}"
        self.sql(
            "insert into ops.landing select ? where not exists (from ops.landing)",
            [f"{self.folder}/landing"],
        )
        self.sql(
            "insert into ops.loads values (?, ?, ?, ?, ?, ?, ?, [?], ?, ?, null, null, null)",
            [
                *(load_id, vendor, name),
                *(moment.replace(tzinfo=None) for moment in (start, pulled_at, pulled_at)),
                *(len(rows), file, status, self._loads if status == "accepted" else None),
            ],
        )
        return load_id

    def decide(self, load_id: str, status: str) -> None:
        """Set the verdict on a load."""
        self.sql(
            "update ops.loads set status = ?, accepted_seq = 1000 where load_id = ?",
            [status, load_id],
        )


@pytest.fixture(scope="session")
def _dbt_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One path for all modules: dbt parses anew when its profile names another file."""
    before = os.environ.get("THROUGHLINE_BUILD_DB")
    yield tmp_path_factory.mktemp("dbt")
    if before is None:
        os.environ.pop("THROUGHLINE_BUILD_DB", None)
    else:
        os.environ["THROUGHLINE_BUILD_DB"] = before


def everything_built(folder: Path) -> Path:
    """A file with every table and view there is, before anything landed: one for all workers.

    Args:
        folder: of the test's own.
    """
    shared = parsing.in_common(folder)
    built = shared / parsing.DATABASE
    with locks.held(shared / ".built.lock", "{pid} builds everything", wait_seconds=900):
        if not built.exists():
            empty = Warehouse(folder)
            with duckdb.connect(str(empty.path)) as con:
                identity.create_tables(con)
            empty.dbt("build", "--exclude-resource-type", "test", "unit_test")
            empty.sql("checkpoint")
            empty.close()
            shutil.copy(empty.path, folder / "whole")
            (folder / "whole").rename(built)
    return built


@pytest.fixture(scope="module")
def built(_dbt_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A warehouse of the module's own in which everything is built, before anything landed."""
    file = everything_built(tmp_path_factory.mktemp("made"))
    own = Warehouse(tmp_path_factory.mktemp("built"))
    shutil.copy(file, own.path)
    yield own
    own.close()


@pytest.fixture(scope="module")
def warehouse(_dbt_folder: Path) -> Iterator[Warehouse]:
    """An empty warehouse of the module's own."""
    empty = Warehouse(_dbt_folder)
    shutil.rmtree(_dbt_folder / "landing", ignore_errors=True)
    # dbt keeps the file open in this process, so it is emptied rather than deleted.
    for row in empty.sql("select distinct schema_name from duckdb_schemas() where not internal"):
        empty.sql(f"drop schema if exists {row['schema_name']} cascade")
    for row in empty.sql("select table_name from duckdb_tables() where schema_name = 'main'"):
        empty.sql(f"drop table main.{row['table_name']}")
    yield empty
    empty.close()
