from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pytest

from data_quality import drift as drifting
from data_quality.drift import SHOWN, Drift, drift, drift_table
from data_quality.loads import Load
from tests.data_quality.conftest import START, Night, ad_rows, event_rows

TABLES = """
    create schema if not exists base;
    create table base.base_schema_drift (
        load_id text, vendor text, stream text, previous_load_id text, json_path text, change text,
        previous_type text, json_type text, rows_seen bigint
    );
    create table if not exists ops.load_fields (
        load_id text, vendor text, stream text, json_path text, json_type text, rows_seen bigint,
        rows_sampled bigint
    );
"""

# A field is new as long as no load of the stream was accepted.
NEW_UNTIL_ACCEPTED = """
    create schema if not exists base;
    create table ops.load_fields (
        load_id text, vendor text, stream text, json_path text, json_type text, rows_seen bigint,
        rows_sampled bigint
    );
    create view base.base_schema_drift as
    select
        load_id, vendor, stream, null as previous_load_id, '$.mood' as json_path, 'new' as change,
        null as previous_type, 'string' as json_type, 1 as rows_seen
    from ops.loads as this
    where not exists (
        select 1 from ops.loads as other
        where other.vendor = this.vendor and other.stream = this.stream
            and other.status = 'accepted' and other.load_id < this.load_id
    )
"""


def test_fields_that_base_noted_are_told_with_their_share_of_the_rows(night: Night) -> None:
    night.con.execute(TABLES)
    load_id = night.land("klaviyo", "events", ["{}"])
    (load,) = night.register()
    for name, rows in ((load_id, 20), ("before", 50)):
        night.con.execute(
            "insert into ops.load_fields values (?, 'klaviyo', 'events', 'id', 'string', 1, ?)",
            [name, rows],
        )
    for path, change, was, now, seen in (
        ("$.mood", "new", None, "object", 10),
        ("$.mood.now", "new", None, "string", 10),
        ("$.age", "vanished", "number", None, 40),
    ):
        night.con.execute(
            "insert into base.base_schema_drift values (?, 'klaviyo', 'events', 'before', ?, ?, ?,"
            " ?, ?)",
            [load_id, path, change, was, now, seen],
        )

    age, mood = drift(night.con, [load])[load_id]

    assert (str(mood), mood.share, mood.rows) == ("$.mood is new", 0.5, 20)
    assert (str(age), age.share, age.rows) == ("$.age is gone", 0.8, 20)


def test_without_notes_of_base_nothing_is_told(night: Night) -> None:
    load_id = night.land("klaviyo", "events", ["{}"])
    (load,) = night.register()

    assert drift(night.con, [load]) == {load_id: []}


def test_a_load_is_compared_with_what_was_accepted_a_moment_before(night: Night) -> None:
    """Two loads of a stream wait: the field of both is new in the first only, if that passes."""
    night.con.execute(NEW_UNTIL_ACCEPTED)
    first = night.pull("klaviyo", "events", event_rows(START))
    ads = night.pull("google_ads", "ad_performance", ad_rows(START))
    second = night.pull("klaviyo", "events", event_rows(START))
    third = night.pull("klaviyo", "events", event_rows(START))
    night.con.execute("delete from base.base_klaviyo__events where load_id = ?", [first])
    night.type_rows("klaviyo", "events", first, event_rows(START, quarantine_reason="x"))

    told = {v.load_id: (v.status, v.figures["changed_fields"]) for v in night.judge()}

    assert told == {
        first: ("held", 1),
        ads: ("accepted", 1),
        second: ("accepted", 1),
        third: ("accepted", 0),
    }


def test_one_question_is_about_the_next_load_of_every_stream(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        night.pull("klaviyo", "events", event_rows(START))
        night.pull("google_ads", "ad_performance", ad_rows(START))
        night.pull("google_ads", "ads", [{"ad_id_google_ads": "a1"}])
    asked: list[list[str]] = []

    def noted(con: duckdb.DuckDBPyConnection, loads: Sequence[Load]) -> dict[str, list[Drift]]:
        asked.append([load.load_id for load in loads])
        return drift(con, loads)

    monkeypatch.setattr(drifting, "drift", noted)

    night.judge()

    assert asked == [night.load_ids[:3], night.load_ids[3:]]


def test_the_changes_of_a_load_are_a_table_side_by_side() -> None:
    changes = [
        Drift("$.price", "retyped", "number", "string", 1.0, 40),
        Drift("$.mood", "new", None, "string", 0.5, 40),
        Drift("$.a|b", "vanished", "number", None, 0.8, 40),
    ]

    assert drift_table(changes).splitlines() == [
        "| change | field | was | is | in rows |",
        "|---|---|---|---|---|",
        "| new | `$.mood` |  | string | 50% of 40 sampled |",
        "| retyped | `$.price` | number | string | 100% of 40 sampled |",
        "| vanished | `$.a\\|b` | number |  | 80% of earlier ones |",
    ]
    assert drift_table([]) == ""


def test_a_vendor_that_changed_everything_is_told_in_a_table_one_can_read() -> None:
    changes = [
        Drift(f"$.f{number:03}", "new", None, "string", 1.0, 1) for number in range(SHOWN + 7)
    ]

    table = drift_table(changes).splitlines()

    assert len(table) == 2 + SHOWN + 1
    assert "and 7 more" in table[-1]
