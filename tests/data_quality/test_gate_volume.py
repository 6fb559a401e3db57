"""Volumes: what is too little is held back, and no honest world is, however small."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from data_quality import figures as measuring
from data_quality import loads
from data_quality.suite import suites
from tests.data_quality.conftest import (
    START,
    Night,
    ad_rows,
    event_rows,
    is_held_for,
    pull_events,
)

NEXT = START + timedelta(days=31)
NEXT_EVENTS = START + timedelta(days=28)


@pytest.mark.parametrize("people", [3, 40])
def test_no_false_alarm_in_many_small_honest_worlds(night: Night, people: int) -> None:
    """A few rows a night, quiet weekends, days without anyone, a restated past."""
    dice = random.Random(people)

    def day_rows(day: date) -> list[dict[str, Any]]:
        busy = 0.3 if day.weekday() >= 5 else 1.0
        count = sum(dice.random() < busy * 0.5 for _ in range(people))
        return event_rows(day, count)

    known: dict[date, list[dict[str, Any]]] = {}
    for offset in range(70):
        known[START + timedelta(days=offset)] = day_rows(START + timedelta(days=offset))
    first = START + timedelta(days=56)
    seen = [row for day, rows in known.items() if day < first for row in rows]
    night.pull("klaviyo", "events", seen, end=first)
    for offset in range(14):
        day = first + timedelta(days=offset)
        window = [day - timedelta(days=back) for back in (3, 2, 1, 0)]
        rows = [row for each in window for row in known[each]]
        end = day + timedelta(days=1)
        night.pull("klaviyo", "events", rows, new=known[day], start=window[0], end=end)

    verdicts = night.judge()

    assert len(verdicts) == 15
    assert [verdict.message for verdict in verdicts if not verdict.is_accepted] == []
    assert [warning for verdict in verdicts for warning in verdict.warnings] == []


def test_a_stream_that_comes_in_bursts_may_have_a_quiet_day(night: Night) -> None:
    """A newsletter every third day falls on another weekday each week."""

    def day_rows(offset: int) -> list[dict[str, Any]]:
        return event_rows(START + timedelta(days=offset), 20 if offset % 3 == 2 else 400)

    first = [row for offset in range(28) for row in day_rows(offset)]
    night.pull("klaviyo", "events", first, end=START + timedelta(days=28))
    for offset in range(28, 35):
        pull_events(night, START + timedelta(days=offset), day_rows(offset))

    assert [str(verdict) for verdict in night.judge() if not verdict.is_accepted] == []


def test_a_night_pulled_again_brings_nothing_new_and_passes(month: Night) -> None:
    day = NEXT - timedelta(days=1)
    rows = [row for back in range(4, -1, -1) for row in ad_rows(day - timedelta(days=back))]
    end = day + timedelta(days=1)
    start = day - timedelta(days=4)
    month.pull("google_ads", "ad_performance", rows, new=[], start=start, end=end)

    verdict = month.judged()

    assert verdict.is_accepted
    assert verdict.figures["new_rows"] == 0
    assert verdict.figures["landed_rows"] == 60


def test_an_empty_load_where_volume_is_usual_is_held(month: Night) -> None:
    pull_events(month, NEXT_EVENTS, [])

    assert is_held_for(month.judged(), "0 rows of 2026-02-02 (a Monday)", "about 60")


def test_a_pull_with_no_page_at_all_is_held_as_well(month: Night) -> None:
    pull_events(month, NEXT_EVENTS, [], pages=[None])

    assert is_held_for(month.judged(), "0 rows of 2026-02-02")


def test_a_much_smaller_load_is_held(month: Night) -> None:
    pull_events(month, NEXT_EVENTS, event_rows(NEXT_EVENTS, 9))

    assert is_held_for(month.judged(), "9 rows of 2026-02-02")


def test_a_quiet_weekend_is_held_against_weekends_and_a_quiet_monday_against_mondays(
    night: Night,
) -> None:
    def day_rows(offset: int) -> list[dict[str, Any]]:
        day = START + timedelta(days=offset)
        return event_rows(day, 30 if day.weekday() >= 5 else 400)

    first = [row for offset in range(33) for row in day_rows(offset)]
    night.pull("klaviyo", "events", first, end=START + timedelta(days=33))
    assert night.judged().is_accepted
    saturday, monday = START + timedelta(days=33), START + timedelta(days=35)
    assert (saturday.weekday(), monday.weekday()) == (5, 0)

    pull_events(night, saturday, day_rows(33))
    assert night.judged().is_accepted
    pull_events(night, monday, event_rows(monday, 30))
    verdict = night.judged()
    assert is_held_for(verdict, "30 rows of 2026-02-09 (a Monday)", "400 are usual")
    assert "5 earlier Mondays" in verdict.message
    shown = ("compared_rows", "usual_rows", "lowest_rows", "compared_nights")
    assert [verdict.figures[figure] for figure in shown] == [30, 400, 120, 5]


def test_a_stream_without_days_is_held_against_nights_of_its_weekday(night: Night) -> None:
    """Posts as they stand: on Sundays few of them have changed."""

    def posts(day: date, count: int) -> None:
        rows = [{"post_id": f"{day}-{number}", "shares": number + 1} for number in range(count)]
        end = day + timedelta(days=1)
        night.pull("meta_social", "facebook_posts", rows, start=day, end=end)

    def usual(day: date) -> int:
        return 40 if day.weekday() == 6 else 300

    days = [START + timedelta(days=offset) for offset in range(35)]
    suite = suites()["meta_social"]["facebook_posts"]
    for day in days:
        posts(day, usual(day))
        (load,) = loads.find(night.con, "status = 'landed'")
        measuring.remember(night.con, load, measuring.measure(night.con, load, suite))
        loads.decide(night.con, load.load_id, "accepted", "gate", None)
    monday = days[-1] + timedelta(days=1)

    posts(monday, 40)

    said = "40 rows in the night of 2026-02-09 (a Monday)"
    assert is_held_for(night.judged(), said, "about 300 are usual (5 earlier Mondays)")


def test_a_day_that_was_complete_cannot_come_back_smaller(month: Night) -> None:
    rows = ad_rows(NEXT) + ad_rows(NEXT - timedelta(days=1))
    month.pull(
        "google_ads",
        "ad_performance",
        rows,
        new=ad_rows(NEXT),
        start=NEXT - timedelta(days=4),
        end=NEXT + timedelta(days=1),
    )

    assert is_held_for(month.judged(), "2026-02-02 from 12 to 0 rows")


def test_a_whole_past_of_few_rows_cannot_come_back_as_nothing(night: Night) -> None:
    """An account has one row a day: a day without one may be chance, and twelve are none."""
    days = [START + timedelta(days=offset) for offset in range(12)]
    rows = [row for day in days for row in ad_rows(day, ads=1)]
    night.pull("google_ads", "ad_performance", rows, end=days[-1] + timedelta(days=1))
    assert night.judged().is_accepted

    night.pull("google_ads", "ad_performance", [], end=days[-1] + timedelta(days=2))

    assert is_held_for(night.judged(), "all 12 together from 12 to 0 rows")


def test_a_list_that_shrinks_is_held_and_one_that_grows_is_not(night: Night) -> None:
    ads = [{"ad_id_google_ads": f"a{n}", "ad_name": "x", "ad_status": "ENABLED"} for n in range(30)]
    night.pull("google_ads", "ads", ads[:25])
    assert night.judged().is_accepted
    night.pull("google_ads", "ads", ads, new=ads[25:])
    assert night.judged().is_accepted

    night.pull("google_ads", "ads", ads[:9], new=[])

    assert is_held_for(night.judged(), "the list shrank from 30 to 9 rows")
