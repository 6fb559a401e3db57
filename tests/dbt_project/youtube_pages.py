"""One good row of each of YouTube's streams, in its own words; tests change copies of them."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]
CHANNEL = "UC0123456789abcdefghijkl"
REQUEST = f"GET https://youtubeanalytics.googleapis.com/v2/reports?ids=channel%3D%3D{CHANNEL}&x=1"
PLAYLIST = f"UU{CHANNEL[2:]}"
UPLOADS = f"GET https://youtube.googleapis.com/youtube/v3/playlistItems?playlistId={PLAYLIST}"
MEASURES = {
    "views": 100,
    "estimatedMinutesWatched": 50,
    "averageViewDuration": 30,
    "likes": 4,
    "dislikes": 1,
    "comments": 3,
    "shares": 2,
    "subscribersGained": 5,
    "subscribersLost": 6,
}


def listed(*items: Row) -> Row:
    return {"kind": "youtube#listResponse", "etag": "x", "items": list(items)}


def channel(**counts: Any) -> Row:
    return {
        "kind": "youtube#channel",
        "id": CHANNEL,
        "snippet": {"title": "Shop", "customUrl": "@shop", "publishedAt": "2020-01-02T03:04:05Z"},
        "contentDetails": {"relatedPlaylists": {"uploads": PLAYLIST}},
        "statistics": {"viewCount": "12", "subscriberCount": "120", "videoCount": "2", **counts},
    }


def upload(video: str) -> Row:
    details = {"videoId": video, "videoPublishedAt": "2026-01-01T16:00:00Z"}
    return {"kind": "youtube#playlistItem", "id": f"PL{video}", "contentDetails": details}


def video(name: str, duration: str = "PT4M13S", **counts: str | None) -> Row:
    """A video; a count that is None is left out, as YouTube does where it is hidden."""
    seen = {"viewCount": "18446744", "likeCount": "7", **counts}
    return {
        "kind": "youtube#video",
        "id": name,
        "snippet": {
            "title": f"Video {name}",
            "channelId": CHANNEL,
            "publishedAt": "2026-01-01T16:00:00Z",
            "categoryId": "26",
            "liveBroadcastContent": "none",
        },
        "contentDetails": {"duration": duration},
        "status": {"privacyStatus": "public", "uploadStatus": "processed"},
        "statistics": {key: count for key, count in seen.items() if count is not None},
    }


def report(columns: list[str], *rows: Row) -> Row:
    """A table with its columns in this order; without rows it has no `rows`."""
    page: Row = {
        "kind": "youtubeAnalytics#resultTable",
        "columnHeaders": [
            {"name": name, "columnType": "METRIC", "dataType": "INTEGER"} for name in columns
        ],
    }
    if rows:
        page["rows"] = [[row[name] for name in columns] for row in rows]
    return page


def day(date: str = "2026-01-01", video: str = "a", **measures: Any) -> Row:
    return {"day": date, "video": video, **MEASURES, **measures}
