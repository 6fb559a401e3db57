"""A metric that turns 0 or null while its siblings move: whichever it is, and in whichever rows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data_quality.figures import Figures, History
from data_quality.silence import silent
from data_quality.suite import suites
from tests.data_quality.conftest import START, Night, ad_rows, is_held_for, next_ad_night

NEXT = START + timedelta(days=31)


SUITE = suites()["google_ads"]["ad_performance"]
SCOPES = {"newest": "the newest day", "earlier": "the days before the newest"}
ROWS = {"newest": 12, "earlier": 48, "all": 60}


def load_of(metric: str, scope: str, known: int, moving: int) -> Figures:
    """A load in which every metric moves in every row, but for that one in that scope."""
    figures = Figures()
    for place, rows in ROWS.items():
        figures.values[f"{place}.rows"] = rows
        for name in SUITE.metrics:
            figures.values[f"{place}.known.{name}"] = figures.values[f"{place}.moving.{name}"] = (
                rows
            )
    figures.values[f"{scope}.known.{metric}"] = known
    figures.values[f"{scope}.moving.{metric}"] = moving
    return figures


HISTORY = History(loads=[load_of("none", "all", 0, 0).values] * 3)


@pytest.mark.parametrize("metric", SUITE.metrics)
@pytest.mark.parametrize("scope", SCOPES)
def test_each_metric_is_missed_where_it_is_zero_or_null_in_a_part_of_the_load(
    metric: str, scope: str
) -> None:
    rows = ROWS[scope]
    for known, said in ((rows, "0"), (0, "null")):
        told = silent(SUITE, load_of(metric, scope, known, 0), HISTORY)
        assert list(told) == [metric]
        assert told[metric].startswith(f"{metric} is {said} in {SCOPES[scope]} ({rows};")
    assert silent(SUITE, load_of(metric, scope, rows, 1), HISTORY) == {}


def test_the_parts_of_a_load_are_counted_as_base_has_them(month: Night) -> None:
    """A null on the newest day alone, through the gate."""
    days = [NEXT - timedelta(days=back) for back in range(4, -1, -1)]
    rows = [row for day in days[:-1] for row in ad_rows(day, clicks=9)] + ad_rows(NEXT, clicks=None)
    end = NEXT + timedelta(days=1)
    month.pull("google_ads", "ad_performance", rows, start=days[0], end=end)

    assert is_held_for(month.judged(), "clicks is null in the newest day (12; it was known in 98%)")


@pytest.mark.parametrize("metric", ["impressions", "cost_micros"])
def test_a_metric_whose_field_vanished_is_held(month: Night, metric: str) -> None:
    next_ad_night(month, NEXT, **{metric: None})

    assert is_held_for(month.judged(), f"empty in all 12 new rows: {metric} (was filled in 100%)")


@pytest.mark.parametrize(("rows", "is_missed"), [(12, False), (60, True)])
def test_a_metric_few_rows_ever_state_is_missed_only_where_many_do_not(
    rows: int, is_missed: bool
) -> None:
    """Below half it is no vanished field; its siblings say that something is wrong with it."""
    before = load_of("conversions", "all", 18, 18).values
    figures = load_of("conversions", "all", 0, 0)
    figures.values["all.rows"] = rows

    told = silent(SUITE, figures, History(loads=[before] * 3))

    assert list(told) == (["conversions"] if is_missed else [])


def test_a_day_on_which_no_metric_moves_is_a_quiet_day() -> None:
    figures = load_of("none", "all", 0, 0)
    figures.values |= {f"newest.moving.{name}": 0 for name in SUITE.metrics}

    assert silent(SUITE, figures, HISTORY) == {}


def test_the_metrics_stand_beside_what_they_usually_do(month: Night) -> None:
    next_ad_night(month, NEXT, clicks=0)

    table = month.judged().tables["metrics"].splitlines()

    assert table[0] == "| metric | not null | not 0 | not 0 usually |"
    (clicks,) = [line for line in table if line.startswith("| clicks |")]
    assert clicks == "| clicks | 100% of 12 | 0% of 12 | 100% of 372 |"
