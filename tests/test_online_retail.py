"""541,909 real till lines go through the whole way of the data and come out with their totals.

The data set (UCI Online Retail: returns, guests, bad debt, equal lines, zero prices) is read where
it lies beside the repository and never copied into it; without it these tests are skipped.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.landing import extract
from connectors.settings import REPOSITORY, landing_url
from data_quality import gate
from data_quality.loads import register
from identity.resolution import create_tables, resolve
from tests.dbt_project.conftest import Row, Warehouse

DATA_SET = REPOSITORY.parent / "shared" / "datasets" / "online_retail"
TEMPLATE = REPOSITORY / "connectors" / "files" / "templates" / "online_retail.yml"
NIGHT = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)

pytestmark = pytest.mark.skipif(
    not (DATA_SET / "online_retail.parquet").exists(),
    reason=f"the Online Retail data set is not at {DATA_SET.relative_to(REPOSITORY.parent)}",
)


class Night:
    """One night over the dropped data set, in steps."""

    def __init__(self, folder: Path) -> None:
        self.warehouse = Warehouse(folder)
        self.known: dict[str, Any] = json.loads((DATA_SET / "known_answers.json").read_text())
        self.data = folder / "data"

    def drop(self, feed: str, form: str) -> None:
        """The data set as it lies there, or as the CSV that a till would export."""
        folder = self.data / "drop" / feed
        folder.mkdir(parents=True)
        source = DATA_SET / "online_retail.parquet"
        if form == "parquet":
            (folder / source.name).symlink_to(source)
        else:
            duckdb.execute(f"copy (from '{source}') to '{folder / 'online_retail.csv'}' (header)")
        declaration = TEMPLATE.read_text().replace("format: csv", f"format: {form}")
        (folder / "feed.yml").write_text(declaration)

    def land_and_type(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("THROUGHLINE_DATA", str(self.data))
            patch.setenv("SOURCES__FILES__SETTLE_SECONDS", "0")
            assert extract("files", "orders", *NIGHT).rows == self.known["rows"]
            with duckdb.connect(str(self.warehouse.path)) as con:
                register(con, landing_url())
                create_tables(con)
        self.warehouse.dbt("run", "--select", "base_files__orders")

    def model(self) -> None:
        with duckdb.connect(str(self.warehouse.path)) as con:
            (self.verdict,) = gate.judge(con, self.data / "docs")
        identity = ("+int_identity__edges", "+int_identity__identifiers")
        build = ("build", "--exclude-resource-type", "test", "unit_test")
        self.warehouse.dbt(*build, "--select", *identity)
        with duckdb.connect(str(self.warehouse.path)) as con:
            resolve(con)
        self.warehouse.dbt(
            *build, "--select", "+fct_order_line", "+fct_order", "--exclude", *identity
        )

    def one(self, query: str) -> Row:
        (row,) = self.warehouse.sql(query)
        return row


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The data set as it lies there, from the drop area to the facts."""
    night = Night(tmp_path_factory.mktemp("online_retail"))
    night.drop("online_retail", "parquet")
    night.land_and_type()
    night.model()
    return night


def test_the_load_is_accepted_and_nothing_is_in_quarantine(night: Night) -> None:
    assert night.verdict.status == "accepted"
    bad = "select count(*) as bad from base.base_files__orders where quarantine_reason is not null"
    assert night.one(bad) == {"bad": 0}


def test_orders_have_the_known_totals(night: Night) -> None:
    assert night.one(
        """
        select
            count(*) as invoices,
            count(*) filter (is_refund) as cancel_invoices,
            count(distinct customer_id) as customers,
            sum(net_amount) as revenue_net_all,
            min(ordered_at) as min_ts,
            max(ordered_at) as max_ts
        from marts.fct_order
        """
    ) == {
        **{name: night.known[name] for name in ("invoices", "cancel_invoices", "customers")},
        "revenue_net_all": Decimal(str(night.known["revenue_net_all"])),
        # The shop is closed in the hours in which British summer time would move a day.
        "min_ts": datetime.fromisoformat(night.known["min_ts"]),
        "max_ts": datetime.fromisoformat(night.known["max_ts"]),
    }


def test_order_lines_have_the_known_totals(night: Night) -> None:
    names = ("rows", "stock", "cancel_rows", "neg_qty", "neg_price", "zero_price")
    found = night.one(
        """
        select
            count(*) as rows,
            count(distinct product_id) as stock,
            count(*) filter (is_refund) as cancel_rows,
            count(*) filter (quantity < 0) as neg_qty,
            count(*) filter (net_amount < 0 and quantity > 0) as neg_price,
            count(*) filter (net_amount = 0) as zero_price,
            sum(net_amount) as revenue_net_all,
            sum(net_amount) filter (quantity > 0 and net_amount > 0) as revenue_pos
        from marts.fct_order_line
        """
    )
    assert found == {name: night.known[name] for name in names} | {
        name: Decimal(str(night.known[name])) for name in ("revenue_net_all", "revenue_pos")
    }


def test_each_month_has_its_known_revenue(night: Night) -> None:
    found = night.warehouse.sql(
        """
        select strftime(ordered_at, '%Y-%m') as month, sum(net_amount) as revenue
        from marts.fct_order_line
        where quantity > 0 and net_amount > 0
        group by month
        """
    )
    known = night.known["monthly_revenue_pos"]
    assert {row["month"]: row["revenue"] for row in found} == {
        month: Decimal(str(revenue)) for month, revenue in known.items()
    }


def test_equal_lines_are_kept_and_missing_values_stay_missing(night: Night) -> None:
    found = night.one(
        """
        select
            count(*) - count(distinct (order_id_files, product_id, product_name, quantity,
                ordered_at, unit_price_amount, customer_number, country)) as dup_rows,
            count(*) filter (customer_number is null) as null_cust,
            count(*) filter (product_name is null) as null_desc,
            count(distinct country) as countries,
            count(*) filter (country = 'United Kingdom') as uk_rows
        from staging.stg_files__order_lines
        """
    )
    assert found == {name: night.known[name] for name in found}


def test_each_month_has_its_known_customers(night: Night) -> None:
    found = night.warehouse.sql(
        """
        select
            strftime(lines.ordered_at, '%Y-%m') as month,
            count(distinct orders.customer_id) as customers
        from marts.fct_order_line as lines
        inner join marts.fct_order as orders on lines.order_id = orders.order_id
        where lines.quantity > 0 and lines.net_amount > 0
        group by month
        """
    )
    assert {row["month"]: row["customers"] for row in found} == night.known["monthly_active_A"]


def test_the_csv_of_a_till_gives_the_same_rows(night: Night) -> None:
    night.drop("till_export", "csv")
    night.land_and_type()
    columns = (
        "row_number, order_id, product_id, product_name, quantity, ordered_at, unit_price_amount,"
        " customer_number, country"
    )
    found = night.warehouse.sql(
        f"""
        select feed_name, count(*) as rows, sum(hash({columns})) as content
        from base.base_files__orders
        where quarantine_reason is null
        group by feed_name
        order by feed_name
        """
    )
    assert [row.pop("feed_name") for row in found] == ["online_retail", "till_export"]
    assert found[0] == found[1]
    assert found[0]["rows"] == night.known["rows"]
