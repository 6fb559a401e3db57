"""Which earlier nights a night is held against, and what is usual then."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from data_quality.thresholds import DEFAULTS
from data_quality.volume import are_alike, comparable, usual, usual_for

MONDAY = date(2026, 3, 2)


def history(weeks: int, rows_of: dict[int, int], default: int) -> dict[date, int]:
    days = [MONDAY - timedelta(days=back) for back in range(1, 7 * weeks + 1)]
    return {day: rows_of.get(day.weekday(), default) for day in days}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], 0),
        ([100, 110, 90, 105], 97.5),
        ([1000, 20, 1100, 30], 20),
        ([7], 7),
        ([3, 0, 5, 1], 0.75),
    ],
    ids=["nothing", "alike", "bursts", "one", "few"],
)
def test_the_usual_volume_is_what_nearly_every_recent_one_reached(values, expected) -> None:
    assert usual(values, DEFAULTS) == expected


def test_small_counts_are_alike_though_one_is_ten_times_the_other() -> None:
    assert are_alike([1, 10], DEFAULTS)
    assert not are_alike([100, 1000], DEFAULTS)


def test_where_the_weekday_makes_the_volume_only_that_weekday_is_compared() -> None:
    values, said = comparable(MONDAY, history(5, {5: 10, 6: 10}, 200), DEFAULTS)

    assert values == [200.0] * 5
    assert said == "5 earlier Mondays"


def test_with_less_history_all_recent_days_are_compared() -> None:
    values, said = comparable(MONDAY, history(2, {5: 10, 6: 10}, 200), DEFAULTS)

    assert len(values) == 14
    assert said == "the 14 nights before"


def test_less_than_a_week_of_history_compares_nothing() -> None:
    days = {MONDAY - timedelta(days=back): 50 for back in range(1, 7)}

    assert comparable(MONDAY, days, DEFAULTS)[0] == []


def test_one_night_that_went_wrong_does_not_take_the_weekday_from_the_others() -> None:
    days = history(5, {5: 10, 6: 10}, 200)
    days[MONDAY - timedelta(days=4)] = 0

    values, said = comparable(MONDAY, days, DEFAULTS)

    assert values == [200.0] * 5
    assert said == "5 earlier Mondays"


def test_the_weekday_that_is_not_steady_is_held_against_all_recent_nights() -> None:
    days = history(5, {5: 10, 6: 10}, 200)
    days[MONDAY - timedelta(days=7)] = 5000

    values, said = comparable(MONDAY, days, DEFAULTS)

    assert said == "the 28 nights before"
    assert min(values) == 10


def test_a_saturdays_volume_is_too_little_for_a_monday() -> None:
    days = history(5, {5: 50, 6: 50}, 400)

    monday, saturday = MONDAY, MONDAY - timedelta(days=2)

    assert usual_for(monday, days, DEFAULTS).lowest > 50
    assert usual_for(saturday, days, DEFAULTS).lowest < 50
    assert usual_for(saturday, days, DEFAULTS).rows == 50
