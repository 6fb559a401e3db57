"""YouTube's side of the sandbox: resources, reports, quota, refusals, against the truth."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import Running
from sandbox.youtube_reports import METRICS
from tests.sandbox.asking import at, get, good, truth

VIDEO_PARTS = "snippet,contentDetails,statistics,status"
VIDEO = "youtube_video"
DAYS: dict[str, Any] = {
    "ids": "channel==MINE",
    "startDate": "2026-01-01",
    "endDate": "2026-02-10",
    "metrics": ",".join(METRICS),
    "dimensions": "day",
    "sort": "day",
}
NEWEST = """
    select * from {table} where known_at <= '{now}'
    qualify row_number() over (partition by {key} order by known_at desc) = 1
"""


@pytest.fixture
def sandbox(shop: Running) -> Running:
    return shop


def data(sandbox: Running, method: str, **params: Any) -> requests.Response:
    token = {"Authorization": params.pop("token")} if "token" in params else {}
    return get(sandbox, f"/youtube/youtube/v3/{method}", params, **token)


def reports(sandbox: Running, **params: Any) -> requests.Response:
    token = {"Authorization": params.pop("token")} if "token" in params else {}
    asked = {name: value for name, value in (DAYS | params).items() if value is not None}
    return get(sandbox, "/youtube/v2/reports", asked, **token)


def channel(sandbox: Running) -> dict[str, Any]:
    (row,) = good(data(sandbox, "channels", part="snippet,contentDetails,statistics", mine="true"))[
        "items"
    ]
    return dict(row)


def uploads(sandbox: Running, size: int = 50) -> list[str]:
    playlist = channel(sandbox)["contentDetails"]["relatedPlaylists"]["uploads"]
    asked = {"part": "contentDetails", "playlistId": playlist, "maxResults": size}
    page = good(data(sandbox, "playlistItems", **asked))
    found = list(page["items"])
    while token := page.get("nextPageToken"):
        page = good(data(sandbox, "playlistItems", **asked, pageToken=token))
        found += page["items"]
    assert page["pageInfo"]["totalResults"] == len(found)
    return [item["contentDetails"]["videoId"] for item in found]


def videos(sandbox: Running, *ids: str) -> list[dict[str, Any]]:
    answer = good(data(sandbox, "videos", part=VIDEO_PARTS, id=",".join(ids)))
    return list(answer["items"])


def table(answer: requests.Response) -> list[dict[str, Any]]:
    """The rows by the names of the headers."""
    content = good(answer)
    names = [header["name"] for header in content["columnHeaders"]]
    return [dict(zip(names, row, strict=True)) for row in content.get("rows", [])]


def said(answer: requests.Response, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == status
    return f"{error['message']} ({error['errors'][0]['reason']})"


def test_every_video_that_is_still_there_is_listed_once_newest_first(sandbox: Running) -> None:
    rows = truth(sandbox, "select video_id, deleted_at from v order by published_at desc", v=VIDEO)
    found = uploads(sandbox, 7)
    assert found == uploads(sandbox, 50) == [name for name, deleted in rows if deleted is None]
    assert len(found) == len(rows) - 1 > 60


def test_counts_are_text_and_equal_the_truth(sandbox: Running) -> None:
    newest = NEWEST.format(table="t", key="video_id", now=sandbox.now)
    query = f"select video_id, views, likes, comments from ({newest})"
    counts = {row[0]: row[1:] for row in truth(sandbox, query, t="youtube_video_count")}
    ids = uploads(sandbox)
    hidden: Counter[str] = Counter()
    for row in videos(sandbox, *ids[:50]):
        views, likes, comments = counts[row["id"]]
        statistics = row["statistics"]
        assert statistics["viewCount"] == f"{views}"
        for name, count in {"likeCount": likes, "commentCount": comments}.items():
            hidden[name] += count is None
            assert statistics.get(name) == (None if count is None else f"{count}")
    assert 0 < hidden["likeCount"] < 20
    assert 0 < hidden["commentCount"] < 20


@pytest.mark.parametrize("day", [4, 5])
def test_of_a_hidden_number_of_subscribers_0_is_said_and_that_it_is_hidden(
    day: int, tmp_path: Path
) -> None:
    with at(tmp_path, f"2026-01-0{day}T03:00") as sandbox:
        query = f"select subscribers, hides_subscribers from t where on_day = {day - 2}"
        ((subscribers, hides),) = truth(sandbox, query, t="youtube_channel_count")
        told = channel(sandbox)["statistics"]
    assert hides is (day == 5)
    assert told["hiddenSubscriberCount"] is hides
    assert told["subscriberCount"] == ("0" if hides else f"{subscribers // 10 * 10}")


def test_a_length_is_written_as_a_duration(sandbox: Running) -> None:
    lengths = dict(truth(sandbox, "select video_id, duration_seconds from v", v=VIDEO))
    for row in videos(sandbox, *uploads(sandbox)[:50]):
        hours, minutes, seconds = re.fullmatch(  # type: ignore[union-attr]
            r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", row["contentDetails"]["duration"]
        ).groups()
        found = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
        assert found == lengths[row["id"]]


def test_a_video_that_is_taken_down_or_hidden_shows_from_that_moment(tmp_path: Path) -> None:
    with at(tmp_path, "2026-01-05T03:00:00") as sandbox:
        (gone,) = truth(sandbox, "select video_id from v where deleted_at is not null", v=VIDEO)
        (hidden,) = truth(sandbox, "select video_id from v where hidden_at is not null", v=VIDEO)
        assert {gone[0], hidden[0]} <= set(uploads(sandbox))
        named = {"dimensions": "day,video", "filters": f"video=={gone[0]}", "maxResults": 200}
        assert table(reports(sandbox, **named))
        sandbox.set_clock(sandbox.now + timedelta(days=18))
        assert gone[0] not in uploads(sandbox)
        (left,) = videos(sandbox, gone[0], hidden[0])
        assert (left["id"], left["status"]["privacyStatus"]) == (hidden[0], "private")
        assert table(reports(sandbox, **named)) == []
        assert "rows" not in good(reports(sandbox, **named))


def test_the_channels_days_equal_the_truth(sandbox: Running) -> None:
    found = {row["day"]: tuple(row[name] for name in METRICS) for row in table(reports(sandbox))}
    columns = ", ".join(["report_date::varchar", *METRICS.values()])
    rows = truth(
        sandbox,
        f"select {columns} from ({NEWEST.format(table='t', key='report_date', now=sandbox.now)})",
        t="youtube_channel_day",
    )
    assert found == {row[0]: row[1:] for row in rows}
    assert len(found) > 30


def test_a_day_appears_when_all_its_metrics_do_and_is_stated_again(tmp_path: Path) -> None:
    with at(tmp_path, "2026-01-10T03:00:00") as sandbox:
        before = {row["day"]: row["views"] for row in table(reports(sandbox))}
        assert max(before) == "2026-01-07"
        sandbox.set_clock(sandbox.now + timedelta(days=2))
        after = {row["day"]: row["views"] for row in table(reports(sandbox))}
        assert max(after) == "2026-01-09"
        changed = {day for day in before if before[day] != after[day]}
        assert changed == {"2026-01-06", "2026-01-07"}


def test_days_of_videos_equal_the_truth_in_the_order_that_was_asked_for(sandbox: Running) -> None:
    ids = uploads(sandbox)
    wanted = ids[:5]
    asked = {"dimensions": "day,video", "filters": f"video=={','.join(wanted)}", "maxResults": 200}
    rows = table(reports(sandbox, **asked, sort="day,video"))
    assert [(r["day"], r["video"]) for r in rows] == sorted((r["day"], r["video"]) for r in rows)
    columns = ", ".join(["report_date::varchar", "video_id", *METRICS.values()])
    newest = NEWEST.format(table="t", key="video_id, report_date", now=sandbox.now)
    listed = ", ".join(f"'{name}'" for name in wanted)
    expected = truth(
        sandbox,
        f"select {columns} from ({newest}) where video_id in ({listed})",
        t="youtube_video_day",
    )
    assert Counter(tuple(row.values()) for row in rows) == Counter(expected)
    content = good(reports(sandbox, **asked, metrics="likes,views"))
    assert [each["name"] for each in content["columnHeaders"]] == ["day", "video", "likes", "views"]


def test_videos_make_up_the_channel_but_for_what_is_gone(sandbox: Running) -> None:
    total = sum(row["views"] for row in table(reports(sandbox)))
    ids = uploads(sandbox)
    asked = {"dimensions": None, "sort": None, "filters": f"video=={','.join(ids)}"}
    (listed,) = table(reports(sandbox, **asked))
    assert 0 < total - listed["views"] < total * 0.03


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"metrics": "views,impressions"}, "Unknown identifier (impressions) given in field"),
        ({"dimensions": "date"}, "Unknown identifier (date) given in field parameters.dimensions"),
        ({"sort": "likes", "metrics": "views"}, "Unknown identifier (likes)"),
        ({"dimensions": "day,video"}, "The query is not supported"),
        ({"dimensions": "day,video", "maxResults": 200}, "The query is not supported"),
        ({"dimensions": "video", "sort": "-views", "maxResults": 201}, "is not supported"),
        ({"dimensions": "video", "sort": None, "maxResults": 10}, "is not supported"),
        ({"filters": "video==" + ",".join(["x"] * 501)}, "is not supported"),
        ({"filters": "country==US"}, "is not supported"),
        ({"metrics": None}, "Required (required)"),
        ({"startDate": "01/02/2026"}, "Use the format YYYY-MM-DD"),
        ({"endDate": "2025-12-31"}, "before startDate"),
        ({"page": 2}, 'Unknown name "page"'),
    ],
)
def test_a_wrong_question_is_refused(sandbox: Running, params: dict[str, Any], words: str) -> None:
    assert words in said(reports(sandbox, **params))


def test_the_top_videos_are_a_list_of_at_most_200(sandbox: Running) -> None:
    rows = table(
        reports(sandbox, dimensions="video", sort="-views", maxResults=10, metrics="views")
    )
    assert len(rows) == 10
    assert [row["views"] for row in rows] == sorted((row["views"] for row in rows), reverse=True)


@pytest.mark.parametrize(
    ("method", "params", "words"),
    [
        ("channels", {"part": "id"}, "No filter selected"),
        ("channels", {"mine": "true"}, "Required parameter: part"),
        ("channels", {"part": "colour", "mine": "true"}, "'colour' (unknownPart)"),
        ("playlistItems", {"part": "id"}, "No filter selected"),
        ("playlistItems", {"part": "id", "playlistId": "UU1", "maxResults": 51}, "[0, 50]"),
        ("videos", {"part": "id"}, "No filter selected"),
        ("videos", {"part": "id", "id": ",".join(["x"] * 51)}, "invalid filter parameter"),
        ("videos", {"part": "id", "id": "x", "size": 5}, 'Unknown name "size"'),
    ],
)
def test_a_wrong_request_is_refused(
    sandbox: Running, method: str, params: dict[str, Any], words: str
) -> None:
    assert words in said(data(sandbox, method, **params))


def test_another_playlist_and_another_channel_are_refused(sandbox: Running) -> None:
    answer = data(sandbox, "playlistItems", part="id", playlistId="UU1")
    assert "cannot be found. (playlistNotFound)" in said(answer, 404)
    assert said(reports(sandbox, ids="channel==UC1"), 403) == "Forbidden (forbidden)"


def test_a_token_of_another_list_is_refused(sandbox: Running) -> None:
    playlist = channel(sandbox)["contentDetails"]["relatedPlaylists"]["uploads"]
    asked = {"part": "contentDetails", "playlistId": playlist, "pageToken": "CDIQAA"}
    assert "(invalidPageToken)" in said(data(sandbox, "playlistItems", **asked))


@pytest.mark.parametrize("token", ["Bearer wrong", "Bearer one-until-2026-01-02"])
def test_a_wrong_or_expired_token_is_refused(sandbox: Running, token: str) -> None:
    for answer in (
        data(sandbox, "channels", part="id", mine="true", token=token),
        reports(sandbox, token=token),
    ):
        assert said(answer, 401) == "Invalid Credentials (authError)"


def test_a_token_without_the_right_to_reports_may_still_read_videos(sandbox: Running) -> None:
    token = "Bearer sandbox-without-analytics"
    assert good(data(sandbox, "channels", part="id", mine="true", token=token))["items"]
    assert "(insufficientPermissions)" in said(reports(sandbox, token=token), 403)


def test_the_days_quota_ends_and_comes_back_at_midnight_in_california(tmp_path: Path) -> None:
    with at(tmp_path, "2026-01-10T03:00:00") as sandbox:
        asked = {"part": "id", "mine": "true", "token": "Bearer of-this-test-quota-3"}
        for _ in range(3):
            good(data(sandbox, "channels", **asked))
        assert "(quotaExceeded)" in said(data(sandbox, "channels", **asked), 403)
        assert table(reports(sandbox, token=asked["token"])), "reports cost no units"
        sandbox.set_clock(sandbox.now + timedelta(hours=4))
        assert "(quotaExceeded)" in said(data(sandbox, "channels", **asked), 403)
        sandbox.set_clock(sandbox.now + timedelta(hours=2))
        good(data(sandbox, "channels", **asked))
