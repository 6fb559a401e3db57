from __future__ import annotations

from data_quality.drift import SHOWN, Drift, drift, drift_table
from tests.data_quality.conftest import Night

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

    age, mood = drift(night.con, load)

    assert (str(mood), mood.share, mood.rows) == ("$.mood is new", 0.5, 20)
    assert (str(age), age.share, age.rows) == ("$.age is gone", 0.8, 20)


def test_without_notes_of_base_nothing_is_told(night: Night) -> None:
    night.land("klaviyo", "events", ["{}"])
    (load,) = night.register()

    assert drift(night.con, load) == []


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
