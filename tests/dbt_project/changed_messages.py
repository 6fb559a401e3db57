"""Three nights of messages in which every kind of event is corrected, moved or taken back.

Here belong the rows; what must become of them is in test_changed_messages.py.
"""

from __future__ import annotations

from typing import Any

from tests.dbt_project.conftest import Row, Warehouse
from tests.dbt_project.nights import arrive, at, email_event, till_order


def klaviyo(number: str, profile: str, metric: str, when: str, message: str = "M1") -> Row:
    event = email_event(number, profile, metric, when, "/a" if metric == "C" else None)
    return {**event, "message_id_klaviyo": message}


def hubspot(number: str, kind: str, who: str, when: str, **more: Any) -> Row:
    return {
        "event_id_hubspot": number,
        "event_type": kind,
        "recipient_email": f"{who}@example.com",
        "email_campaign_id_hubspot": "98",
        "occurred_at": at(when),
        **more,
    }


def recipient(member: str, status: str, campaign: str = "MC1") -> Row:
    return {
        "campaign_id_mailchimp": campaign,
        "member_id_mailchimp": member,
        "delivery_status": status,
    }


def activity(member: str, action: str, when: str, **more: Any) -> Row:
    said = {"action": action, "action_type": None, "url": None, "occurred_at": at(when), **more}
    return {
        "campaign_id_mailchimp": "MC1",
        "member_id_mailchimp": member,
        "activities": [said],
    }


def mailing(campaign: str, status: str, when: str) -> Row:
    return {
        "campaign_id_mailchimp": campaign,
        "campaign_type": "regular",
        "campaign_status": status,
        "created_at": at("1 00:00"),
        "sent_at": at(when),
    }


def text(number: str, status: str, when: str, **more: Any) -> Row:
    return {
        "message_id_twilio": number,
        "account_id_twilio": "AC",
        "direction": "outbound-api",
        "message_status": status,
        "sender_address": "+18005550100",
        "receiver_address": "+15550100001",
        "created_at": at(when),
        "sent_at": at(when),
        "updated_at": at(when),
        **more,
    }


def service(number: str) -> Row:
    return {"messaging_service_id_twilio": number}


def reply(number: str, body: str, when: str) -> Row:
    sides = {"sender_address": "+15550100001", "receiver_address": "+18005550100"}
    return text(number, "received", when, direction="inbound", body=body, **sides)


def piece(key: str, loyalty: str | None, campaign: str = "spring") -> Row:
    return {
        "feed_name": "mail",
        "file_name": "drop.csv",
        "row_number": int(key[1:]),
        "row_key": key,
        "contact_type": "mail_sent",
        "channel_group": "direct_mail",
        "contacted_at": at("5 00:00"),
        "campaign_id": campaign,
        "loyalty_number": loyalty,
    }


