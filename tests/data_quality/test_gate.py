"""Each class of fault is caught and told in words that a person can act on."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from data_quality import gate, loads
from data_quality.expectations import Judge
from tests.data_quality.conftest import (
    START,
    Night,
    ad_page,
    ad_rows,
    event_page,
    event_rows,
    is_held_for,
    midnight,
    next_ad_night,
    pull_events,
)

NEXT = START + timedelta(days=31)
NEXT_EVENTS = START + timedelta(days=28)


def test_the_first_load_of_a_stream_has_no_history_and_passes(night: Night) -> None:
    night.pull("google_ads", "ad_performance", ad_rows(START))

    verdict = night.judged()

    assert verdict.is_accepted
    assert verdict.figures["landed_rows"] == 12
    assert verdict.figures["new_rows"] == 12


def test_loads_are_accepted_in_the_order_in_which_they_were_pulled(month: Night) -> None:
    accepted = loads.find(month.con, "status = 'accepted'")

    assert [load.accepted_seq for load in accepted] == [1, 2, 3, 4, 5]
    assert all(load.decided_by == "gate" for load in accepted)


def test_negative_impressions_are_held_with_an_example(month: Night) -> None:
    rows = ad_rows(NEXT)
    rows[3]["impressions"] = -5
    month.pull("google_ads", "ad_performance", rows, start=NEXT, end=NEXT + timedelta(1))

    assert is_held_for(month.judged(), "1 of 12 new rows have impressions below 0", "-5")


def test_an_amount_in_the_wrong_unit_is_held(month: Night) -> None:
    next_ad_night(month, NEXT, cost_micros=15 * 10**12)

    assert is_held_for(month.judged(), "looks like a wrong unit")


def test_rows_of_another_time_than_asked_for_are_held(month: Night) -> None:
    rows = event_rows(NEXT_EVENTS)
    late = [{**row, "occurred_at": midnight(START)} for row in rows[:20]]
    pull_events(month, NEXT_EVENTS, rows, new=late + rows[20:])

    assert is_held_for(month.judged(), "20 of 60 new rows have occurred_at outside")


def test_times_that_no_calendar_of_pandas_knows_are_outside_the_window(month: Night) -> None:
    rows = event_rows(NEXT_EVENTS)
    odd = [{**row, "occurred_at": midnight(date(9999, 1, 1))} for row in rows[:20]]
    pull_events(month, NEXT_EVENTS, rows, new=odd + rows[20:])

    assert is_held_for(month.judged(), "20 of 60 new rows have occurred_at outside")


def test_more_clicks_than_impressions_is_a_warning_only(month: Night) -> None:
    next_ad_night(month, NEXT, clicks=9_999)

    verdict = month.judged()

    assert verdict.is_accepted
    assert "clicks above impressions" in verdict.message


def test_a_field_that_was_filled_and_is_now_empty_is_held(month: Night) -> None:
    pull_events(month, NEXT_EVENTS, event_rows(NEXT_EVENTS, subject=None))

    assert is_held_for(month.judged(), "empty in all 60 new rows: subject")


def test_a_field_that_few_rows_ever_have_may_be_empty_for_a_night(month: Night) -> None:
    pull_events(month, NEXT_EVENTS, event_rows(NEXT_EVENTS, url=None))

    assert month.judged().is_accepted


def test_a_metric_that_turns_zero_while_its_siblings_move_is_held(month: Night) -> None:
    next_ad_night(month, NEXT, clicks=0)

    assert is_held_for(month.judged(), "clicks is 0", "while others move")


def test_a_day_on_which_nothing_moved_is_no_silent_zero(month: Night) -> None:
    zeros = dict.fromkeys(
        ("impressions", "clicks", "cost_micros", "conversions", "conversions_value"), 0
    )
    next_ad_night(month, NEXT, **zeros)

    assert month.judged().is_accepted


def test_metrics_inside_a_list_fall_silent_as_any_other(night: Night) -> None:
    def posts(reactions: int, seed: int) -> list[dict[str, Any]]:
        return [
            {
                "post_id": f"p{number}",
                "insights": [
                    {"metric_name": "post_media_view", "metric_value": 100 + seed},
                    {"metric_name": "post_reactions_like_total", "metric_value": reactions},
                ],
            }
            for number in range(20)
        ]

    for seed in range(3):
        night.pull("meta_social", "facebook_posts", posts(7 + seed, seed))
    assert all(verdict.is_accepted for verdict in night.judge())

    night.pull("meta_social", "facebook_posts", posts(0, 9))

    assert is_held_for(night.judged(), "likes is 0")


def quarantined(rows: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    reason = 'occurred_at: cannot read "soon" as timestamp'
    bad = [{**row, "quarantine_reason": reason, "raw": "{}"} for row in rows[:count]]
    return bad + rows[count:]


def test_a_few_rows_in_quarantine_are_a_warning(month: Night) -> None:
    rows = event_rows(NEXT_EVENTS)
    pull_events(month, NEXT_EVENTS, rows, new=quarantined(rows, 2))

    verdict = month.judged()

    assert verdict.is_accepted
    assert "2 of 60 rows are in quarantine" in verdict.message
    assert "cannot read … as timestamp (2)" in verdict.message


def test_many_rows_in_quarantine_hold_the_load(month: Night) -> None:
    rows = event_rows(NEXT_EVENTS)
    pull_events(month, NEXT_EVENTS, rows, new=quarantined(rows, 12))

    assert is_held_for(month.judged(), "12 of 60 rows are in quarantine")


def test_a_load_of_which_no_row_can_be_read_is_held_however_small(night: Night) -> None:
    rows = event_rows(START, 2)
    pull_events(night, START, rows, new=quarantined(rows, 2))

    assert is_held_for(night.judged(), "2 of 2 rows are in quarantine")


@pytest.mark.parametrize(
    "page", ["<html>sorry</html>", '{"errors": []}', '{"data": null}', '{"data": [{"id": "1"']
)
def test_a_page_that_is_not_what_the_vendor_promises_is_held(night: Night, page: str) -> None:
    pages = [event_page(event_rows(START)), page]
    pull_events(night, START, event_rows(START), pages=pages)

    assert is_held_for(night.judged(), "1 of 2 pages are not what the vendor promises")


def test_the_same_rows_twice_are_a_warning_because_each_is_kept_once(night: Night) -> None:
    page = event_page(event_rows(START))
    pull_events(night, START, event_rows(START), pages=[page, page])

    verdict = night.judged()

    assert verdict.is_accepted
    assert "60 rows came more than once" in verdict.message


def test_the_same_keys_with_other_content_in_one_pull_are_held(night: Night) -> None:
    rows = event_rows(START)
    other = [{**row, "subject": "Other"} for row in rows[:20]]
    pull_events(night, START, rows + other, new=rows + other)

    assert is_held_for(night.judged(), "20 of 80 new rows repeat a key with other content")


def test_a_held_load_leaves_the_other_streams_and_the_next_pull_alone(
    month: Night,
) -> None:
    bad = pull_events(month, NEXT_EVENTS, [])
    good = month.pull("google_ads", "ad_performance", ad_rows(START))
    month.judge()
    again = pull_events(month, NEXT_EVENTS, event_rows(NEXT_EVENTS))
    month.judge()

    assert month.status(bad) == "held"
    assert month.status(good) == "accepted"
    assert month.status(again) == "accepted"


def test_a_load_that_base_has_not_read_waits_and_is_judged_later(night: Night) -> None:
    load_id = night.land("klaviyo", "events", [event_page(event_rows(START))])
    night.register()

    verdict = night.judged()

    assert verdict.status == "landed"
    assert "base model has not read" in verdict.message
    night.type_rows("klaviyo", "events", load_id, event_rows(START))
    assert night.judged().is_accepted


def test_a_load_whose_files_could_not_be_read_is_reported_once(night: Night) -> None:
    night.land("klaviyo", "events", ["{}"])
    (path,) = (night.folder / "landing/klaviyo/events").glob("*.parquet")
    path.write_bytes(b"PAR1")
    night.register()

    (verdict,) = night.judge()

    assert verdict.status == "held"
    assert str(path) in verdict.message
    assert night.judge() == []


def test_a_stream_without_a_suite_is_held_rather_than_waved_through(night: Night) -> None:
    night.land("klaviyo", "poems", ["{}"])
    night.register()

    assert "no suite judges this stream" in night.judged().reason


def test_a_base_table_without_a_column_that_the_suite_reads_is_held(night: Night) -> None:
    night.pull("klaviyo", "events", event_rows(START))
    night.con.execute('alter table base."base_klaviyo__events" drop column occurred_at')

    assert "base has no column occurred_at" in night.judged().reason


def test_a_landing_file_that_vanished_after_base_read_it_is_held(night: Night) -> None:
    night.pull("klaviyo", "events", event_rows(START))
    for path in (night.folder / "landing/klaviyo/events").glob("*.parquet"):
        path.unlink()

    assert "its rows cannot be counted" in night.judged().reason


def test_a_run_killed_between_two_verdicts_leaves_the_rest_to_the_next(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = night.pull("google_ads", "ad_performance", ad_rows(START))
    second = night.pull("klaviyo", "events", event_rows(START))
    write = gate._write

    def die_at_the_second(con: Any, load: loads.Load, *rest: Any) -> None:
        write(con, load, *rest)
        if load.load_id == second:
            raise KeyboardInterrupt

    monkeypatch.setattr(gate, "_write", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        night.judge()
    assert night.status(first) == "accepted"
    assert night.status(second) == "landed"
    monkeypatch.undo()

    (verdict,) = night.judge()

    assert verdict.load_id == second
    figures = night.con.execute(
        "select count(*), count(distinct (load_id, figure, day)) from ops.load_figures"
    ).fetchone()
    assert figures is not None
    assert figures[0] == figures[1]


def test_rows_are_judged_in_slices_so_that_a_large_load_fits_into_memory(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "SLICE_ROWS", 20)
    rows = event_rows(START, 60)
    rows[55]["occurred_at"] = midnight(START - timedelta(days=9))
    seen: list[int] = []
    judge_rows = Judge.rows
    monkeypatch.setattr(
        Judge,
        "rows",
        lambda self, load, rules, frames: judge_rows(
            self, load, rules, (seen.append(len(frame)) or frame for frame in frames)
        ),
    )
    pull_events(night, START, rows)

    verdict = night.judged()

    assert sum(seen) == 60
    assert max(seen) <= 20
    assert "1 of 20 new rows have occurred_at outside" in verdict.reason
    pages = list((night.folder / "docs/validations/raw_klaviyo").rglob("*.html"))
    assert len(pages) == 3, "Data Docs show each slice"


def test_every_check_is_written_down_for_those_who_ask_later(month: Night) -> None:
    load_id = pull_events(month, NEXT_EVENTS, [])
    month.judge()

    failed = month.con.execute(
        "select check_name, severity, message from ops.load_checks"
        " where load_id = ? and not is_passed",
        [load_id],
    ).fetchall()

    assert [row[0] for row in failed] == ["volume: compared_rows"]
    (load,) = loads.held(month.con)
    assert failed[0][2] == load.reason


def test_a_google_page_without_rows_is_an_empty_page_and_no_broken_one(night: Night) -> None:
    pages: list[str | None] = [ad_page(ad_rows(START)), json.dumps({"fieldMask": "x"})]
    night.pull("google_ads", "ad_performance", ad_rows(START), pages=pages)

    assert night.judged().is_accepted
