"""Staging: one row per thing as it is now, money in decimals, the columns that others build on."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.dbt_project import vendor_pages as pages
from tests.dbt_project.conftest import Row, Warehouse
from tests.dbt_project.declared_columns import declared_fields
from tests.dbt_project.parsing import PROJECT

FIELDS = declared_fields(PROJECT / "models/base/snowplow/base_snowplow__enriched_events.sql")
MODELS = [
    "stg_klaviyo__campaigns",
    "stg_klaviyo__events",
    "stg_square__catalog_items",
    "stg_square__customers",
    "stg_square__order_lines",
    "stg_square__orders",
    "stg_google_ads__ad_performance",
    "stg_meta_ads__ad_performance",
    "stg_meta_social__facebook_posts",
    "stg_meta_social__instagram_media",
    "stg_snowplow__events",
]


def _in_currency(order: Row, currency: str) -> Row:
    """A copy of an order with all its money in another currency."""

    def change(value: Any) -> Any:
        if isinstance(value, dict):
            copy = {key: change(each) for key, each in value.items()}
            return {**copy, "currency": currency} if "currency" in copy else copy
        return [change(each) for each in value] if isinstance(value, list) else value

    changed: Row = change(order)
    return changed


def _exchange() -> Row:
    """An order that takes a shirt back and sells another."""
    bought, returned = pages.order(5), pages.order_return(5)
    nothing = pages.money(0)
    return {
        **bought,
        "returns": returned["returns"],
        "net_amounts": dict.fromkeys(("total_money", "tax_money", "discount_money"), nothing),
    }


@pytest.fixture(scope="module")
def staged(warehouse: Warehouse) -> Warehouse:
    """Two nights of the streams whose staging has a thought of its own."""
    upstream = [f"+{model}" for model in MODELS]
    warehouse.dbt("run", "--select", *upstream)
    small, large = pages.variation("SMALL"), pages.variation("LARGE", 2499)
    deleted = {**pages.item(), "is_deleted": True, "updated_at": "2026-01-02T00:00:00Z"}
    warehouse.land("klaviyo.campaigns", [{"data": [pages.email_campaign()]}])
    warehouse.land("klaviyo.events", [{"data": [pages.email_event()]}])
    warehouse.land("square.catalog", [{"objects": [pages.item(small, large), pages.category()]}])
    warehouse.land("square.customers", [{"customers": [pages.customer("0000-05-12")]}])
    warehouse.land(
        "square.orders",
        [
            {
                "orders": [
                    pages.order(1, pages.sold_line("a"), pages.sold_line("b", "0.5", 1001, 0)),
                    pages.order_return(2),
                    _in_currency(pages.order(3), "JPY"),
                    _in_currency(pages.order(4), "KWD"),
                    _exchange(),
                ]
            }
        ],
    )
    warehouse.land("google_ads.ad_performance", [{"results": [pages.google_day()]}])
    warehouse.land("meta_ads.accounts", [pages.meta_account()])
    no_purchase = [{"action_type": "link_click", "value": "1"}]
    warehouse.land(
        "meta_ads.ad_performance",
        [{"data": [pages.meta_day(), pages.meta_day("2026-01-02", actions=no_purchase)]}],
    )
    warehouse.land("meta_social.facebook_posts", [{"data": [pages.facebook_post()]}])
    warehouse.land("meta_social.instagram_media", [{"data": [pages.instagram_medium()]}])
    lines = [
        pages.enriched_event(FIELDS, 1),
        pages.enriched_event(FIELDS, 2, event="struct", event_name="event", derived_tstamp=""),
        pages.enriched_event(FIELDS, 3, event="unstruct", event_name="link_click"),
    ]
    warehouse.land("snowplow.enriched_events", ["\n".join(lines)])
    warehouse.dbt("run", "--select", *upstream)
    warehouse.land("square.orders", [{"orders": [pages.order(1, pages.sold_line("b"))]}], day=2)
    warehouse.land("square.catalog", [{"objects": [pages.item(small)]}], day=2)
    warehouse.land("square.catalog", [{"objects": [deleted]}], day=3, status="held")
    warehouse.land(
        "google_ads.ad_performance", [{"results": [pages.google_day(conversions=2.25)]}], day=2
    )
    warehouse.land("meta_social.facebook_posts", [{"data": [pages.facebook_post(900)]}], day=2)
    warehouse.dbt("build", "--select", *upstream)
    return warehouse


def read(warehouse: Warehouse, model: str, order: str) -> list[Row]:
    return warehouse.sql(f"select * from staging.{model} order by {order}")


def amounts(row: Row) -> tuple[Decimal, ...]:
    names = ("gross_amount", "discount_amount", "tax_amount", "net_amount")
    return tuple(row[name] for name in names)


def decimals(*values: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, values))


def test_an_order_is_worth_what_the_customer_paid(staged: Warehouse) -> None:
    sale, order_return, yen, dinar, exchange = read(staged, "stg_square__orders", "all")
    assert amounts(sale) == decimals("40", "5", "2.8", "37.8")
    assert amounts(order_return) == decimals("-40", "-5", "-2.8", "-37.8")
    assert amounts(yen) == decimals("4000", "500", "280", "3780")
    assert amounts(dinar) == decimals("4", "0.5", "0.28", "3.78")
    assert amounts(exchange) == decimals("0", "0", "0", "0")
    assert [row["is_return"] for row in (sale, order_return, exchange)] == [False, True, False]
    assert order_return["source_order_id_square"] == "O1"
    assert (sale["web_transaction_id"], sale["ordered_at"]) == ("WEB1", datetime(2026, 1, 1, 12))


def test_the_lines_of_an_order_are_those_of_its_current_version(staged: Warehouse) -> None:
    lines = read(staged, "stg_square__order_lines", "order_line_id_square")
    assert [line["order_line_id_square"] for line in lines] == [
        "O1:b",
        "O2:r",
        "O3:a",
        "O4:a",
        "O5:a",
        "O5:r",
    ]
    assert (lines[0]["quantity"], *amounts(lines[0])) == decimals("2", "40", "5", "2.8", "37.8")
    assert (lines[1]["quantity"], *amounts(lines[1])) == decimals(
        "-2", "-40", "-5", "-2.8", "-37.8"
    )
    assert [line["is_return"] for line in lines] == [False, True, False, False, False, True]


def test_lines_add_up_to_their_orders(staged: Warehouse) -> None:
    assert not staged.sql(
        "select orders.order_id_square from staging.stg_square__orders as orders"
        " inner join staging.stg_square__order_lines as lines using (order_id_square)"
        " group by all having sum(lines.net_amount) <> any_value(orders.net_amount)"
        " or sum(lines.gross_amount) <> any_value(orders.gross_amount)"
    )


def test_a_variation_that_left_its_item_is_kept_as_deleted(staged: Warehouse) -> None:
    items = read(staged, "stg_square__catalog_items", "product_id_square")
    assert [(item["product_id_square"], item["is_deleted"]) for item in items] == [
        ("LARGE", True),
        ("SMALL", False),
    ]
    assert [item["price_amount"] for item in items] == list(decimals("24.99", "19.99"))
    assert {item["category_name"] for item in items} == {"Shirts"}


def test_a_birthday_without_its_year_is_no_date_of_birth(staged: Warehouse) -> None:
    assert read(staged, "stg_square__customers", "all")[0]["birth_date"] is None


def test_every_version_of_an_ad_day_is_kept_and_one_is_current(staged: Warehouse) -> None:
    versions = read(staged, "stg_google_ads__ad_performance", "pulled_at")
    assert [
        (row["conversions_platform_reported"], row["is_current"], row["pulled_at"].day)
        for row in versions
    ] == [(1.5, False, 1), (2.25, True, 2)]
    assert versions[0]["spend_amount"] == Decimal("56.78")
    assert versions[0]["conversions_value_amount"] == Decimal("99.1235")


def test_meta_claims_purchases_and_where_it_names_none_there_is_null(staged: Warehouse) -> None:
    first, second = read(staged, "stg_meta_ads__ad_performance", "report_date")
    assert first["conversions_platform_reported"] == Decimal(2)
    assert first["conversions_value_amount"] == Decimal("78.9")
    assert second["conversions_platform_reported"] is None
    assert (first["report_timezone"], first["report_date"]) == (
        "America/Chicago",
        date(2026, 1, 1),
    )


def test_posts_carry_what_they_achieved_by_each_pull(staged: Warehouse) -> None:
    before, after = read(staged, "stg_meta_social__facebook_posts", "pulled_at")
    assert [(row["views"], row["is_current"]) for row in (before, after)] == [
        (500, False),
        (900, True),
    ]
    assert (after["clicks"], after["reactions"], after["likes"]) == (20, 15, 12)
    assert (after["reach"], after["comments"], after["shares"]) == (350, 7, 3)
    assert after["account_id_meta"] == "555"
    medium = read(staged, "stg_meta_social__instagram_media", "all")[0]
    assert (medium["views"], medium["reach"], medium["saves"]) == (410, 300, 5)
    assert medium["account_id_meta"] == "17841400008460056"


def test_web_events_are_named_and_dated(staged: Warehouse) -> None:
    events = read(staged, "stg_snowplow__events", "event_id")
    assert [event["event_name"] for event in events] == ["transaction", "struct", "link_click"]
    assert events[0]["occurred_at"] == datetime(2026, 1, 1, 12, 0, 1, 250000)
    assert events[1]["occurred_at"] == datetime(2026, 1, 1, 12, 0, 1, 500000)
    assert events[0]["transaction_amount"] == Decimal("37.8")
    assert events[0]["is_mobile"] is False


def test_email_events_and_campaigns_name_their_message(staged: Warehouse) -> None:
    event = read(staged, "stg_klaviyo__events", "all")[0]
    campaign = read(staged, "stg_klaviyo__campaigns", "all")[0]
    assert event["message_id_klaviyo"] == campaign["message_id_klaviyo"] == "M1"
    assert (event["profile_id_klaviyo"], event["metric_id_klaviyo"]) == ("P1", "METRIC")


def test_money_is_decimal_with_a_currency_beside_it(staged: Warehouse) -> None:
    columns = staged.sql(
        "select table_name, column_name, data_type from duckdb_columns()"
        " where schema_name = 'staging' and column_name like '%amount'"
    )
    assert columns
    assert {column["data_type"] for column in columns} == {"DECIMAL(18,4)"}
    with_currency = staged.sql(
        "select table_name from duckdb_columns()"
        " where schema_name = 'staging' and column_name = 'currency_code'"
    )
    tables = {column["table_name"] for column in with_currency}
    assert {column["table_name"] for column in columns} <= tables