def first_night(warehouse: Warehouse) -> None:
    metrics = {"R": "Received Email", "C": "Clicked Email", "O": "Opened Email", "V": "Viewed"}
    rows = [{"metric_id_klaviyo": key, "metric_name": name} for key, name in metrics.items()]
    arrive(warehouse, "klaviyo.metrics", 6, *rows)
    campaigns = [
        {"campaign_id_klaviyo": f"K{n}", "message_id_klaviyo": f"M{n}", "campaign_name": "News"}
        for n in (1, 2)
    ]
    arrive(warehouse, "klaviyo.campaigns", 6, *campaigns)
    people = {"P1": "ann", "P2": "bob", "P3": "cid"}
    profiles = [
        {"profile_id_klaviyo": key, "email": f"{name}@example.com", "updated_at": at("1 00:00")}
        for key, name in people.items()
    ]
    arrive(warehouse, "klaviyo.profiles", 6, *profiles)
    arrive(
        warehouse,
        "klaviyo.events",
        6,
        klaviyo("k1", "P1", "R", "5 10:00"),
        klaviyo("k2", "P1", "C", "5 12:00"),
        klaviyo("k3", "P2", "R", "5 10:00"),
        klaviyo("k4", "P2", "O", "5 10:30"),
        klaviyo("k5", "P2", "C", "5 12:30"),
        klaviyo("k6", "P3", "R", "5 10:00"),
        klaviyo("k7", "P3", "R", "5 09:00", "M2"),
        klaviyo("k8", "P3", "C", "5 09:30", "M2"),
    )
    customers = [
        {"customer_id_square": f"S{n}", "email": f"{name}@example.com", "updated_at": at("1 00:00")}
        for n, name in enumerate(people.values(), start=1)
    ]
    arrive(warehouse, "square.customers", 6, *customers)
    orders = [till_order(f"O{n}", "5 15:00", 1000, customer_id_square=f"S{n}") for n in (1, 2, 3)]
    arrive(warehouse, "square.orders", 6, *orders)
    arrive(
        warehouse,
        "hubspot.email_events",
        6,
        hubspot("h1", "SENT", "ann", "5 11:00"),
        hubspot("h2", "DELIVERED", "ann", "5 11:00:05"),
        hubspot("h3", "OPEN", "ann", "5 11:30"),
        hubspot("h4", "DELIVERED", "bob", "5 11:00:05"),
    )
    submission = {
        "submission_id_hubspot": "F1",
        "form_id_hubspot": "guide",
        "submitted_at": at("5 16:00"),
        "field_values": [{"field_name": "email", "field_value": "ann@example.com"}],
    }
    arrive(warehouse, "hubspot.form_submissions", 6, submission)
    arrive(
        warehouse,
        "mailchimp.campaigns",
        6,
        mailing("MC1", "sent", "5 08:00"),
        mailing("MC2", "sent", "5 08:30"),
    )
    arrive(
        warehouse,
        "mailchimp.sent_to",
        6,
        recipient("m1", "sent"),
        recipient("m2", "sent"),
        recipient("m3", "hard"),
        recipient("m1", "sent", "MC2"),
    )
    arrive(
        warehouse,
        "mailchimp.email_activity",
        6,
        activity("m1", "click", "5 08:20", url="/a"),
        activity("m3", "bounce", "5 08:02", action_type="hard"),
    )
    arrive(
        warehouse,
        "twilio.messages",
        6,
        text("SM1", "delivered", "5 07:00"),
        text("SM2", "sent", "5 07:10", receiver_address="+15550100002"),
        # Of services that the vendor does not show.
        text("SM5", "undelivered", "5 07:15", receiver_address="+15550100002", **service("MG5")),
        text("SM6", "delivered", "5 05:00", **service("MG6")),
        reply("SM3", "Stop", "5 07:30"),
    )
    arrive(
        warehouse,
        "files.offline_contacts",
        6,
        piece("p1", "L1"),
        piece("p2", "L2"),
        piece("p3", "L3"),
        piece("p4", "L4"),
    )


def second_night(warehouse: Warehouse) -> None:
    """Every kind of change."""
    arrive(
        warehouse,
        "klaviyo.events",
        8,
        # Another receiver, another kind, another message, another time.
        klaviyo("k5", "P1", "C", "5 12:30"),
        klaviyo("k4", "P2", "V", "5 10:30"),
        klaviyo("k6", "P3", "R", "5 10:00", "M2"),
        klaviyo("k8", "P3", "C", "5 16:00", "M2"),
    )
    arrive(
        warehouse,
        "hubspot.email_events",
        8,
        hubspot("h3", "OPEN", "ann", "5 11:30", obsoleted_by_event_id_hubspot="h5"),
        hubspot("h5", "OPEN", "ann", "5 11:31"),
        hubspot("h4", "DELIVERED", "bob", "5 11:00:05", obsoleted_by_event_id_hubspot="h6"),
        hubspot("h6", "BOUNCE", "cid", "5 11:00:06"),
    )
    arrive(warehouse, "mailchimp.sent_to", 8, recipient("m2", "soft"))
    arrive(warehouse, "mailchimp.campaigns", 8, mailing("MC2", "schedule", "9 08:30"))
    arrive(
        warehouse,
        "mailchimp.email_activity",
        8,
        activity("m2", "bounce", "5 08:03", action_type="soft"),
        activity("m3", "bounce", "5 08:02", action_type="soft"),
    )
    arrive(
        warehouse,
        "twilio.messages",
        8,
        text("SM1", "undelivered", "5 07:00", error_code="30003"),
        text("SM6", "canceled", "5 05:00", **service("MG6")),
        text("SM2", "delivered", "5 07:10", receiver_address="+15550100002"),
        # Told late: the answer was to this one.
        text("SM4", "delivered", "5 07:20"),
    )
    arrive(
        warehouse,
        "files.offline_contacts",
        8,
        piece("p1", "L1", "summer"),
        piece("p3", None),
        piece("p4", "L5"),
    )


def third_night(warehouse: Warehouse) -> None:
    """Some go back to where they were, some messages are told of again."""
    arrive(
        warehouse,
        "klaviyo.events",
        10,
        klaviyo("k5", "P2", "C", "5 12:30"),
        klaviyo("k9", "P3", "O", "5 11:00"),
        klaviyo("k3", "P2", "R", "5 10:01"),
    )
    arrive(warehouse, "mailchimp.sent_to", 10, recipient("m2", "sent"))
    arrive(warehouse, "mailchimp.campaigns", 10, mailing("MC2", "sent", "9 08:30"))
    campaign = {"campaign_id_klaviyo": "K2", "message_id_klaviyo": "M3", "campaign_name": "News"}
    arrive(warehouse, "klaviyo.campaigns", 10, campaign)
