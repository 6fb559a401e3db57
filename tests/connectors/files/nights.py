"""Nights of a drop area: land, type, accept, and what stands above."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from connectors.settings import landing_url
from data_quality.loads import register
from tests.connectors.files.conftest import DropArea
from tests.dbt_project.conftest import Row, Warehouse


class Nights:
    """A drop area with the warehouse behind it; each night lands, types and accepts."""

    def __init__(
        self,
        folder: Path,
        domains: tuple[str, ...] = ("orders", "offline_activity"),
        above: tuple[str, ...] = (
            "stg_files__order_lines",
            "stg_files__offline_activity",
            "int_orders__files",
        ),
    ) -> None:
        self.domains, self.above = domains, above
        self.drop = DropArea(folder / "data" / "drop")
        self.warehouse = Warehouse(folder)

    def run(self, *flags: str, verdict: str = "accepted") -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("THROUGHLINE_DATA", str(self.drop.folder.parent))
            patch.setenv("SOURCES__FILES__SETTLE_SECONDS", "0")
            for domain in self.domains:
                self.drop.land(domain)
            with duckdb.connect(str(self.warehouse.path)) as con:
                register(con, landing_url())
        base = [f"base_files__{domain}" for domain in self.domains]
        self.warehouse.dbt("run", *flags, "--select", *base)
        self.warehouse.sql(f"update ops.loads set status = '{verdict}' where status = 'landed'")
        self.warehouse.dbt("run", *flags, "--select", *self.above)

    def base(self, feed: str, model: str = "orders") -> list[Row]:
        return self.warehouse.sql(
            f"select * from base.base_files__{model} where feed_name = ?"
            " order by load_id, row_number",
            [feed],
        )

    def lines(self, feed: str) -> list[Row]:
        return self.warehouse.sql(
            "select * from staging.stg_files__order_lines where feed_name = ? and not is_deleted"
            " order by file_name, row_number",
            [feed],
        )

    def orders(self, feed: str) -> list[Row]:
        return self.warehouse.sql(
            "select * from intermediate.int_orders__files where order_source = ? order by order_id",
            [feed],
        )
