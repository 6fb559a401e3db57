"""YouTube as Throughline reads it: the Data API's channel, uploads and videos; reports beside it.

Belongs here: the Data API's resources, and SQL from the truth to their JSON. Does not belong here:
reports (youtube_reports.py), tokens and errors (youtube_wire.py), what was watched (the truth).

As at YouTube: two hosts, whose paths do not meet and so share one here; counts are text; a video
on which nobody may comment has no `commentCount`, not a 0; one that was taken down is gone from
the list and from `videos`, whoever asks; of 51 ids none is answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import duckdb

from sandbox import youtube_reports
from sandbox.strict import Invalid, fingerprint, issue_cursor, read_cursor
from sandbox.wire import BadCursorError, Limit, Request, Response, Route
from sandbox.world import World
from sandbox.youtube_wire import (
    authorize,
    check_names,
    error,
    guarded,
    problem,
    refuse,
    whole_number,
)

__all__ = ["authorize", "environment", "problem", "render", "routes"]

ROOT = "/youtube/v3"
CHANNEL_ID = "UCthroughlineOnTheAir001"
MOST_ROWS = 50
PARTS = {
    "channels": {"id", "snippet", "contentDetails", "statistics"},
    "playlistItems": {"id", "contentDetails"},
    "videos": {"id", "snippet", "contentDetails", "statistics", "status"},
}

_STAMP = "'%Y-%m-%dT%H:%M:%SZ'"
# One version of a video until it is hidden, and one from then on.
_VIDEOS = f"""
    with version as (
        select *, known_at as shown_at, coalesce(hidden_at, deleted_at) as until_at, false as hidden
        from youtube_video
        union all by name
        select *, hidden_at as shown_at, deleted_at as until_at, true as hidden
        from youtube_video
        where hidden_at is not null
    )

    select
        published_at as sort_at,
        shown_at as known_at,
        until_at as superseded_at,
        video_id as key,
        video_id as tag,
        to_json({{
            'id': video_id,
            'snippet': {{
                'publishedAt': strftime(published_at, {_STAMP}),
                'channelId': channel_id,
                'title': title,
                'description': description,
                'channelTitle': 'Throughline',
                'categoryId': '26',
                'liveBroadcastContent': 'none'
            }},
            'contentDetails': {{
                'duration': concat(
                    'PT',
                    if(duration_seconds >= 3600, (duration_seconds // 3600) || 'H', ''),
                    if(duration_seconds % 3600 >= 60, (duration_seconds % 3600 // 60) || 'M', ''),
                    if(duration_seconds % 60 > 0, (duration_seconds % 60) || 'S', '')
                ),
                'dimension': '2d',
                'definition': 'hd',
                'caption': 'false',
                'licensedContent': false,
                'projection': 'rectangular'
            }},
            'status': {{
                'uploadStatus': 'processed',
                'privacyStatus': if(hidden, 'private', 'public'),
                'license': 'youtube',
                'embeddable': true,
                'publicStatsViewable': true,
                'madeForKids': false
            }}
        }})::varchar as body
    from version
"""
_COUNTS = """
    select
        known_at as sort_at,
        known_at,
        lead(known_at) over (partition by video_id order by known_at) as superseded_at,
        video_id as key,
        video_id as tag,
        to_json({'id': video_id, 'views': views, 'likes': likes, 'comments': comments})::varchar
            as body
    from youtube_video_count
"""
_CHANNELS = f"""
    select
        youtube_channel_count.known_at as sort_at,
        -- A channel is there from the first; what it counts changes from day to day.
        if(on_day = 0, moment(0, 0) - interval 7 day, youtube_channel_count.known_at) as known_at,
        lead(youtube_channel_count.known_at) over (order by on_day) as superseded_at,
        channel_id as key,
        channel_id as tag,
        to_json({{
            'id': channel_id,
            'snippet': {{
                'title': 'Throughline',
                'description': 'How it is made.',
                'customUrl': '@throughline',
                'publishedAt': strftime(moment(-400, 0), {_STAMP}),
                'country': 'US'
            }},
            'contentDetails': {{'relatedPlaylists': {{
                'likes': '',
                'uploads': 'UU' || substr(channel_id, 3)
            }}}},
            'statistics': {{
                'viewCount': youtube_channel_count.views::varchar,
                -- Three digits are told, rounded down; of a hidden number 0.
                'subscriberCount': if(hides_subscribers, 0, subscribers // 10 * 10)::varchar,
                'hiddenSubscriberCount': hides_subscribers,
                'videoCount': videos::varchar
            }}
        }})::varchar as body
    from youtube_channel_count
    cross join (select distinct channel_id from youtube_video)
"""


def render(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write what YouTube would know of the truth: the channel, its videos, and their figures."""
    world.write_rows(con, "youtube", "channels", _CHANNELS)
    world.write_rows(con, "youtube", "videos", _VIDEOS)
    world.write_rows(con, "youtube", "counts", _COUNTS)
    world.write_rows(con, "youtube", "video_days", youtube_reports.VIDEO_DAYS)
    world.write_rows(con, "youtube", "channel_days", youtube_reports.CHANNEL_DAYS)


def environment(base_url: str) -> dict[str, str]:
    """Return the settings with which a connector finds this sandbox: both hosts in one."""
    return {
        "SOURCES__YOUTUBE__BASE_URL": base_url,
        "SOURCES__YOUTUBE__ACCESS_TOKEN": "sandbox-access-token",
        "SOURCES__YOUTUBE__CHANNEL_ID": CHANNEL_ID,
    }


def routes() -> list[Route]:
    """Return the Data API's three methods and the reports'."""

    def route(name: str, handler: Any, stream: str) -> Route:
        return Route("GET", f"{ROOT}/{name}", guarded(handler, "data", 1), stream, "items")

    return [
        route("channels", _channels, "channels"),
        route("playlistItems", _playlist_items, "uploads"),
        route("videos", _videos, "videos"),
        Route(
            "GET",
            "/v2/reports",
            guarded(youtube_reports.report, "analytics", 0),
            youtube_reports.stream_of,
            "rows",
            Limit(50, 720),
        ),
    ]


def _channels(request: Request, world: World, now: datetime) -> Response:
    check_names(request, {"part", "id", "mine", "maxResults", "pageToken"})
    parts = _parts(request, "channels")
    wanted = _listed(request, "id")
    if not wanted and request.one("mine") != "true":
        refuse(
            "No filter selected. Expected one of: id, mine, forHandle, forUsername, managedByMe",
            "missingRequiredParameter",
            "parameters.",
        )
    found = world.stream("youtube", "channels").all(now, tags=wanted or None)
    size = whole_number(request, "maxResults", 5, 0, MOST_ROWS)
    return _answer("channel", [_chosen("channel", row, parts) for row in found[:size]], len(found))


def _playlist_items(request: Request, world: World, now: datetime) -> Response:
    check_names(request, {"part", "playlistId", "maxResults", "pageToken"})
    parts = _parts(request, "playlistItems")
    playlist = request.one("playlistId")
    if not playlist:
        refuse(
            "No filter selected. Expected one of: playlistId, id",
            "missingRequiredParameter",
            "parameters.",
        )
    size = whole_number(request, "maxResults", 5, 0, MOST_ROWS)
    asked = fingerprint(playlist, sorted(parts), size)
    channels = world.stream("youtube", "channels").all(now)
    lists = {each["contentDetails"]["relatedPlaylists"]["uploads"] for each in channels}
    if playlist not in lists:
        said = "The playlist identified with the request's <code>playlistId</code> parameter cannot"
        return error(404, f"{said} be found.", "playlistNotFound", "youtube.playlistItem")
    # Newest first, those that only the owner sees as well.
    videos = world.stream("youtube", "videos").all(now)[::-1]
    first = _position(request, asked, now)
    items = [_item(playlist, video, parts) for video in videos[first : first + size]]
    following = first + size
    token = issue_cursor(asked, now, following) if size and following < len(videos) else None
    return _answer("playlistItem", items, len(videos), size, token)


def _item(playlist: str, video: dict[str, Any], parts: set[str]) -> dict[str, Any]:
    details = {"videoId": video["id"], "videoPublishedAt": video["snippet"]["publishedAt"]}
    key = fingerprint(playlist, video["id"])
    return _chosen("playlistItem", {"id": f"VVU{key}", "contentDetails": details}, parts)


def _videos(request: Request, world: World, now: datetime) -> Response:
    check_names(request, {"part", "id", "maxResults", "pageToken"})
    parts = _parts(request, "videos")
    wanted = _listed(request, "id")
    if not wanted:
        said = "No filter selected. Expected one of: id, chart, myRating"
        refuse(said, "missingRequiredParameter", "parameters.")
    if len(wanted) > MOST_ROWS:
        refuse("The request specifies an invalid filter parameter.", "invalidFilters", "id")
    videos = {row["id"]: row for row in world.stream("youtube", "videos").all(now, tags=wanted)}
    counts = {row["id"]: row for row in world.stream("youtube", "counts").all(now, tags=wanted)}
    rows = [
        _chosen("video", videos[name] | {"statistics": _statistics(counts.get(name))}, parts)
        for name in dict.fromkeys(wanted)
        if name in videos
    ]
    return _answer("video", rows, len(rows))


def _statistics(counts: dict[str, Any] | None) -> dict[str, str]:
    seen = counts or {"views": 0, "likes": 0, "comments": 0}
    found = {"viewCount": f"{seen['views']}", "favoriteCount": "0"}
    if seen["likes"] is not None:
        found["likeCount"] = f"{seen['likes']}"
    if seen["comments"] is not None:
        found["commentCount"] = f"{seen['comments']}"
    return found


def _parts(request: Request, method: str) -> set[str]:
    parts = _listed(request, "part")
    if not parts:
        refuse("Required parameter: part", "required", "part")
    for part in parts:
        if part not in PARTS[method]:
            place = {"location": "part", "locationType": "parameter"}
            raise Invalid(error(400, f"'{part}'", "unknownPart", "youtube.part", **place))
    return set(parts)


def _listed(request: Request, name: str) -> list[str]:
    """Return the values of a parameter that may come several times, or with commas between."""
    given = request.query.get(name, [])
    return [part for text in given for part in text.split(",") if part]


def _position(request: Request, asked: str, now: datetime) -> int:
    token = request.one("pageToken")
    if token is None:
        return 0
    try:
        return int(read_cursor(token, asked, now))
    except (TypeError, ValueError) as wrong:
        raise BadCursorError(str(wrong)) from wrong


def _chosen(kind: str, row: dict[str, Any], parts: set[str]) -> dict[str, Any]:
    content = {part: row[part] for part in PARTS[_METHODS[kind]] & parts & row.keys()}
    head = {"kind": f"youtube#{kind}", "etag": fingerprint(content), "id": row["id"]}
    return head | {name: content[name] for name in sorted(content)}


_METHODS = {"channel": "channels", "playlistItem": "playlistItems", "video": "videos"}


def _answer(
    kind: str,
    rows: Sequence[dict[str, Any]],
    total: int,
    size: int | None = None,
    following: str | None = None,
) -> Response:
    content: dict[str, Any] = {"kind": f"youtube#{kind}ListResponse"}
    content["etag"] = fingerprint([row["etag"] for row in rows])
    if following:
        content["nextPageToken"] = following
    content["items"] = rows
    per_page = len(rows) if size is None else size
    content["pageInfo"] = {"totalResults": total, "resultsPerPage": per_page}
    return Response.of(content)
