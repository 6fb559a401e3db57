from __future__ import annotations

from datetime import date, timedelta

import pytest

from data_quality.drift import Drift
from data_quality.figures import Figures
from data_quality.findings import _drift, are_alike, comparable_days, is_improbable, usual
from data_quality.suite import Pages, StreamSuite
from data_quality.thresholds import DEFAULTS

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
    values, said = comparable_days(MONDAY, history(5, {5: 10, 6: 10}, 200), DEFAULTS)

    assert values == [200.0] * 5
    assert said == "5 earlier Mondays"


def test_with_less_history_all_recent_days_are_compared() -> None:
    values, said = comparable_days(MONDAY, history(2, {5: 10, 6: 10}, 200), DEFAULTS)

    assert len(values) == 14
    assert said == "the 14 days before"


def test_less_than_a_week_of_history_compares_nothing() -> None:
    days = {MONDAY - timedelta(days=back): 50 for back in range(1, 7)}

    assert comparable_days(MONDAY, days, DEFAULTS)[0] == []


@pytest.mark.parametrize(
    ("rows", "share", "expected"),
    [(60, 1.0, True), (1, 1.0, False), (2, 0.99, False), (4, 0.99, True), (40, 0.02, False)],
)
def test_emptiness_is_an_alarm_only_where_chance_does_not_explain_it(rows, share, expected) -> None:
    assert is_improbable(rows, share, DEFAULTS) is expected


def changed(*drift: Drift) -> str:
    suite = StreamSuite("events", Pages(), ("id",))
    finding = _drift(suite, Figures(drift=list(drift)))
    return finding.says if finding.value else ""


def test_a_new_field_is_told_once_most_rows_have_it() -> None:
    assert "attributes.mood is new" in changed(
        Drift("attributes.mood", "new", None, "string", 1, 9)
    )
    assert changed(Drift("attributes.mood", "new", None, "string", 0.1, 900)) == ""


def test_a_field_is_gone_only_if_a_small_night_does_not_explain_it() -> None:
    assert "age is gone" in changed(Drift("age", "vanished", "number", None, 0.6, 200))
    assert changed(Drift("age", "vanished", "number", None, 0.6, 5)) == ""


def test_a_number_that_became_a_text_is_told_with_both_types() -> None:
    message = changed(Drift("price", "retyped", "number", "string", 1, 9))

    assert "price turned from number into string" in message
