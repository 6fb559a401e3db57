"""YouTube's Analytics API: one table of figures for dimensions, metrics and filters.

Belongs here: which questions it takes, and the table it answers with. Does not belong here: what
was watched (the truth) and resources (youtube.py).

As at YouTube: a day is there once all its metrics are, three days later, and is restated two days
on; rows are arrays in the order of `columnHeaders`, and `rows` is left out where there are none;
`day` goes with `video` only for videos that the filter names, 500 at most; a list of the top
videos is no longer than 200; what was taken down is in no list and still in the channel's days.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NoReturn

from sandbox.strict import Invalid
from sandbox.wire import Request, Response
from sandbox.world import World
from sandbox.youtube_wire import check_names, error, refuse, whole_number

PARAMETERS = {"ids", "startDate", "endDate", "metrics", "dimensions", "filters", "sort"}
PARAMETERS |= {"maxResults", "startIndex", "currency", "includeHistoricalChannelData"}
REQUIRED = ("ids", "startDate", "endDate", "metrics")
DIMENSIONS = {"day", "video"}
# Metric of the API to the truth's column.
METRICS = {
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
MOST_VIDEOS_NAMED = 500
MOST_TOP_VIDEOS = 200

_MEASURES = ", ".join(f"'{metric}': {column}" for metric, column in METRICS.items())
_DAYS = """
    select
        report_date::timestamp as sort_at,
        known_at,
        lead(known_at) over (partition by {key}, report_date order by known_at) as superseded_at,
        {key} as key,
        {key} as tag,
        to_json({{'day': strftime(report_date, '%Y-%m-%d'), 'video': {key}, {measures}}})::varchar
            as body
    from {table}
"""
VIDEO_DAYS = _DAYS.format(key="video_id", table="youtube_video_day", measures=_MEASURES)
CHANNEL_DAYS = _DAYS.format(key="'channel'", table="youtube_channel_day", measures=_MEASURES)


def stream_of(request: Request) -> str | None:
    """Return the stream a question is of: with videos or without."""
    return (
        "video_performance" if "video" in _names(request, "dimensions") else "channel_performance"
    )


def report(request: Request, world: World, now: datetime) -> Response:
    """Answer a question with a table."""
    check_names(request, PARAMETERS)
    for name in REQUIRED:
        if not request.one(name):
            raise Invalid(error(400, "Required", "required", location=name))
    _check_channel(request, world, now)
    metrics, dimensions = _names(request, "metrics"), _names(request, "dimensions")
    _check_identifiers(metrics, METRICS, "metrics")
    _check_identifiers(dimensions, DIMENSIONS, "dimensions")
    videos = _videos_named(request)
    sort = _names(request, "sort")
    _check_identifiers([name.lstrip("-") for name in sort], {*metrics, *dimensions}, "sort")
    _check_supported(request, dimensions, videos, sort)
    rows = _grouped(_days(request, world, now, videos, dimensions), dimensions, metrics)
    for name in reversed(sort):
        rows.sort(key=lambda row: row[name.lstrip("-")], reverse=name.startswith("-"))
    first = whole_number(request, "startIndex", 1, 1, 2**31 - 1) - 1
    size = whole_number(request, "maxResults", len(rows), 1, 2**31 - 1)
    columns = [*dimensions, *metrics]
    table = [[row[name] for name in columns] for row in rows[first : first + size]]
    content: dict[str, Any] = {"kind": "youtubeAnalytics#resultTable"}
    content["columnHeaders"] = [_header(name) for name in columns]
    if table:
        content["rows"] = table
    return Response.of(content)


def _names(request: Request, name: str) -> list[str]:
    return [part.strip() for part in (request.one(name) or "").split(",") if part.strip()]


def _header(name: str) -> dict[str, str]:
    if name in DIMENSIONS:
        return {"name": name, "columnType": "DIMENSION", "dataType": "STRING"}
    return {"name": name, "columnType": "METRIC", "dataType": "INTEGER"}


def _check_channel(request: Request, world: World, now: datetime) -> None:
    kind, _, name = (request.one("ids") or "").partition("==")
    known = {row["id"] for row in world.stream("youtube", "channels").all(now)}
    if kind != "channel" or name not in {"MINE", *known}:
        raise Invalid(error(403, "Forbidden", "forbidden"))


def _check_identifiers(names: Sequence[str], known: Any, where: str) -> None:
    for name in names:
        if name not in known:
            said = f"Unknown identifier ({name}) given in field parameters.{where}."
            raise Invalid(error(400, said, "badRequest"))


def _videos_named(request: Request) -> list[str] | None:
    text = request.one("filters")
    if not text:
        return None
    name, operator, values = text.partition("==")
    if name != "video" or not operator or not values or ";" in values:
        _not_supported()
    videos = values.split(",")
    if len(videos) > MOST_VIDEOS_NAMED:
        _not_supported()
    return videos


def _check_supported(
    request: Request, dimensions: Sequence[str], videos: list[str] | None, sort: Sequence[str]
) -> None:
    if "video" not in dimensions or videos is not None:
        return
    size = whole_number(request, "maxResults", 0, 1, 2**31 - 1)
    is_top = bool(sort) and sort[0].startswith("-")
    if "day" in dimensions or not is_top or not 1 <= size <= MOST_TOP_VIDEOS:
        _not_supported()


def _not_supported() -> NoReturn:
    said = (
        "The query is not supported. Check the documentation at "
        "https://developers.google.com/youtube/analytics/v2/available_reports "
        "for a list of supported queries."
    )
    raise Invalid(error(400, said, "badRequest"))


def _days(
    request: Request,
    world: World,
    now: datetime,
    videos: list[str] | None,
    dimensions: Sequence[str],
) -> list[dict[str, Any]]:
    """Return the days asked for, of the channel or of videos that are still there."""
    first, last = _date(request, "startDate"), _date(request, "endDate")
    if last < first:
        refuse(f"Invalid value '{last}': it is before startDate", "invalidParameter", "endDate")
    of_channel = videos is None and "video" not in dimensions
    there = {row["id"] for row in world.stream("youtube", "videos").all(now, tags=videos)}
    page = world.stream("youtube", "channel_days" if of_channel else "video_days").page(
        now,
        limit=2**62,
        start=datetime.combine(first, datetime.min.time(), UTC),
        end=datetime.combine(last + timedelta(days=1), datetime.min.time(), UTC),
        tags=None if of_channel else sorted(there),
    )
    return page.objects()


def _date(request: Request, name: str) -> date:
    text = request.one(name) or ""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        refuse(f"Invalid value '{text}'. Use the format YYYY-MM-DD", "invalidParameter", name)
    try:
        return date.fromisoformat(text)
    except ValueError:
        refuse(f"Invalid value '{text}'. There is no such day", "invalidParameter", name)


def _grouped(
    days: Sequence[dict[str, Any]], dimensions: Sequence[str], metrics: Sequence[str]
) -> list[dict[str, Any]]:
    """Return a row per value of the dimensions; without any, one of all."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for day in days:
        groups.setdefault(tuple(day[name] for name in dimensions), []).append(day)
    rows = []
    for key, group in groups.items():
        sums = {name: sum(day[name] for day in group) for name in METRICS}
        watched = sum(day["averageViewDuration"] * day["views"] for day in group)
        sums["averageViewDuration"] = watched // max(1, sums["views"])
        rows.append(dict(zip(dimensions, key, strict=True)) | {m: sums[m] for m in metrics})
    return rows
