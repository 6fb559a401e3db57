"""Suite for Snowplow: the enriched events of the web shop."""

from __future__ import annotations

from data_quality.chain import Chain, LandedSums, Level, current_base
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

CHAINS = (
    Chain(
        stream="enriched_events",
        what="events",
        touched="collected_at",
        landed=LandedSums(
            # Columns 4 and 62 of the canonical event: collector_tstamp and tr_total.
            fields={"moment": "4", "total": "62"},
            day="try_cast(moment as timestamptz) at time zone 'UTC'",
            measures={"events": "1", "transaction_amount": "coalesce(total, '0')"},
        ),
        landed_at=1,
        levels=(
            Level(
                "base.base_snowplow__enriched_events",
                current_base("snowplow", SUITES[-1]),
                "collected_at",
                {"events": "1", "transaction_amount": "coalesce(transaction_amount, 0)"},
            ),
            Level(
                "staging.stg_snowplow__events",
                "staging.stg_snowplow__events",
                "collected_at",
                {"events": "1", "transaction_amount": "coalesce(transaction_amount, 0)"},
                key="event_id",
            ),
        ),
    ),
)
