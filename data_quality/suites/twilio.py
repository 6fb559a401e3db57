"""Suites for Twilio: messages, daily usage and messaging services."""

from __future__ import annotations

from data_quality.chain import Chain, LandedSums, Level, SourceTotal, current_base
from data_quality.suite import Pages, StreamSuite, inside_window, one_of, sane_amounts

STATUSES = ["queued", "sending", "sent", "failed", "delivered", "undelivered", "receiving"]
STATUSES += ["received", "accepted", "scheduled", "read", "partially_delivered", "canceled"]

SUITES = (
    StreamSuite(
        stream="messages",
        pages=Pages(rows="messages", key=("sid",), day="date_sent", time="rfc2822"),
        key=("message_id_twilio",),
        day="sent_at",
        is_day_final=True,
        # Prices and errors come days later: no metric of one night's rows may be judged by them.
        rules=(
            *inside_window("sent_at", after=0.001),
            *one_of("message_status", *STATUSES),
            *one_of("direction", "inbound", "outbound-api", "outbound-call", "outbound-reply"),
            *sane_amounts("price", limit=1000),
        ),
    ),
    StreamSuite(
        stream="usage_records",
        pages=Pages(rows="usage_records", key=("category", "start_date"), day="start_date"),
        key=("category", "report_date"),
        day="report_date",
        rules=(*inside_window("report_date"), *sane_amounts("price")),
    ),
    StreamSuite(
        stream="messaging_services",
        pages=Pages(rows="services", key=("sid",)),
        key=("messaging_service_id_twilio",),
        volume="snapshot",
    ),
)

_SENT = """
    (
        select occurred_at as sent_at
        from staging.stg_twilio__messages
        where not is_inbound and contact_address like '+%'
            and message_status in (
                'sent', 'delivered', 'read', 'partially_delivered', 'failed', 'undelivered'
            )
    )
"""

CHAINS = (
    Chain(
        stream="messages",
        what="messages",
        touched="sent_at",
        landed=LandedSums(
            fields={"moment": "date_sent", "charged": "price"},
            day="try_strptime(moment, '%a, %d %b %Y %H:%M:%S %z') at time zone 'UTC'",
            measures={"messages": "1", "price": "coalesce(charged, '0')"},
        ),
        landed_at=1,
        levels=(
            Level(
                "base.base_twilio__messages",
                current_base("twilio", SUITES[0]),
                "sent_at",
                {"messages": "1", "price": "price"},
            ),
            Level(
                "staging.stg_twilio__messages",
                "staging.stg_twilio__messages",
                "sent_at",
                {"messages": "1", "price": "coalesce(price, 0)"},
                key="message_id_twilio",
            ),
        ),
    ),
    Chain(
        stream="messages",
        what="messages to persons",
        touched="sent_at",
        levels=(
            Level("staging.stg_twilio__messages", _SENT, "sent_at", {"messages": "1"}),
            Level(
                "marts.fct_message",
                "marts.fct_message",
                "sent_at",
                {"messages": "1"},
                where="platform = 'twilio'",
            ),
        ),
    ),
)


def _stated(measure: str, value: str) -> SourceTotal:
    """Twilio's own daily usage of SMS, both directions, against the messages that are billed.

    Usage is counted some time before the messages are read, so a difference does not block.
    """
    return SourceTotal(
        stream="messages",
        measure=measure,
        is_blocking=False,
        touched=(("usage_records", "report_date"), ("messages", "sent_at")),
        stated=Level(
            "usage records",
            "staging.stg_twilio__usage_records",
            "report_date",
            {measure: value},
            where="category = 'sms'",
        ),
        built=Level(
            "staging.stg_twilio__messages",
            "staging.stg_twilio__messages",
            "occurred_at",
            {measure: {"billed_messages": "1", "spend": "-price"}[measure]},
            where="price is not null and channel = 'sms'",
        ),
    )


TOTALS = (_stated("billed_messages", "usage_count"), _stated("spend", "price"))
