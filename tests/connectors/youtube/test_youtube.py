"""YouTube's connector against the sandbox's YouTube, whose truth is known.

What bad answers get is in tests/connectors/test_faults.py, for every vendor alike.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import connectors.youtube
import sandbox
from connectors.landing import extract
from connectors.stream import ConnectorError
from tests.connectors.conftest import Answer, ScriptedServer
from tests.connectors.landed import END, START, landed_pages, landed_rows, queries

NIGHT = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 1, 11, tzinfo=UTC)
NIGHT_WITH_LOOKBACK = NIGHT[0] - timedelta(days=7), NIGHT[1]
MEASURES = {
    "views": "views",
    "estimatedMinutesWatched": "minutes_watched",
    "averageViewDuration": "average_seconds",
    "likes": "likes",
    "dislikes": "dislikes",
    "comments": "comments",
    "shares": "shares",
    "subscribersGained": "subscribers_gained",
    "subscribersLost": "subscribers_lost",
}


def there(side: sandbox.Running) -> list[str]:
    """Truth: the videos that are not taken down, the newest first."""
    now = side.now.replace(tzinfo=None)
    rows = side.truth("youtube_video").to_pylist()
    shown = [row for row in rows if row["deleted_at"] is None or row["deleted_at"] > now]
    return [row["video_id"] for row in sorted(shown, key=lambda r: r["published_at"], reverse=True)]


def latest(side: sandbox.Running, table: str, *key: str) -> dict[tuple[str, ...], dict[str, Any]]:
    """Truth: the newest version of each key."""
    rows = sorted(side.truth(table).to_pylist(), key=lambda row: row["known_at"])
    return {tuple(str(row[name]) for name in key): row for row in rows}


def tabulated(stream: str) -> list[dict[str, Any]]:
    """The rows of the landed reports by the names of their columns."""
    return [
        dict(zip([each["name"] for each in page["columnHeaders"]], row, strict=True))
        for page in landed_pages("youtube", stream)
        for row in page.get("rows", [])
    ]


class TestTruth:
    def test_the_list_of_uploads_lands_page_by_page(self, vendor_side: sandbox.Running) -> None:
        extract("youtube", "uploads", START, END)
        pages = landed_pages("youtube", "uploads")
        found = [each["contentDetails"]["videoId"] for page in pages for each in page["items"]]
        assert found == there(vendor_side)
        assert len(pages) == 2
        assert pages[0]["pageInfo"]["totalResults"] == len(found)

    def test_every_video_lands_once_with_what_it_counts(self, vendor_side: sandbox.Running) -> None:
        extract("youtube", "videos", START, END)
        rows = landed_rows("youtube", "videos", "items")
        assert Counter(row["id"] for row in rows) == Counter(there(vendor_side))
        counts = latest(vendor_side, "youtube_video_count", "video_id")
        for row in rows:
            truth = counts[(row["id"],)]
            found = row["statistics"]
            assert found["viewCount"] == str(truth["views"])
            for name, count in {"comments": "commentCount", "likes": "likeCount"}.items():
                told = None if truth[name] is None else str(truth[name])
                assert found.get(count) == told
        assert 0 < sum("likeCount" not in row["statistics"] for row in rows) < len(rows) / 2

    def test_every_videos_day_lands_once(self, vendor_side: sandbox.Running) -> None:
        extract("youtube", "video_performance", START, END)
        rows = tabulated("video_performance")
        assert {(row["day"], row["video"]): counted(row) for row in rows} == self.days(vendor_side)
        assert len(rows) == len(self.days(vendor_side)) > 500

    def days(self, side: sandbox.Running) -> dict[tuple[str, ...], dict[str, int]]:
        shown = set(there(side))
        found = latest(side, "youtube_video_day", "report_date", "video_id")
        return {
            key: {name: row[column] for name, column in MEASURES.items()}
            for key, row in found.items()
            if row["video_id"] in shown
        }

    def test_nights_add_up_to_the_whole(self, vendor_side: sandbox.Running) -> None:
        for day in range(0, 20, 5):
            start = START + timedelta(days=day)
            extract("youtube", "video_performance", start, start + timedelta(days=5))
        rows = tabulated("video_performance")
        assert {(row["day"], row["video"]): counted(row) for row in rows} == self.days(vendor_side)
        assert len(rows) == len(self.days(vendor_side))

    def test_the_channels_days_hold_what_its_videos_did(self, vendor_side: sandbox.Running) -> None:
        extract("youtube", "channel_performance", START, END)
        found = {(row["day"],): counted(row) for row in tabulated("channel_performance")}
        assert found == {
            key: {name: row[column] for name, column in MEASURES.items()}
            for key, row in latest(vendor_side, "youtube_channel_day", "report_date").items()
        }

    def test_the_channel_lands_with_its_uploads_playlist(
        self, vendor_side: sandbox.Running
    ) -> None:
        extract("youtube", "channels", START, END)
        (row,) = landed_rows("youtube", "channels", "items")
        assert row["contentDetails"]["relatedPlaylists"]["uploads"].startswith("UU")
        assert row["statistics"]["videoCount"] == str(len(there(vendor_side)))


def counted(row: dict[str, Any]) -> dict[str, int]:
    return {name: row[name] for name in MEASURES}


class TestRequests:
    def test_no_report_can_bring_more_rows_than_a_page_has(
        self, vendor_side: sandbox.Running
    ) -> None:
        extract("youtube", "video_performance", *NIGHT_WITH_LOOKBACK)
        named = [
            query["filters"][0].removeprefix("video==").split(",")
            for query in queries("youtube", VIDEOS)
        ]
        assert [video for each in named for video in each] == there(vendor_side)
        for query, videos in zip(queries("youtube", VIDEOS), named, strict=True):
            assert (query["startDate"], query["endDate"]) == (["2026-01-03"], ["2026-01-10"])
            assert len(videos) * 8 <= 200 == int(query["maxResults"][0])
            assert (query["dimensions"], query["sort"]) == (["day,video"], ["day,video"])

    def test_a_long_past_is_asked_for_in_spans(self, vendor_side: sandbox.Running) -> None:
        start = START - timedelta(days=60)
        extract("youtube", "video_performance", start, END)
        spans = {
            (query["startDate"][0], query["endDate"][0]) for query in queries("youtube", VIDEOS)
        }
        assert spans == {("2025-11-02", "2025-12-11"), ("2025-12-12", "2026-01-20")}
        assert len(tabulated(VIDEOS)) == len(TestTruth().days(vendor_side))

    def test_a_video_of_today_is_asked_for_in_fifties(self, vendor_side: sandbox.Running) -> None:
        extract("youtube", "videos", *NIGHT)
        sizes = [len(query["id"][0].split(",")) for query in queries("youtube", "videos")]
        assert sizes == [50, len(there(vendor_side)) - 50]

    def test_a_night_reaches_back_beyond_the_lag_and_the_restatement(self) -> None:
        assert connectors.youtube.VENDOR.stream("video_performance").lookback_days >= 5


VIDEOS = "video_performance"


class TestErrors:
    @pytest.fixture(autouse=True)
    def _server(self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {
            "BASE_URL": server.url,
            "ACCESS_TOKEN": "ya29.of-the-test",
            "CHANNEL_ID": "UC123",
        }.items():
            monkeypatch.setenv(f"SOURCES__YOUTUBE__{name}", value)
        self.server = server

    def refuse(self, status: int, reason: str) -> None:
        error = {"code": status, "message": "No.", "errors": [{"reason": reason}]}
        self.server.script.append(Answer(status, json.dumps({"error": error}).encode()))

    def test_a_days_quota_that_is_used_up_is_not_waited_for(self) -> None:
        self.refuse(403, "quotaExceeded")
        with pytest.raises(ConnectorError, match="run again later") as caught:
            extract("youtube", "channels", *NIGHT)
        assert (caught.value.status, len(self.server.seen)) == (403, 1)

    def test_a_service_account_is_told_whose_token_is_wanted(self) -> None:
        self.refuse(401, "youtubeSignupRequired")
        with pytest.raises(ConnectorError, match="refresh token that the channel's owner granted"):
            extract("youtube", "uploads", *NIGHT)

    @pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded"])
    def test_too_many_at_once_is_waited_out_whatever_its_status(self, reason: str) -> None:
        self.refuse(403, reason)
        self.server.script.append(Answer(body=b'{"items": [{"id": "UC123"}]}'))
        assert extract("youtube", "channels", *NIGHT).rows == 1

    def test_an_empty_report_is_a_page_without_rows(self) -> None:
        header = b'{"name": "day", "columnType": "DIMENSION", "dataType": "STRING"}'
        self.server.script.append(Answer(body=b'{"columnHeaders": [%b]}' % header))
        landed = extract("youtube", "channel_performance", *NIGHT)
        assert (landed.pages, landed.rows) == (1, 0)

    def test_rows_that_came_under_another_name_are_no_empty_report(self) -> None:
        self.server.script.extend([Answer(body=b'{"columnHeaders": [], "table": [{"a": 1}]}')] * 3)
        with pytest.raises(ConnectorError, match="a page without 'rows'"):
            extract("youtube", "channel_performance", *NIGHT)

    def test_a_channel_that_is_not_there_is_no_channel_without_videos(self) -> None:
        self.server.script.append(Answer(body=b'{"pageInfo": {"totalResults": 0}}'))
        with pytest.raises(ConnectorError, match="there is no channel UC123"):
            extract("youtube", "videos", *NIGHT)

    def test_a_channel_without_videos_is_an_empty_pull(self) -> None:
        channel = {"contentDetails": {"relatedPlaylists": {"uploads": "UU123"}}}
        self.server.script.append(Answer(body=json.dumps({"items": [channel]}).encode()))
        self.server.script.append(Answer(body=b'{"items": []}'))
        assert extract("youtube", "video_performance", *NIGHT).rows == 0
        assert [seen.path.partition("?")[0] for seen in self.server.seen] == [
            "/youtube/v3/channels",
            "/youtube/v3/playlistItems",
        ]

    def test_a_channel_that_never_had_a_video_is_an_empty_pull_as_well(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        channel = {"contentDetails": {"relatedPlaylists": {"uploads": "UU123"}}}
        self.server.script.append(Answer(body=json.dumps({"items": [channel]}).encode()))
        self.refuse(404, "playlistNotFound")
        assert extract("youtube", "uploads", *NIGHT).rows == 0
        assert "no playlist UU123, taken as one without videos" in caplog.text

    def test_a_playlist_that_goes_away_while_it_is_read_is_an_error(self) -> None:
        channel = {"contentDetails": {"relatedPlaylists": {"uploads": "UU123"}}}
        page = {"items": [{"contentDetails": {"videoId": "v1"}}], "nextPageToken": "more"}
        for body in ({"items": [channel]}, page):
            self.server.script.append(Answer(body=json.dumps(body).encode()))
        self.refuse(404, "playlistNotFound")
        with pytest.raises(ConnectorError, match="HTTP 404"):
            extract("youtube", "uploads", *NIGHT)


def test_each_api_has_a_host_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__YOUTUBE__ACCESS_TOKEN", "ya29.of-the-test")
    settings = connectors.youtube.VendorSettings("youtube")
    client = connectors.youtube.connect(settings)
    reports = connectors.youtube._reports_client(client)
    assert client.rest is not None
    assert reports.rest is not None
    hosts = (client.rest.base_url, reports.rest.base_url)
    assert hosts == (
        "https://youtube.googleapis.com",
        "https://youtubeanalytics.googleapis.com",
    )


def test_an_expired_page_token_starts_again(vendor_side: sandbox.Running) -> None:
    vendor_side.fault("youtube", "uploads", "expired_cursor", skip=1, times=1)
    assert extract("youtube", "uploads", *NIGHT).restarts == 1


def test_a_token_without_the_right_to_reports_is_said_to_be_one(
    vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__YOUTUBE__ACCESS_TOKEN", "sandbox-without-analytics")
    assert extract("youtube", "videos", *NIGHT).rows > 50
    with pytest.raises(ConnectorError, match="insufficientPermissions") as caught:
        extract("youtube", "video_performance", *NIGHT)
    assert caught.value.status == 403


def test_an_ended_token_is_said_to_be_one(
    vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__YOUTUBE__ACCESS_TOKEN", "sandbox-until-2026-01-02")
    with pytest.raises(ConnectorError, match="renew this vendor's credential") as caught:
        extract("youtube", "channels", *NIGHT)
    assert caught.value.status == 401
