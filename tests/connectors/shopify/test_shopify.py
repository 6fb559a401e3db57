"""Shopify's connector against the sandbox's Shopify, whose truth is known."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import sandbox
from connectors.landing import extract
from connectors.settings import VendorSettings
from connectors.shopify import VENDOR, queries
from connectors.stream import ConnectorError, Window
from sandbox import shopify_cost
from tests.connectors.landed import END, START, landed_pages, landed_table
from tests.worlds import serving

BULK = "SOURCES__SHOPIFY__BULK_AFTER_DAYS"
NEVER, ALWAYS = "1000", "0"


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sandbox.Running]:
    with serving(
        tmp_path_factory.mktemp("shopify"),
        people=300,
        days=20,
        start=START.date(),
        now=END + timedelta(hours=3),
        vendors=["shopify"],
    ) as running:
        yield running


@pytest.fixture
def shop(_running: sandbox.Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[sandbox.Running]:
    for name, value in _running.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RUNTIME__REQUEST_TIMEOUT", "5")
    yield _running
    _running.clear_faults()
    shopify_cost.BUCKET.limit(shopify_cost.CAPACITY, shopify_cost.RESTORED)


def rows(stream: str, root: str | None = None) -> list[dict[str, Any]]:
    found = []
    for page in landed_pages("shopify", stream):
        data = page["data"] if root is None else page["data"][root]
        found += data["nodes"]
    return found


def truth(shop: sandbox.Running, table: str) -> list[dict[str, Any]]:
    """The rows of a truth table that Shopify shows by now."""
    return list(shop.truth(table).to_pylist())


def cents(money: dict[str, Any]) -> int:
    return round(float(money["shopMoney"]["amount"]) * 100)


@pytest.mark.parametrize("bulk", [NEVER, ALWAYS])
class TestBothWays:
    @pytest.fixture(autouse=True)
    def _way(self, shop: sandbox.Running, bulk: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(BULK, bulk)

    def test_every_order_lands_once_to_the_cent(self, shop: sandbox.Running) -> None:
        extract("shopify", "orders", START, END)
        found = rows("orders", "orders")
        right = {row["order_id"]: row for row in truth(shop, "shopify_order")}
        assert sorted(row["id"] for row in found) == sorted(right)
        assert len(found) > 60
        for row in found:
            assert cents(row["totalPriceSet"]) == right[row["id"]]["net_cents"]
            assert row["test"] == right[row["id"]]["is_test"]

    def test_every_line_lands_in_its_order_however_many_there_are(
        self, shop: sandbox.Running
    ) -> None:
        extract("shopify", "orders", START, END)
        found = {
            line["id"]: (order["id"], line["quantity"], cents(line["originalTotalSet"]))
            for order in rows("orders", "orders")
            for line in order["lineItems"]["nodes"]
        }
        known = {row["order_id"] for row in truth(shop, "shopify_order")}
        right = {
            row["line_id"]: (row["order_id"], row["quantity"], row["gross_cents"])
            for row in truth(shop, "shopify_order_line")
            if row["order_id"] in known
        }
        assert found == right
        longest = max(len(row["lineItems"]["nodes"]) for row in rows("orders", "orders"))
        assert longest > 50 + queries.NESTED, "no order is long enough for two more pages"

    def test_every_refund_lands_with_its_lines(self, shop: sandbox.Running) -> None:
        extract("shopify", "refunds", START, END)
        found = rows("refunds")
        right = {row["refund_id"]: row["net_cents"] for row in truth(shop, "shopify_refund")}
        assert {row["id"]: cents(row["totalRefundedSet"]) for row in found} == right
        assert len(found) == len(right) > 5
        lines = [line["id"] for row in found for line in row["refundLineItems"]["nodes"]]
        known = [row["refund_line_id"] for row in truth(shop, "shopify_refund_line")]
        assert sorted(lines) == sorted(known)

    def test_every_customer_lands(self, shop: sandbox.Running) -> None:
        extract("shopify", "customers", START, END)
        found = {row["id"] for row in rows("customers", "customers")}
        assert found == {row["customer_id"] for row in truth(shop, "shopify_customer")}
        assert len(found) > 50

    def test_a_quiet_window_is_a_page_without_rows(self, shop: sandbox.Running) -> None:
        quiet = START - timedelta(days=30)
        extract("shopify", "orders", quiet, quiet + timedelta(days=2))
        assert rows("orders", "orders") == []
        assert landed_pages("shopify", "orders")


def test_both_ways_bring_the_same_orders(
    shop: sandbox.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(way: str) -> dict[str, Any]:
        monkeypatch.setenv(BULK, way)
        monkeypatch.setenv("THROUGHLINE_DATA", f"{os.environ['THROUGHLINE_DATA']}-{way}")
        extract("shopify", "orders", START, END)
        found = {row["id"]: row for row in rows("orders", "orders")}
        for row in found.values():
            # Where the rest of the lines lies, and whose they are, is a matter of the way.
            row["lineItems"] = [
                {key: value for key, value in line.items() if key != "__parentId"}
                for line in row["lineItems"]["nodes"]
            ]
        return found

    assert read(NEVER) == read(ALWAYS)


@pytest.mark.parametrize(
    ("stream", "root", "table", "key"),
    [("locations", "locations", "shopify_location", "location_id")],
)
def test_closed_locations_land_as_well(
    shop: sandbox.Running, stream: str, root: str, table: str, key: str
) -> None:
    extract("shopify", stream, START, END)
    found = rows(stream, root)
    assert sorted(row["id"] for row in found) == sorted(row[key] for row in truth(shop, table))
    assert {row["isActive"] for row in found} == {True, False}


def test_the_catalogue_shows_what_is_left_and_deletions_the_others(
    shop: sandbox.Running,
) -> None:
    extract("shopify", "products", START, END)
    extract("shopify", "deletions", START, END)
    variants = truth(shop, "shopify_variant")
    now = shop.now.replace(tzinfo=None)
    gone = [row for row in variants if row["deleted_at"] and row["deleted_at"] <= now]
    assert gone
    shown = {row["id"] for row in rows("products", "productVariants")}
    assert shown == {row["variant_id"] for row in variants if row not in gone}
    subjects = {row["subjectId"] for row in rows("deletions", "events")}
    assert subjects == {
        row["product_id"] if row["goes_with_product"] else row["variant_id"] for row in gone
    }


def test_an_order_that_changed_after_midnight_is_not_missed(shop: sandbox.Running) -> None:
    orders = truth(shop, "shopify_order")
    now = shop.now.replace(tzinfo=None)
    changed = next(
        row
        for row in orders
        if row["refunded_at"] and row["refunded_at"] < now and not row["refunded_again_at"]
    )
    day = changed["refunded_at"].replace(hour=0, minute=0, second=0, tzinfo=UTC)
    # The window ends before the refund; by now the order has no older version to be found by.
    extract("shopify", "orders", day - timedelta(days=1), day)
    assert changed["order_id"] in {row["id"] for row in rows("orders", "orders")}


class TestRefusals:
    def test_a_wrong_token_is_said_to_be_one(
        self, shop: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCES__SHOPIFY__ACCESS_TOKEN", "wrong")
        with pytest.raises(ConnectorError, match="Invalid API key") as caught:
            extract("shopify", "orders", START, END)
        assert caught.value.status == 401
        assert "renew SOURCES__SHOPIFY__ACCESS_TOKEN" in str(caught.value)

    def test_a_missing_scope_is_named(
        self, shop: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCES__SHOPIFY__ACCESS_TOKEN", "shpat_without-read_customers")
        with pytest.raises(ConnectorError, match="`read_customers` access scope") as caught:
            extract("shopify", "customers", START, END)
        assert "install it again" in str(caught.value)

    def test_without_read_all_orders_an_early_window_is_refused_and_a_late_one_warned_of(
        self,
        shop: sandbox.Running,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setenv("SOURCES__SHOPIFY__ACCESS_TOKEN", "shpat_without-read_all_orders")
        with pytest.raises(ConnectorError, match="lacks the scope read_all_orders"):
            extract("shopify", "orders", END - timedelta(days=70), END)
        with caplog.at_level(logging.WARNING):
            extract("shopify", "orders", END - timedelta(days=2), END)
        assert "nothing is shown of orders made more than 60 days ago" in caplog.text

    def test_the_probe_names_what_the_app_may_not_read(
        self, shop: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = VendorSettings("shopify", VENDOR.secrets)
        assert VENDOR.probe
        assert list(VENDOR.probe(VENDOR.connect(settings)))
        monkeypatch.setenv("SOURCES__SHOPIFY__ACCESS_TOKEN", "shpat_without-read_products")
        with pytest.raises(ConnectorError, match="lacks the scope read_products"):
            list(VENDOR.probe(VENDOR.connect(settings)))

    def test_a_number_of_days_that_is_none_is_refused_by_name(
        self, shop: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(BULK, "a week")
        with pytest.raises(ConnectorError, match="BULK_AFTER_DAYS is 'a week'"):
            extract("shopify", "orders", START, END)


class TestCosts:
    def test_a_small_bucket_is_never_overdrawn(
        self, shop: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(BULK, NEVER)
        # Room for one question of this size and a little more, filled up within a second.
        shopify_cost.BUCKET.limit(2000, 8000)
        before = len(shop.requests)
        extract("shopify", "orders", END - timedelta(days=6), END)
        asked = shop.requests[before:]
        assert len(asked) > 10
        assert landed_pages("shopify", "orders")
        assert shopify_cost.BUCKET.refused == 0

    def test_throttling_is_waited_out(self, shop: sandbox.Running) -> None:
        shop.fault("shopify", "orders", "rate_limit", times=2)
        extract("shopify", "orders", START, END)
        assert len(rows("orders", "orders")) == len(truth(shop, "shopify_order"))

    def test_a_query_that_costs_too_much_is_asked_for_fewer_rows(
        self, shop: sandbox.Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(BULK, NEVER)
        monkeypatch.setattr("sandbox.shopify.MOST", 500)
        extract("shopify", "orders", END - timedelta(days=6), END)
        requests = landed_table("shopify", "orders")["request"].to_pylist()
        assert requests
        assert all('"first": 2' in request for request in requests)


@pytest.mark.parametrize("fault", ["error", "truncated", "html_200", "reset", "rate_limit"])
@pytest.mark.parametrize("bulk", [NEVER, ALWAYS])
def test_passing_faults_of_any_kind_lose_nothing(
    shop: sandbox.Running, monkeypatch: pytest.MonkeyPatch, fault: str, bulk: str
) -> None:
    monkeypatch.setenv(BULK, bulk)
    start = END - timedelta(days=4)
    shop.fault("shopify", None, fault, times=2, skip=2)
    extract("shopify", "orders", start, END)
    settings = VendorSettings("shopify", VENDOR.secrets)
    again = VENDOR.stream("orders").pages(VENDOR.connect(settings), Window(start, END))
    assert sum(page.rows for page in again) == len(rows("orders", "orders")) > 5


def test_no_token_and_no_signed_address_is_landed(
    shop: sandbox.Running, monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    monkeypatch.setenv(BULK, ALWAYS)
    extract("shopify", "orders", START, END)
    landed = str(landed_table("shopify", "orders").to_pylist())
    assert "shpat_" not in landed
    assert "bulk-results" not in landed
    assert "gid://shopify/BulkOperation/" in landed


def test_the_clock_of_a_page_is_the_shops(shop: sandbox.Running) -> None:
    extract("shopify", "shop", START, END)
    (pulled_at,) = landed_table("shopify", "shop")["pulled_at"].to_pylist()
    assert pulled_at == datetime(2026, 1, 21, 3, tzinfo=UTC)
