"""Suites for HubSpot: contacts, forms, submissions, marketing e-mail and its events."""

from __future__ import annotations

from data_quality.chain import Chain, LandedSums, Level, SourceTotal, current_base
from data_quality.suite import Pages, StreamSuite, inside_window, one_of

EVENTS = ["SENT", "DROPPED", "PROCESSED", "DELIVERED", "DEFERRED", "BOUNCE", "OPEN", "CLICK"]
EVENTS += ["PRINT", "FORWARD", "STATUSCHANGE", "SPAMREPORT", "UNBOUNCE"]

SUITES = (
    StreamSuite(
        stream="contacts",
        # Every archived contact comes each night, so rows lie on days long past.
        pages=Pages(rows="results"),
        key=("contact_id_hubspot",),
        volume="any",
    ),
    StreamSuite(
        stream="forms",
        pages=Pages(rows="results"),
        key=("form_id_hubspot",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="form_submissions",
        pages=Pages(rows="results", key=("conversionId",), day="submittedAt", time="epoch_ms"),
        key=("submission_id_hubspot",),
        day="submitted_at",
        is_day_final=True,
        # The last page of a form reaches back as far as it likes.
        rules=inside_window("submitted_at", before=36500),
    ),
    StreamSuite(
        stream="marketing_emails",
        pages=Pages(rows="results"),
        key=("email_id_hubspot",),
        volume="any",
    ),
    StreamSuite(
        stream="email_campaigns",
        pages=Pages(rows=None),
        key=("email_campaign_id_hubspot",),
        volume="any",
    ),
    StreamSuite(
        stream="email_events",
        pages=Pages(rows="events", day="created", time="epoch_ms"),
        key=("event_id_hubspot",),
        day="occurred_at",
        is_day_final=True,
        rules=(
            *inside_window("occurred_at", after=0.001),
            *one_of("event_type", *EVENTS),
        ),
    ),
)
_BY_NAME = {suite.stream: suite for suite in SUITES}

# One message per sending and address: the first of what says that it went out.
_SENT = """
    (
        select min(occurred_at) as sent_at
        from staging.stg_hubspot__email_events
        where event_type in ('SENT', 'DELIVERED', 'BOUNCE', 'DROPPED')
            and obsoleted_by_event_id_hubspot is null
            and email_campaign_id_hubspot is not null and trim(recipient_email) <> ''
            and occurred_at >= {since}
        group by email_campaign_id_hubspot, lower(trim(recipient_email))
    )
"""


def _rows(stream: str, moment: str, day: str, key: str) -> Chain:
    """From the pages to staging, by count."""
    staged = f"staging.stg_hubspot__{stream}"
    return Chain(
        stream=stream,
        what="rows",
        touched=day,
        landed=LandedSums(
            fields={"moment": moment},
            day="epoch_ms(try_cast(moment as bigint))",
            measures={"rows": "1"},
        ),
        landed_at=1,
        levels=(
            Level(
                f"base.base_hubspot__{stream}",
                current_base("hubspot", _BY_NAME[stream]),
                day,
                {"rows": "1"},
            ),
            Level(staged, staged, day, {"rows": "1"}, key=key),
        ),
    )


CHAINS = (
    _rows("email_events", "created", "occurred_at", "event_id_hubspot"),
    _rows("form_submissions", "submittedAt", "submitted_at", "submission_id_hubspot"),
    Chain(
        stream="email_events",
        what="messages",
        touched="occurred_at",
        levels=(
            Level("staging.stg_hubspot__email_events", _SENT, "sent_at", {"messages": "1"}),
            Level(
                "marts.fct_message",
                "marts.fct_message",
                "sent_at",
                {"messages": "1"},
                where="platform = 'hubspot'",
            ),
        ),
    ),
    Chain(
        stream="form_submissions",
        what="submissions",
        touched="submitted_at",
        levels=(
            Level(
                "staging.stg_hubspot__form_submissions",
                "staging.stg_hubspot__form_submissions",
                "submitted_at",
                {"submissions": "1"},
            ),
            Level(
                "marts.fct_form_submission",
                "marts.fct_form_submission",
                "submitted_at",
                {"submissions": "1"},
                where="platform = 'hubspot'",
            ),
        ),
    ),
)


def _stated(measure: str, counter: str, built: str) -> SourceTotal:
    """HubSpot's own counts of a sending against our messages of it, by the day of the sending.

    Counts and events are pulled one after the other, so a difference does not block.
    """
    return SourceTotal(
        stream="email_events",
        measure=measure,
        is_blocking=False,
        touched=(("email_campaigns", "processed_at"),),
        stated=Level(
            "e-mail campaigns",
            "staging.stg_hubspot__email_campaigns",
            "processed_at",
            {measure: counter},
        ),
        built=Level(
            "marts.fct_message",
            """
                (
                    select campaigns.processed_at, messages.*
                    from marts.fct_message as messages
                    inner join staging.stg_hubspot__email_campaigns as campaigns
                        on messages.campaign_id = campaigns.email_campaign_id_hubspot
                    where messages.platform = 'hubspot' and {days}
                )
            """,
            "processed_at",
            {measure: built},
        ),
    )


TOTALS = (
    _stated("sent_messages", "coalesce(sent_count, 0)", "1"),
    _stated("delivered_messages", "coalesce(delivered_count, 0)", "is_delivered::integer"),
)
