from __future__ import annotations

from datetime import date

import pytest

from connectors.settings import SettingError
from orchestration import nights

SANDBOX = nights.Calendar(date(2026, 1, 1), date(2026, 3, 1))


def days(first: str, last: str) -> set[str]:
    begin, end = date.fromisoformat(first), date.fromisoformat(last) + nights.ONE_DAY
    return {f"{day}" for day in nights.days_between(begin, end)}


def first(day: str, lookback: int, landed: set[str]) -> str:
    return f"{nights.first_day_to_pull(SANDBOX.first, date.fromisoformat(day), lookback, landed)}"


def test_the_first_run_pulls_from_the_calendars_start() -> None:
    assert first("2026-03-01", 4, set()) == "2026-01-01"


def test_a_night_pulls_its_look_back() -> None:
    assert first("2026-02-10", 4, days("2026-01-01", "2026-02-09")) == "2026-02-06"


def test_a_night_without_look_back_pulls_the_day_alone() -> None:
    assert first("2026-02-10", 0, days("2026-01-01", "2026-02-09")) == "2026-02-10"


def test_a_hole_before_the_look_back_is_pulled_again() -> None:
    landed = days("2026-01-01", "2026-02-09") - {"2026-01-20"}
    assert first("2026-02-10", 4, landed) == "2026-01-20"


def test_a_look_back_does_not_reach_before_the_calendar() -> None:
    assert first("2026-01-02", 30, {"2026-01-01"}) == "2026-01-01"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-13-01", "is no date: write YYYY-MM-DD"),
        ("yesterday", "is no date: write YYYY-MM-DD"),
        ("2026-3-1x", "is no date"),
        ("2026-03-02", "lies outside the sandbox's calendar, which goes from 2026-01-01 to"),
        ("2025-12-31", "lies outside the sandbox's calendar"),
    ],
)
def test_a_date_that_cannot_be_run_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        SANDBOX.night(text)


def test_the_default_night_is_the_calendars_last_day() -> None:
    assert SANDBOX.night(None) == date(2026, 3, 1)
    assert SANDBOX.night("") == date(2026, 3, 1)


def test_production_refuses_a_day_that_is_not_over() -> None:
    with pytest.raises(SettingError, match="the days that can be loaded"):
        nights.Calendar(date(2026, 1, 1)).night("2999-01-01")


def test_the_calendar_of_the_sandbox_follows_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THROUGHLINE_SANDBOX_START", "2025-05-01")
    monkeypatch.setenv("THROUGHLINE_SANDBOX_DAYS", "10")
    assert nights.calendar() == nights.Calendar(date(2025, 5, 1), date(2025, 5, 10))


@pytest.mark.parametrize(
    ("name", "value"),
    [("THROUGHLINE_SANDBOX_START", "May"), ("THROUGHLINE_SANDBOX_DAYS", "0")],
)
def test_a_calendar_setting_that_cannot_be_read_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=f"{name} is '{value}'"):
        nights.calendar()


@pytest.mark.parametrize("start", [date(2026, 1, 1), date(2030, 1, 1)])
def test_the_sandboxs_days_are_partitions_whatever_the_clock_on_the_wall_says(start: date) -> None:
    calendar = nights.Calendar(start, start + 59 * nights.ONE_DAY)
    keys = calendar.partitions().get_partition_keys()
    assert (keys[0], keys[-1], len(keys)) == (f"{start}", f"{calendar.last}", 60)


def test_a_night_runs_at_three_in_the_morning_after_it() -> None:
    assert nights.clock_after(date(2026, 2, 28)).isoformat() == "2026-03-01T03:00:00+00:00"
