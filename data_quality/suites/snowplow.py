"""Suite for Snowplow: the enriched events of the web shop."""

from __future__ import annotations

from data_quality.suite import Pages, StreamSuite, inside_window, sane_amounts

SUITES = (
    StreamSuite(
        stream="enriched_events",
        # Columns 7 and 4 of the canonical event: event_id and collector_tstamp.
        pages=Pages(form="tsv", rows=None, key=("7",), day="4"),
        key=("event_id",),
        day="collected_at",
        rules=(
            # A run folder holds what was collected before it was written.
            *inside_window("collected_at", before=1),
            *sane_amounts("transaction_amount"),
        ),
    ),
)
