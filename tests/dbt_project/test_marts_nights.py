"""Two nights in a small world, and what late, changed and withdrawn things do to the marts."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

import pytest

from tests.dbt_project import nights
from tests.dbt_project.conftest import Row, Warehouse
from tests.dbt_project.nights import ad_day, arrive, at, email_event, till_order, till_return
from tests.dbt_project.nights import web_event as seen

ANN = hashlib.sha256(b"ann@example.com").hexdigest()
NEWSLETTER = {
    "utm_source": "Klaviyo",
    "utm_medium": "email",
    "utm_campaign": "K1",
    "utm_content": "M1",
}
AD = {
    "utm_source": "google",
    "utm_medium": "cpc",
    "utm_campaign": "G1",
    "utm_content": "AD1",
    "click_id": "CLICK",
    "click_network": "Google",
}


def _person(key: str, number: str, **details: Any) -> Row:
    return {key: number, "created_at": at("1 00:00"), "updated_at": at("1 00:00"), **details}


def first_night(warehouse: Warehouse) -> None:
    for number, name in [("R", "Received Email"), ("C", "Clicked Email"), ("O", "Opened Email")]:
        arrive(
            warehouse,
            "klaviyo.metrics",
            6,
            {"metric_id_klaviyo": number, "metric_name": name},
        )
    arrive(
        warehouse,
        "klaviyo.campaigns",
        6,
        {"campaign_id_klaviyo": "K1", "message_id_klaviyo": "M1", "campaign_name": "News"},
    )
    arrive(
        warehouse,
        "klaviyo.profiles",
        6,
        _person("profile_id_klaviyo", "P1", email=" Ann@Example.com"),
        _person("profile_id_klaviyo", "P2", email="bob@example.com"),
    )
    arrive(
        warehouse,
        "klaviyo.events",
        6,
        email_event("d1", "P1", "R", "5 10:00"),
        email_event("c1", "P1", "C", "5 10:00:03", "/a"),
    )
    arrive(
        warehouse,
        "snowplow.enriched_events",
        6,
        seen("e1", "V1", "5 10:05", **NEWSLETTER),
        seen("e2", "V1", "5 10:10", user_id_snowplow=ANN),
        seen("e3", "V1", "5 10:45"),
        seen("g1", "V2", "5 11:00", **AD),
        seen("k1", "KIOSK", "5 12:00", user_id_snowplow=ANN),
        seen("k2", "KIOSK", "5 13:00", user_id_snowplow=hashlib.sha256(b"bob").hexdigest()),
        seen("x1", "V3", "5 23:50"),
    )
    arrive(
        warehouse,
        "square.customers",
        6,
        _person("customer_id_square", "S1", email="ann@example.com", loyalty_number="L1"),
        _person("customer_id_square", "S2", phone_number="(212) 555-0100", country_code="US"),
    )
    arrive(
        warehouse,
        "square.orders",
        6,
        till_order("O1", "5 12:00", 1000, customer_id_square="S1"),
        till_order("O2", "5 11:10", 2000, source_name="Online Store", web_transaction_id="W1"),
        till_order("O3", "5 15:00", 3000),
        till_order("O4", "5 16:00", 4000, customer_id_square="S2"),
    )
    arrive(warehouse, "google_ads.ad_performance", 6, ad_day("AD1", 4, 5_000_000))
    nights.night(warehouse)


def second_night(warehouse: Warehouse) -> None:
    arrive(warehouse, "klaviyo.events", 40, email_event("c2", "P1", "C", "5 10:00:04", "/b"))
    arrive(
        warehouse,
        "snowplow.enriched_events",
        40,
        seen("late", "V1", "5 10:30"),
        seen("buys", "V2", "5 11:10", event_name="transaction", transaction_id="W1"),
        seen("y1", "V4", "31 12:00"),
    )
    arrive(
        warehouse,
        "square.customers",
        40,
        _person("customer_id_square", "S2", phone_number="2125550100", email="BOB@example.com"),
    )
    arrive(
        warehouse,
        "square.orders",
        40,
        till_return("R1", "O1", "7 09:00", 400, customer_id_square="S1"),
        {**till_order("O3", "5 15:00", 3000), "order_state": "CANCELED", "updated_at": at("8 1:0")},
    )
    arrive(warehouse, "google_ads.ad_performance", 40, ad_day("AD1", 4, 6_000_000))
    arrive(
        warehouse,
        "google_ads.campaigns",
        40,
        {
            "account_id_google_ads": "A",
            "campaign_id_google_ads": "G1",
            "campaign_name": "Banners",
            "advertising_channel_type": "DISPLAY",
        },
    )
    nights.night(warehouse)


class Seen:
    """What the marts showed before anything came, and after each night."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.empty = nights.tables(warehouse)
        first_night(warehouse)
        self.first = self._marts(warehouse)
        second_night(warehouse)
        self.second = self._marts(warehouse)
        self.stored = nights.tables(warehouse)
        warehouse.dbt("run", "--select", *nights.stored(*nights.UPPER_LAYERS))
        self.repeated = nights.tables(warehouse)
        nights.night(warehouse, "--full-refresh")
        self.rebuilt = nights.tables(warehouse)
        self.tests = warehouse.dbt("test", "--select", "test_type:unit", "test_type:singular")

    @staticmethod
    def _marts(warehouse: Warehouse) -> dict[str, list[Row]]:
        names = warehouse.sql(
            "select table_schema as layer, table_name as name from information_schema.tables"
            " where table_schema in ('marts', 'identity') order by all"
        )
        marts = {row["name"]: warehouse.sql(f"from {row['layer']}.{row['name']}") for row in names}
        marts["refusals"] = warehouse.sql("from intermediate.int_identity__refusals")
        return marts


