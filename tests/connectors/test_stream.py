"""Windows, vendors and the error that names them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

import connectors
from connectors.stream import ConnectorError, Window, utc

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
