"""Twilio's messages from page to staging: times as mail writes them, receipts and prices late."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.dbt_project.conftest import Row, Warehouse

MODELS = ["+stg_twilio__messages", "+stg_twilio__usage_records"]


def message(number: int, **more: Any) -> Row:
    return {
        "sid": f"SM{number:032}",
        "account_sid": "AC" + "0" * 32,
        "messaging_service_sid": "MG" + "0" * 32,
        "direction": "outbound-api",
        "status": "sent",
        "error_code": None,
        "error_message": None,
        "from": "+18005550100",
        "to": "+15550100001",
        "body": "Hello",
        "num_segments": "1",
        "num_media": "0",
        "price": None,
        "price_unit": "USD",
        "date_created": "Thu, 01 Jan 2026 18:00:00 +0000",
        "date_sent": "Thu, 01 Jan 2026 18:00:01 +0000",
        "date_updated": "Thu, 01 Jan 2026 18:00:01 +0000",
        **more,
    }


def answer(number: int, body: str, **more: Any) -> Row:
    asked = {"direction": "inbound", "from": "+15550100001", "to": "+18005550100", "body": body}
    return message(number, **{**asked, "status": "received", **more})


def usage(**more: Any) -> Row:
    return {
        "account_sid": "AC" + "0" * 32,
        "category": "sms",
        "start_date": "2026-01-01",
        "end_date": "2026-01-01",
        "count": "3",
        "usage": "4",
        "price": 0.0316,
        "price_unit": "usd",
        "as_of": "2026-01-02T02:00:00+00:00",
        **more,
    }


@pytest.fixture(scope="module")
def landed(warehouse: Warehouse) -> Warehouse:
    """Two nights: the second brings a receipt and a price."""
    warehouse.dbt("run", "--select", *MODELS)
    first = [
        message(1),
        message(2, date_sent="Thu, 01 Jan 2026 20:00:00 +0200"),
        message(3, date_sent="2026-01-01T18:00:01Z"),
        message(4, date_sent="Thu, 32 Jan 2026 18:00:01 +0000"),
        message(5, date_sent=None, status="scheduled"),
        message(6, to="whatsapp:+15550100002", status="read"),
        answer(7, " Stop. "),
        answer(8, "please stop calling"),
        answer(9, "UNSTOP"),
        answer(10, "Info"),
    ]
    warehouse.land("twilio.messages", [{"messages": first, "next_page_uri": None}])
    warehouse.land("twilio.usage_records", [{"usage_records": [usage()]}])
    warehouse.dbt("run", "--select", *MODELS)
    billed = message(1, status="undelivered", error_code=30003, price="-0.00795")
    warehouse.land("twilio.messages", [{"messages": [billed, message(2)]}], day=2)
    warehouse.dbt("build", "--select", *MODELS)
    return warehouse


def staged(warehouse: Warehouse) -> dict[int, Row]:
    rows = warehouse.sql("select * from staging.stg_twilio__messages")
    return {int(row["message_id_twilio"][2:]): row for row in rows}


def test_times_of_mail_are_moments_in_utc(landed: Warehouse) -> None:
    [row] = landed.sql(
        "select * from base.base_twilio__messages where message_id_twilio like '%02'"
        " and pulled_at < timestamp '2026-01-02'"
    )
    assert row["sent_at"] == datetime(2026, 1, 1, 18)
    assert row["created_at"] == datetime(2026, 1, 1, 18)


def test_a_time_written_otherwise_goes_to_quarantine(landed: Warehouse) -> None:
    rows = landed.sql(
        "select quarantine_reason from base.base_twilio__messages"
        " where quarantine_reason is not null order by all"
    )
    assert [row["quarantine_reason"] for row in rows] == [
        'sent_at: cannot read "2026-01-01T18:00:01Z" as rfc2822',
        'sent_at: cannot read "Thu, 32 Jan 2026 18:00:01 +0000" as rfc2822',
    ]


def test_a_receipt_and_a_price_replace_what_was_said_before(landed: Warehouse) -> None:
    row = staged(landed)[1]
    assert (row["message_status"], row["error_code"]) == ("undelivered", "30003")
    assert (row["price"], row["currency_code"]) == (Decimal("-0.00795"), "USD")
    versions = landed.sql(
        "select count(*) as n from base.base_twilio__messages where message_id_twilio like '%01'"
    )
    assert versions == [{"n": 2}]


def test_a_message_that_waits_has_no_time_of_sending(landed: Warehouse) -> None:
    row = staged(landed)[5]
    assert (row["sent_at"], row["occurred_at"]) == (None, datetime(2026, 1, 1, 18))


def test_the_other_side_is_who_was_written_to_or_who_wrote(landed: Warehouse) -> None:
    rows = staged(landed)
    assert rows[1]["contact_address"] == rows[7]["contact_address"] == "+15550100001"
    assert rows[1]["own_address"] == rows[7]["own_address"] == "+18005550100"
    assert (rows[6]["channel"], rows[6]["contact_address"]) == ("app", "+15550100002")


def test_keywords_are_single_words_of_inbound_messages(landed: Warehouse) -> None:
    rows = staged(landed)
    found = {number: rows[number]["keyword"] for number in (1, 7, 8, 9, 10)}
    assert found == {1: None, 7: "stop", 8: None, 9: "start", 10: "help"}


def test_usage_is_a_day_of_a_category(landed: Warehouse) -> None:
    [row] = landed.sql("select * from staging.stg_twilio__usage_records")
    assert (row["usage_count"], row["price"], row["currency_code"]) == (3, Decimal("0.0316"), "USD")
    assert row["stated_at"] == datetime(2026, 1, 2, 2)
