"""Base models: what becomes a typed row, what goes to quarantine, which versions are kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.dbt_project import tiktok_pages as tiktok
from tests.dbt_project import vendor_pages as pages
from tests.dbt_project.conftest import Row, Warehouse
from tests.dbt_project.declared_columns import declared_fields
from tests.dbt_project.parsing import PROJECT

FIELDS = declared_fields(
    PROJECT / "models/base/snowplow/base_snowplow__enriched_events.sql", "fields"
)
GOOD: dict[str, Callable[[], str | Row]] = {
    "klaviyo.profiles": lambda: {"data": [pages.profile()]},
    "klaviyo.campaigns": lambda: {"data": [pages.email_campaign()]},
    "klaviyo.metrics": lambda: {"data": [pages.metric()]},
    "klaviyo.events": lambda: {"data": [pages.email_event()]},
    "square.locations": lambda: {"locations": [pages.location()]},
    "square.customers": lambda: {"customers": [pages.customer("1980-12-10")]},
    "square.catalog": lambda: {"objects": [pages.item(pages.variation("SMALL"))]},
    "square.orders": lambda: {"orders": [pages.order(), pages.order_return()]},
    "square.payments": lambda: {"payments": [pages.payment()]},
    "square.refunds": lambda: {"refunds": [pages.refund()]},
    "google_ads.campaigns": lambda: {"results": [pages.google_campaign()]},
    "google_ads.ads": lambda: {"results": [pages.google_ad()]},
    "google_ads.ad_performance": lambda: {"results": [pages.google_day()]},
    "google_ads.account_performance": lambda: {"results": [pages.google_day()]},
    "meta_ads.account_performance": lambda: {"data": [pages.meta_account_day()]},
    "meta_ads.accounts": pages.meta_account,
    "meta_ads.campaigns": lambda: {"data": [pages.meta_campaign()]},
    "meta_ads.ads": lambda: {"data": [pages.meta_ad()]},
    "meta_ads.ad_performance": lambda: {"data": [pages.meta_day()]},
    "meta_social.facebook_posts": lambda: {"data": [pages.facebook_post()]},
    "meta_social.instagram_media": lambda: {"data": [pages.instagram_medium()]},
    "tiktok_ads.advertisers": lambda: tiktok.page(tiktok.tiktok_advertiser()),
    "tiktok_ads.campaigns": lambda: tiktok.page(tiktok.tiktok_campaign()),
    "tiktok_ads.ads": lambda: tiktok.page(tiktok.tiktok_ad()),
    "tiktok_ads.ad_performance": lambda: tiktok.page(tiktok.tiktok_day()),
    "tiktok_ads.account_performance": lambda: tiktok.page(tiktok.tiktok_account_day()),
    "snowplow.enriched_events": lambda: pages.enriched_event(FIELDS) + "\n",
}
CAMPAIGN_IN_A_BUCKET = {**pages.email_campaign(), "id": "C2"}


def base(stream: str) -> str:
    return f"base.base_{stream.replace('.', '__')}"


def without(row: Row, *path: str) -> Row:
    """A copy of a row that has lost a field."""
    copy: Row = json.loads(json.dumps(row))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return copy


@pytest.fixture(scope="module")
def landed(warehouse: Warehouse) -> Warehouse:
    """One load of every stream: good rows, and beside them every fault a page can have."""
    warehouse.dbt("run", "--select", "base_klaviyo__metrics")
    for stream, page in GOOD.items():
        warehouse.land(stream, [page()])
    warehouse.land(
        "klaviyo.events",
        [
            {"data": [pages.email_event(10), pages.email_event(11)]},
            {"data": [pages.email_event(11), pages.email_event(12)]},
            {"data": [pages.email_event(11), pages.email_event(12)]},
            json.dumps({"data": [pages.email_event(13)]})[:-40],
            "<html><body>Sign in</body></html>",
            {"errors": [{"detail": "Something went wrong"}]},
            {
                "data": [
                    without(pages.email_event(20), "relationships", "metric"),
                    without(pages.email_event(21), "attributes", "event_properties", "Subject"),
                    pages.email_event(22, brand_new_field={"deep": [1]}),
                    pages.email_event(23, **{"Apple Privacy Open": "perhaps"}),
                    None,
                    "a text",
                    pages.email_event(24, Subject="Nul \\u0000 and \U0001f600"),
                ]
            },
            {"data": []},
        ],
    )
    warehouse.land("klaviyo.metrics", [None])
    warehouse.land("klaviyo.campaigns", [{"data": [CAMPAIGN_IN_A_BUCKET]}], url="memory://landing")
    warehouse.land("klaviyo.profiles", [{"data": [pages.profile(5, location="Rome")]}])
    warehouse.land(
        "google_ads.ad_performance",
        [
            {"fieldMask": "customer.id", "requestId": "x"},
            {"results": [pages.google_day("2026-01-02", clicks="12.0", impressions="1e3")]},
            {"results": [pages.google_day("2026-01-03", clicks="12.5")]},
            {"results": [pages.google_day("2026-01-04", clicks="")]},
            {"results": [pages.google_day("2026-01-05", clicks="NaN")]},
            {"results": [pages.google_day("2026-01-06", costMicros="99999999999999999999")]},
            {"results": [pages.google_day("2026-01-07", conversions="many")]},
            {"results": [without(pages.google_day("2026-01-08"), "metrics", "costMicros")]},
            {"results": [pages.google_day("2026-01-09T00:00:00")]},
            {"results": [pages.google_day("2026-01-10", conversionsValue=None)]},
            {"error": {"code": 500}},
        ],
    )
    warehouse.land(
        "meta_ads.ad_performance",
        [
            {
                "data": [
                    pages.meta_day("2026-01-02", spend="1.23456"),
                    pages.meta_day("2026-01-03", spend="1.2e1"),
                    pages.meta_day("2026-01-04", actions={"purchase": 2}),
                    pages.meta_day("2026-01-05", actions=[{"action_type": "purchase"}]),
                    without(pages.meta_day("2026-01-06"), "actions"),
                    pages.meta_day("2026-01-07", spend="12,34"),
                ]
            }
        ],
    )
    warehouse.land("square.orders", [{}, {"cursor": "x"}, {"errors": [{"code": "NOT_FOUND"}]}])
    broken_line = {**pages.sold_line("b"), "quantity": "two"}
    warehouse.land(
        "square.orders",
        [{"orders": [pages.order(7, pages.sold_line("a"), broken_line)]}],
    )
    short = pages.enriched_event(FIELDS, 8).rsplit("\t", 1)[0]
    warehouse.land(
        "snowplow.enriched_events",
        [
            "\r\n".join(
                [
                    pages.enriched_event(FIELDS, 7, tr_total=""),
                    short,
                    pages.enriched_event(FIELDS, 9, tr_total="a lot"),
                    pages.enriched_event(FIELDS, 10, event_id=""),
                ]
            ),
            "",
        ],
    )
    warehouse.dbt("run", "--select", "path:models/base")
    return warehouse


def read(warehouse: Warehouse, stream: str, where: str = "true") -> list[Row]:
    order = "pulled_at, load_id, page_index, row_index"
    return warehouse.sql(f"select * from {base(stream)} where {where} order by {order}")


def reasons(warehouse: Warehouse, stream: str) -> list[str]:
    rows = read(warehouse, stream, "quarantine_reason is not null")
    return [row["quarantine_reason"] for row in rows]


@pytest.mark.parametrize("stream", GOOD)
def test_a_good_page_becomes_rows_without_quarantine(landed: Warehouse, stream: str) -> None:
    first_load = landed.sql(f"select min(load_id) as load_id from {base(stream)}")[0]["load_id"]
    rows = read(landed, stream, f"load_id = '{first_load}'")
    assert rows
    for row in rows:
        assert row["quarantine_reason"] is None
        assert row["raw"] is None
        assert row["row_hash"] is not None
        assert row["pulled_at"] == datetime(2026, 1, 1, 3)


def test_times_are_utc_whatever_their_offset(landed: Warehouse) -> None:
    profile = read(landed, "klaviyo.profiles")[0]
    campaign = read(landed, "meta_ads.campaigns")[0]
    assert profile["updated_at"] == datetime(2026, 1, 1, 8)
    assert campaign["updated_at"] == datetime(2025, 12, 1, 17)


def test_columns_have_the_declared_types(landed: Warehouse) -> None:
    event = read(landed, "klaviyo.events")[0]
    day = read(landed, "google_ads.ad_performance")[0]
    assert event["is_apple_privacy_open"] is True
    assert event["subject"] == "Hello, über-reader"
    assert event["bounce_type"] is None
    assert (day["cost_micros"], day["conversions"]) == (56780000, 1.5)
    assert day["report_date"] == date(2026, 1, 1)
    assert read(landed, "meta_ads.ad_performance")[0]["spend"] == Decimal("23.4500")
    assert read(landed, "google_ads.ads")[0]["final_url"] == "https://shop.example.com/shirts"


def test_an_order_keeps_its_lines_typed(landed: Warehouse) -> None:
    sale, order_return = read(landed, "square.orders")[:2]
    assert sale["line_items"][0]["quantity"] == Decimal(2)
    assert sale["line_items"][0]["gross_minor"] == 4000
    assert sale["returns"] is None
    returned = order_return["returns"][0]
    assert returned["source_order_id_square"] == "O1"
    assert returned["return_line_items"][0]["total_minor"] == 3780
    assert order_return["net_total_minor"] == -3780


def test_a_row_that_comes_in_two_pages_or_a_page_that_comes_twice_is_stored_once(
    landed: Warehouse,
) -> None:
    ids = [
        row["event_id_klaviyo"]
        for row in read(landed, "klaviyo.events", "event_id_klaviyo in ('E10', 'E11', 'E12')")
    ]
    assert ids == ["E10", "E11", "E12"]


def test_a_page_without_rows_to_read_goes_to_quarantine_with_its_beginning(
    landed: Warehouse,
) -> None:
    rows = {
        row["page_index"]: row
        for row in read(landed, "klaviyo.events", "quarantine_reason like 'page: %'")
    }
    assert rows[3]["quarantine_reason"] == "page: not JSON"
    assert rows[3]["raw"].startswith('{"data": [{"type": "event"')
    assert rows[4]["quarantine_reason"] == "page: not JSON"
    assert rows[4]["raw"] == "<html><body>Sign in</body></html>"
    assert rows[5]["quarantine_reason"] == 'page: no list "data"'
    assert len(rows) == 3


def test_the_rows_beside_a_bad_row_flow_on(landed: Warehouse) -> None:
    rows = read(landed, "klaviyo.events", "page_index = 6")
    assert [(row["event_id_klaviyo"], row["quarantine_reason"]) for row in rows] == [
        ("E20", "metric_id_klaviyo: missing"),
        ("E21", None),
        ("E22", None),
        ("E23", 'is_apple_privacy_open: cannot read "perhaps" as boolean'),
        (None, "event_id_klaviyo: missing"),
        (None, "event_id_klaviyo: missing"),
        ("E24", None),
    ]
    assert rows[1]["subject"] is None


def test_a_quarantined_row_carries_its_own_json(landed: Warehouse) -> None:
    rows = read(landed, "klaviyo.events", "page_index = 6 and quarantine_reason is not null")
    assert json.loads(rows[0]["raw"]) == without(pages.email_event(20), "relationships", "metric")
    assert json.loads(rows[1]["raw"])["id"] == "E23"
    assert [row["raw"] for row in rows[2:]] == ["null", '"a text"']


def test_a_text_where_an_object_belongs_is_no_silent_null(landed: Warehouse) -> None:
    row = read(landed, "klaviyo.profiles", "profile_id_klaviyo = 'P5'")[0]
    assert row["quarantine_reason"] == "attributes.location: not an object"


def test_numbers_are_read_exactly_or_not_at_all(landed: Warehouse) -> None:
    days = {
        row["report_date"]: row
        for row in read(landed, "google_ads.ad_performance", "page_index > 0")
        if row["report_date"]
    }
    second = days[date(2026, 1, 2)]
    assert (second["clicks"], second["impressions"]) == (12, 1000)
    assert days[date(2026, 1, 10)]["conversions_value"] is None
    assert days[date(2026, 1, 10)]["quarantine_reason"] is None
    assert reasons(landed, "google_ads.ad_performance") == [
        'clicks: cannot read "12.5" as bigint',
        "clicks: missing",
        'clicks: cannot read "NaN" as bigint',
        'cost_micros: cannot read "99999999999999999999" as bigint',
        'conversions: cannot read "many" as double',
        "cost_micros: missing",
        'report_date: cannot read "2026-01-09T00:00:00" as date',
        'page: no list "results"',
    ]


def test_money_is_never_rounded_in_silence(landed: Warehouse) -> None:
    rows = read(landed, "meta_ads.ad_performance", "report_date > date '2026-01-01'")
    assert [row["quarantine_reason"] for row in rows] == [
        'spend: cannot read "1.23456" as decimal(18, 4)',
        None,
        "actions: not a list",
        "actions.action_count: missing",
        None,
        'spend: cannot read "12,34" as decimal(18, 4)',
    ]
    assert rows[1]["spend"] == Decimal(12)
    assert rows[4]["actions"] is None


def test_an_empty_page_is_no_fault_where_the_vendor_leaves_the_list_out(
    landed: Warehouse,
) -> None:
    assert reasons(landed, "square.orders") == [
        'page: no list "orders"',
        'line_items.quantity: cannot read "two" as decimal(18, 5)',
    ]


def test_a_pull_that_offered_nothing_is_read_and_leaves_no_row(landed: Warehouse) -> None:
    assert len(read(landed, "klaviyo.metrics")) == 1
    marked = landed.sql(
        "select count(*) as loads from ops.model_loads where model = 'base_klaviyo__metrics'"
    )
    assert marked == [{"loads": 2}]


def test_pages_are_read_from_a_bucket_as_from_a_folder(landed: Warehouse) -> None:
    campaigns = read(landed, "klaviyo.campaigns")
    assert [row["campaign_id_klaviyo"] for row in campaigns] == ["C1", "C2"]
    assert landed.sql("select files[1] as file from ops.loads where files[1] like 'memory://%'")


def test_a_line_with_another_number_of_fields_goes_to_quarantine(landed: Warehouse) -> None:
    rows = read(landed, "snowplow.enriched_events")[1:]
    assert [row["quarantine_reason"] for row in rows] == [
        None,
        "line: 130 fields, not 131",
        'transaction_amount: cannot read "a lot" as decimal(18, 4)',
        "event_id: missing",
    ]
    assert rows[0]["transaction_amount"] is None
    assert rows[1]["raw"].startswith("shop\tweb")
    assert all(row["raw"].count("\t") >= 129 for row in rows[1:])


def test_quarantine_lists_every_row_that_could_not_be_read(landed: Warehouse) -> None:
    counted = landed.sql(
        "select vendor || '.' || stream as stream, count(*) as bad from base.base_quarantine"
        " group by all order by all"
    )
    expected = {stream: len(reasons(landed, stream)) for stream in GOOD}
    assert {row["stream"]: row["bad"] for row in counted} == {
        stream: bad for stream, bad in expected.items() if bad
    }
    row = landed.sql("select * from base.base_quarantine where reason like 'metric_id%'")[0]
    assert (row["vendor"], row["stream"], row["page_index"], row["row_index"]) == (
        "klaviyo",
        "events",
        6,
        0,
    )
    assert json.loads(row["raw"])["id"] == "E20"
