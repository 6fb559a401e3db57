"""Suite for Snowplow: the enriched events of the web shop."""

from __future__ import annotations

from data_quality.chain import Chain, LandedSums, Level, current_base
from data_quality.suite import Pages, StreamSuite, inside_window, same, sane_amounts

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

# Every event of a visitor lies in just one session, an open one included.
_IN_SESSIONS = """
    (
        select events.occurred_at
        from (
            select domain_user_id as visitor_id, occurred_at
            from staging.stg_snowplow__events
            where domain_user_id is not null and {days}
        ) as events
        inner join (
            select distinct session_id, visitor_id, session_started_at, session_ended_at
            from intermediate.int_web__entries
            where session_status <> 'superseded' and session_ended_at >= {since}
        ) as sessions
            on events.visitor_id = sessions.visitor_id
                and events.occurred_at >= sessions.session_started_at
                and events.occurred_at <= sessions.session_ended_at
    )
"""
_SESSIONS = """
    (
        select
            session_id,
            session_started_at,
            sum(event_count) as event_count,
            sum(page_view_count) as page_view_count,
            sum(transaction_count) as transaction_count
        from intermediate.int_web__entries
        where session_status = 'complete' and {days}
        group by all
    )
"""

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
    Chain(
        stream="enriched_events",
        what="events of visitors",
        touched="coalesce(derived_at, collected_at)",
        levels=(
            Level(
                "staging.stg_snowplow__events",
                "staging.stg_snowplow__events",
                "occurred_at",
                {"visitor_events": "1"},
                where="domain_user_id is not null",
            ),
            Level("sessions", _IN_SESSIONS, "occurred_at", {"visitor_events": "1"}),
        ),
    ),
    Chain(
        stream="enriched_events",
        what="sessions",
        touched="coalesce(derived_at, collected_at)",
        levels=(
            Level(
                "intermediate.int_web__entries",
                _SESSIONS,
                "session_started_at",
                {"sessions": "1", **same("event_count", "page_view_count", "transaction_count")},
            ),
            Level(
                "marts.fct_web_session",
                "marts.fct_web_session",
                "started_at",
                {"sessions": "1", **same("event_count", "page_view_count", "transaction_count")},
            ),
        ),
    ),
)
