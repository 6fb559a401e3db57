"""Windows, vendors and the error that names them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

import connectors
from connectors.stream import ConnectorError, Days, Window, utc

DAY = datetime(2026, 1, 10, tzinfo=UTC)


class TestWindow:
    def test_a_time_without_zone_is_refused(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            Window(datetime(2026, 1, 1), datetime(2026, 1, 2))

    def test_an_empty_span_is_refused(self) -> None:
        with pytest.raises(ValueError, match="ends after it starts"):
            Window(DAY, DAY)

    def test_pieces_follow_each_other_and_are_never_too_long(self) -> None:
        window = Window(DAY, DAY + timedelta(days=25))
        pieces = list(window.split(timedelta(days=10)))
        assert [piece.end - piece.start for piece in pieces] == [
            timedelta(days=10),
            timedelta(days=10),
            timedelta(days=5),
        ]
        assert (pieces[0].start, pieces[-1].end) == (window.start, window.end)
        assert [piece.end for piece in pieces[:-1]] == [piece.start for piece in pieces[1:]]

    @pytest.mark.parametrize("length", [2, 3, 7, 1000, 86_400_000, 86_400_001])
    def test_halves_meet_at_a_whole_step_and_leave_nothing_out(self, length: int) -> None:
        step = timedelta(milliseconds=1)
        earlier, later = Window(DAY, DAY + length * step).halves(step)
        assert (earlier.start, earlier.end, later.end) == (DAY, later.start, DAY + length * step)
        assert (earlier.end - DAY) % step == timedelta(0)
        assert abs((later.end - later.start) - (earlier.end - earlier.start)) <= step

    def test_what_cannot_be_told_apart_has_no_halves(self) -> None:
        step = timedelta(milliseconds=1)
        assert Window(DAY, DAY + step).halves(step) == ()
        assert Window(DAY, DAY + step / 2).halves(step) == ()

    def test_a_window_until_midnight_does_not_touch_the_next_day(self) -> None:
        assert Window(DAY, DAY + timedelta(days=1)).dates() == (date(2026, 1, 10),) * 2

    def test_a_window_of_an_hour_touches_its_day(self) -> None:
        hour = Window(DAY + timedelta(hours=5), DAY + timedelta(hours=6))
        assert hour.dates() == (date(2026, 1, 10),) * 2

    def test_late_updates_are_asked_for_until_the_next_night_takes_over(self) -> None:
        night = Window(DAY, DAY + timedelta(days=1))
        pull = night.end + timedelta(hours=3)
        late = night.with_late_updates()
        assert late.start == night.start
        assert late.end > pull
        assert late.end == Window(night.end, night.end + timedelta(days=1)).end

    def test_times_of_other_zones_are_told_in_utc(self) -> None:
        east = timezone(timedelta(hours=2))
        assert utc(datetime(2026, 1, 10, 1, 30, tzinfo=east)) == "2026-01-09T23:30:00Z"


class TestDays:
    def test_spans_follow_each_other_and_hold_each_day_once(self) -> None:
        days = Window(DAY, DAY + timedelta(days=65)).days()
        spans = list(days.split(30))
        assert [len(span) for span in spans] == [30, 30, 5]
        held = [span.first + timedelta(days=n) for span in spans for n in range(len(span))]
        assert held == [DAY.date() + timedelta(days=n) for n in range(65)]

    @pytest.mark.parametrize("count", [2, 3, 4, 31])
    def test_halves_hold_each_day_once(self, count: int) -> None:
        days = Days(date(2026, 2, 20), date(2026, 2, 20) + timedelta(days=count - 1))
        earlier, later = days.halves()
        assert (earlier.first, later.last) == (days.first, days.last)
        assert earlier.last + timedelta(days=1) == later.first
        assert len(earlier) - len(later) in (0, 1)

    def test_a_day_has_no_halves(self) -> None:
        assert Days(date(2026, 1, 10), date(2026, 1, 10)).halves() == ()

    def test_days_that_end_before_they_begin_are_refused(self) -> None:
        with pytest.raises(ValueError, match="end after they begin"):
            Days(date(2026, 1, 10), date(2026, 1, 9))

    def test_every_connector_spells_them_here(self) -> None:
        """No vendor has spans or halves of its own."""
        folder = Path(connectors.__file__).parent
        own = {
            f"{path.parent.name}: {name}"
            for path in folder.glob("*/*.py")
            for name in re.findall(r"def (_?(?:spans?|halves|half|split)\w*)\(", path.read_text())
        }
        assert own == set()


class TestVendors:
    def test_every_vendor_of_this_version_is_found(self) -> None:
        found = set(connectors.vendors())
        assert {"klaviyo", "square", "google_ads", "meta_ads", "meta_social", "snowplow"} <= found

    @pytest.mark.parametrize("name", list(connectors.vendors()))
    def test_a_vendor_bears_the_name_of_its_folder_and_its_streams_are_distinct(
        self, name: str
    ) -> None:
        vendor = connectors.vendors()[name]
        assert vendor.connect.__module__.startswith("connectors.")
        names = [stream.name for stream in vendor.streams]
        assert len(set(names)) == len(names)
        assert {stream.cadence for stream in vendor.streams} <= {"nightly", "hourly"}
        assert set(vendor.secrets).isdisjoint({"account_id", "customer_id", "page_id", "url"})

    def test_an_unknown_stream_names_those_there_are(self) -> None:
        with pytest.raises(KeyError, match="it has profiles, campaigns, metrics, events"):
            connectors.vendors()["klaviyo"].stream("opens")


def test_an_error_is_one_sentence_with_vendor_stream_window_status_and_remedy() -> None:
    error = ConnectorError("answered 401.", status=401, remedy="renew it.")
    window = Window(DAY, DAY + timedelta(days=1))
    assert str(error.at("square", "orders", window)) == (
        "square/orders 2026-01-10T00:00:00Z/2026-01-11T00:00:00Z: "
        "HTTP 401: answered 401. Remedy: renew it."
    )