@pytest.fixture(scope="module")
def story(built: Warehouse) -> Seen:
    return Seen(built)


def by(rows: list[Row], key: str) -> dict[str, Row]:
    return {row[key]: row for row in rows}


def customer(marts: dict[str, list[Row]], type_: str, value: str) -> str:
    [row] = [
        row
        for row in marts["customer_identifiers"]
        if (row["identifier_type"], row["identifier_value"]) == (type_, value)
    ]
    return str(row["customer_id"])


def test_an_empty_warehouse_has_all_its_marts(story: Seen) -> None:
    filled = {name for name, rows in story.empty.items() if rows}
    seeded = {"marts.dim_channel", "marts.dim_date", "marts.rpt_freshness"}
    # The values of a seed with their hashes.
    seeded.add("intermediate.int_identity__blocked_values")
    assert filled == seeded


def test_nights_give_what_a_rebuild_gives(story: Seen) -> None:
    assert story.stored.keys() == story.rebuilt.keys()
    for name, rows in story.stored.items():
        assert rows == story.rebuilt[name], name


def test_a_night_without_news_changes_nothing(story: Seen) -> None:
    assert story.stored == story.repeated


def test_a_late_click_makes_machines_of_both(story: Seen) -> None:
    def machines(marts: dict[str, list[Row]]) -> list[bool]:
        clicks = [row for row in marts["fct_touchpoint"] if row["touch_kind"] == "email_clicked"]
        return [row["is_machine"] for row in clicks]

    assert machines(story.first) == [False]
    assert machines(story.second) == [True, True]
    [message] = story.second["fct_message"]
    assert (message["click_count"], message["human_click_count"]) == (2, 0)


def test_a_late_event_joins_two_sessions(story: Seen) -> None:
    def sessions(marts: dict[str, list[Row]]) -> list[tuple[Any, Any]]:
        rows = [row for row in marts["fct_web_session"] if row["device_id"] == "V1"]
        return sorted((row["started_at"], row["ended_at"]) for row in rows)

    assert sessions(story.first) == [
        (at("5 10:05"), at("5 10:10")),
        (at("5 10:45"), at("5 10:45")),
    ]
    assert sessions(story.second) == [(at("5 10:05"), at("5 10:45"))]
    touches = [row for row in story.second["fct_touchpoint"] if row["device_id"] == "V1"]
    assert [row["occurred_at"] for row in touches] == [at("5 10:05")]


def test_a_visit_that_may_go_on_waits_for_the_next_night(story: Seen) -> None:
    assert "V3" not in by(story.first["fct_web_session"], "device_id")
    assert "V3" in by(story.second["fct_web_session"], "device_id")
    assert "V4" not in by(story.second["fct_web_session"], "device_id")
    assert "V4" in by(story.second["dim_device"], "device_id")


def test_a_campaign_that_shows_late_gives_old_visits_its_channel(story: Seen) -> None:
    before = by(story.first["fct_web_session"], "device_id")["V2"]
    after = by(story.second["fct_web_session"], "device_id")["V2"]
    assert (before["channel"], after["channel"]) == ("google_search_ads", "google_display_ads")
    touch = by(story.second["fct_touchpoint"], "device_id")["V2"]
    assert (touch["channel"], touch["evidence"]) == ("google_display_ads", "click_id")


