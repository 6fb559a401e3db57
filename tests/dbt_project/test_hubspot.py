"""HubSpot from page to staging and the shape of its domains: times, forms, what is left out."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import duckdb
import pytest

from tests.dbt_project.conftest import Row, Warehouse

FORM = "6e8f735b-6243-13fc-d0d5-eb87f1daaf86"
MODELS = [
    "+int_forms__unioned",
    "+int_contacts__forms",
    "+int_messages__hubspot",
    "+int_customers__hubspot",
]


def contact(number: int, **more: Any) -> Row:
    return {
        "id": str(number),
        "properties": {"email": f"P{number}@Example.com ", "phone": None, "mobilephone": "+1555"},
        "createdAt": "2025-12-01T10:00:00.000Z",
        "updatedAt": "2026-01-01T10:00:00.000Z",
        "archived": False,
        **more,
    }


def submission(number: int, submitted: Any = 1767290400123, **values: str) -> Row:
    return {
        "conversionId": f"S{number}",
        "submittedAt": submitted,
        "values": [{"name": name, "value": value} for name, value in values.items()],
        "pageUrl": "https://shop.example.com/guides/wool?email=ann%40example.com#form",
    }


def event(number: int, kind: str, **more: Any) -> Row:
    return {
        "id": f"E{number}",
        "created": 1767290400000 + number,
        "type": kind,
        "recipient": "Ann@Example.com",
        "emailCampaignId": 98000000,
        **more,
    }


@pytest.fixture(scope="module")
def landed(warehouse: Warehouse) -> Warehouse:
    """A night of contacts, submissions and events."""
    warehouse.dbt("run", "--select", *MODELS)
    kept = contact(2, archived=True, archivedAt="2026-01-02T00:00:00.000Z")
    warehouse.land("hubspot.contacts", [{"results": [contact(1), kept]}])
    form = {
        "id": FORM,
        "name": "Wool care",
        "formType": "hubspot",
        "createdAt": "2025-12-01T10:00:00.000Z",
    }
    warehouse.land("hubspot.forms", [{"results": [form]}])
    rows = [
        submission(1, email=" Ann@Example.com", firstname="Ann", hubspotutk="cookie-1"),
        submission(2, firstname="Nobody"),
        submission(3, submitted=1767290400, email="ann@example.com"),
        submission(4, submitted="yesterday", email="ann@example.com"),
    ]
    load = warehouse.land("hubspot.form_submissions", [{"results": rows}])
    _asked(
        warehouse, load, f"GET https://api/form-integrations/v1/submissions/forms/{FORM}?limit=50"
    )
    events = [
        event(1, "SENT"),
        event(2, "DELIVERED"),
        event(3, "OPEN", filteredEvent=True),
        event(4, "OPEN", obsoletedBy={"id": "E5", "created": 1}),
        event(5, "CLICK", filteredEvent=False, url="https://shop.example.com/"),
        event(6, "STATUSCHANGE", portalSubscriptionStatus="UNSUBSCRIBED"),
        event(7, "STATUSCHANGE", portalSubscriptionStatus="SUBSCRIBED"),
        event(8, "DROPPED", dropReason="PREVIOUSLY_BOUNCED"),
        event(9, "PROCESSED"),
    ]
    warehouse.land("hubspot.email_events", [{"events": events, "hasMore": False}])
    warehouse.dbt("build", "--select", *MODELS)
    return warehouse


def _asked(warehouse: Warehouse, load: str, request: str) -> None:
    """Give the pages of a load the request that they came by."""
    (file,) = (warehouse.folder / "landing/hubspot/form_submissions").glob(f"{load}.*")
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"create table page as from read_parquet('{file}')")
        con.execute("update page set request = ?", [request])
        con.execute(f"copy page to '{file}' (format parquet)")


def test_a_submission_is_of_the_form_that_was_asked_for(landed: Warehouse) -> None:
    rows = landed.sql("select * from intermediate.int_forms__unioned order by submission_id")
    assert [(row["submission_id"], row["form_name"]) for row in rows] == [
        ("S1", "Wool care"),
        ("S2", "Wool care"),
    ]
    assert rows[0]["submitted_at"] == datetime(2026, 1, 1, 18, 0, 0, 123000)


def test_who_it_was_is_an_address_or_a_cookie_or_nobody(landed: Warehouse) -> None:
    one, other = landed.sql("select * from intermediate.int_forms__unioned order by submission_id")
    assert (one["identifier_type"], one["identifier_value"]) == ("email", "ann@example.com")
    assert (one["cookie_type"], one["cookie_value"]) == ("cookie_hubspot", "cookie-1")
    assert (other["identifier_type"], other["identifier_value"]) == (None, None)


def test_a_form_sent_in_is_a_contact_like_others(landed: Warehouse) -> None:
    rows = landed.sql("select * from intermediate.int_contacts__forms order by occurred_at")
    told = {(row["contact_type"], row["channel_group"], row["content_id"]) for row in rows}
    assert told == {("form_submitted", "gated_content", FORM)}
    people = [(row["identifier_type"], row["identifier_value"]) for row in rows]
    assert sorted(people, key=str) == [("email", "ann@example.com"), (None, None)]


def test_answers_and_the_query_of_a_page_go_no_further_than_base(landed: Warehouse) -> None:
    rows = landed.sql("select * from intermediate.int_forms__unioned")
    assert {row["page_url"] for row in rows} == {"https://shop.example.com/guides/wool"}
    text = json.dumps([{k: str(v) for k, v in row.items()} for row in rows])
    assert "Nobody" not in text


def test_seconds_and_words_are_no_milliseconds(landed: Warehouse) -> None:
    rows = landed.sql(
        "select quarantine_reason from base.base_hubspot__form_submissions"
        " where quarantine_reason is not null order by all"
    )
    assert [row["quarantine_reason"] for row in rows] == [
        'submitted_at: cannot read "1767290400" as epoch_ms',
        'submitted_at: cannot read "yesterday" as epoch_ms',
    ]


def test_events_become_those_of_a_message_and_machines_are_marked(landed: Warehouse) -> None:
    rows = landed.sql(
        "select * from intermediate.int_messages__hubspot"
        " where event_type is not null order by event_id"
    )
    assert [(row["event_id"], row["event_type"], row["is_privacy_open"]) for row in rows] == [
        ("E1", "sent", False),
        ("E2", "delivered", False),
        ("E3", "opened", True),
        ("E4", "withdrawn", False),
        ("E5", "clicked", False),
        ("E6", "unsubscribed", False),
        ("E8", "bounced", False),
    ]
    assert {row["identifier_value"] for row in rows} == {"ann@example.com"}
    assert rows[-1]["bounce_type"] == "PREVIOUSLY_BOUNCED"


def test_an_archived_contact_is_kept_and_marked(landed: Warehouse) -> None:
    rows = landed.sql("select * from staging.stg_hubspot__contacts order by contact_id_hubspot")
    assert [row["is_archived"] for row in rows] == [False, True]
    assert [row["phone_number"] for row in rows] == ["+1555", "+1555"]
    records = landed.sql("select record_value from intermediate.int_customers__hubspot")
    assert len(records) == 2
