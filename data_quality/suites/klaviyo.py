"""Suites for Klaviyo: profiles, campaigns, metrics and the events of messages."""

from __future__ import annotations

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