def test_records_of_one_person_meet_by_normalised_values(story: Seen) -> None:
    ann = customer(story.first, "customer_id_square", "S1")
    assert customer(story.first, "profile_id_klaviyo", "P1") == ann
    assert customer(story.first, "loyalty_number", "L1") == ann
    assert customer(story.first, "cookie", "V1") == ann
    assert customer(story.first, "phone", "+12125550100") != ann


def test_a_cookie_of_several_people_links_none_of_them(story: Seen) -> None:
    ann = customer(story.first, "customer_id_square", "S1")
    kiosk = customer(story.first, "cookie", "KIOSK")
    assert kiosk not in {ann, customer(story.first, "email", "bob@example.com")}
    reasons = {row["refusal_reason"] for row in story.first["refusals"]}
    assert reasons == {"limit: one cookie with more than 1 email_sha256"}
    # The visit in which she logged in is hers all the same.
    sessions = [row for row in story.first["fct_web_session"] if row["device_id"] == "KIOSK"]
    assert ann in {row["customer_id"] for row in sessions}


def test_a_merge_reaches_the_facts_of_earlier_nights(story: Seen) -> None:
    bob = customer(story.second, "profile_id_klaviyo", "P2")
    before = by(story.first["fct_order"], "order_id")["O4"]["customer_id"]
    after = by(story.second["fct_order"], "order_id")["O4"]["customer_id"]
    assert customer(story.first, "profile_id_klaviyo", "P2") != before
    assert after == bob
    assert bob in {before, customer(story.first, "profile_id_klaviyo", "P2")}


def test_an_order_gets_its_buyer_when_the_visit_shows(story: Seen) -> None:
    assert by(story.first["fct_order"], "order_id")["O2"]["customer_id"] is None
    order = by(story.second["fct_order"], "order_id")["O2"]
    assert order["customer_id"] == customer(story.second, "cookie", "V2")
    credit = by(story.second["rpt_attribution"], "order_id")["O2"]
    assert credit["channel"] == "google_display_ads"


def test_an_order_that_was_cancelled_is_none(story: Seen) -> None:
    assert "O3" in by(story.first["fct_order"], "order_id")
    for fact in ("fct_order", "fct_order_line", "rpt_attribution"):
        assert "O3" not in {row["order_id"] for row in story.second[fact]}, fact


def test_a_return_is_an_order_that_takes_credit_back(story: Seen) -> None:
    order = by(story.second["fct_order"], "order_id")["R1"]
    assert (order["net_amount"], order["is_refund"]) == (Decimal("-4"), True)
    [line] = [row for row in story.second["fct_order_line"] if row["order_id"] == "R1"]
    assert (line["net_amount"], line["quantity"]) == (Decimal("-4"), Decimal(-1))
    credit = by(story.second["rpt_attribution"], "order_id")
    assert credit["R1"]["channel"] == credit["O1"]["channel"] == "email"
    assert credit["R1"]["attributed_amount"] == Decimal("-4")


def test_a_restated_ad_day_replaces_what_was_said_and_keeps_it_in_history(story: Seen) -> None:
    [before] = story.first["fct_ad_performance"]
    [after] = story.second["fct_ad_performance"]
    assert (before["spend_amount"], before["is_settled"]) == (Decimal(5), False)
    assert (after["spend_amount"], after["is_settled"]) == (Decimal(6), True)
    history = story.second["fct_ad_performance_history"]
    versions = sorted((row["spend_amount"], row["is_current"]) for row in history)
    assert versions == [(5, False), (6, True)]


def test_spend_and_orders_of_a_channel_meet_in_one_row(story: Seen) -> None:
    rows = story.second["rpt_channel_performance"]
    display = [row for row in rows if row["channel"] == "google_display_ads"]
    assert sum(row["spend_amount"] for row in display) == 6
    assert sum(row["attributed_amount"] for row in display) == 20
    assert sum(row["conversions_attributed"] for row in rows) == 3


def test_freshness_names_every_stream_and_who_is_behind(story: Seen) -> None:
    rows = {(row["vendor"], row["stream"]): row for row in story.second["rpt_freshness"]}
    assert not rows["square", "orders"]["is_stale"]
    assert rows["klaviyo", "profiles"]["is_stale"]
    assert rows["meta_ads", "ads"]["is_stale"]
    assert rows["meta_ads", "ads"]["accepted_through_at"] is None


def test_balances_and_unit_tests_hold(story: Seen) -> None:
    assert len(story.tests) >= 6
