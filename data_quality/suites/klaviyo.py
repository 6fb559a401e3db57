"""Suites for Klaviyo: profiles, campaigns, metrics and the events of messages."""

from __future__ import annotations

from data_quality.chain import Chain, LandedSums, Level, current_base
from data_quality.suite import Pages, StreamSuite, inside_window

SUITES = (
    StreamSuite(
        stream="profiles",
        pages=Pages(day="attributes.updated"),
        key=("profile_id_klaviyo",),
        day="updated_at",
        # The vendor has no greater-or-equal here: the window is asked for from a second before.
        rules=inside_window("updated_at", before=0.001),
    ),
    StreamSuite(
        stream="campaigns",
        pages=Pages(day="attributes.updated_at"),
        key=("campaign_id_klaviyo",),
        day="updated_at",
        rules=inside_window("updated_at", before=0.001),
    ),
    StreamSuite(
        stream="metrics",
        pages=Pages(),
        key=("metric_id_klaviyo",),
        volume="snapshot",
    ),
    StreamSuite(
        stream="events",
        pages=Pages(day="attributes.datetime"),
        key=("event_id_klaviyo",),
        day="occurred_at",
        is_day_final=True,
        rules=inside_window("occurred_at"),
    ),
)

# Sent messages as the vendor's own events tell: one per message and profile, delivered or bounced.
_SENT = """
    (
        select min(events.occurred_at) as sent_at
        from staging.stg_klaviyo__events as events
        inner join staging.stg_klaviyo__metrics as metrics using (metric_id_klaviyo)
        where metrics.metric_name in ('Received Email', 'Bounced Email')
            and events.message_id_klaviyo is not null and events.occurred_at >= {since}
        group by events.message_id_klaviyo, events.profile_id_klaviyo
    )
"""

CHAINS = (
    Chain(
        stream="events",
        what="events",
        touched="occurred_at",
        landed=LandedSums(
            fields={"moment": "attributes.datetime"},
            day="try_cast(moment as timestamptz) at time zone 'UTC'",
            measures={"events": "1"},
        ),
        landed_at=1,
        levels=(
            Level(
                "base.base_klaviyo__events",
                current_base("klaviyo", SUITES[-1]),
                "occurred_at",
                {"events": "1"},
            ),
            Level(
                "staging.stg_klaviyo__events",
                "staging.stg_klaviyo__events",
                "occurred_at",
                {"events": "1"},
                key="event_id_klaviyo",
            ),
        ),
    ),
    Chain(
        stream="events",
        what="messages",
        touched="occurred_at",
        levels=(
            Level("staging.stg_klaviyo__events", _SENT, "sent_at", {"messages": "1"}),
            Level(
                "marts.fct_message",
                "marts.fct_message",
                "sent_at",
                {"messages": "1"},
                where="platform = 'klaviyo'",
            ),
        ),
    ),
)
