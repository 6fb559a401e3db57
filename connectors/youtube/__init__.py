"""YouTube: a channel's videos and what they count so far, and what each video did per day.

Two APIs over HTTPS, GET only, one credential. The Data API's page is `{"items": [...]}` with a
`nextPageToken` where there is more; its counts are text. The Analytics API answers a question with
a table: `rows` are arrays in the order of `columnHeaders`, and are left out where there are none.

    GET /youtube/v3/channels       the channel           → landing/youtube/channels   channel id
    GET /youtube/v3/playlistItems  its uploads           → landing/youtube/uploads    a page of ids
    GET /youtube/v3/videos         50 ids at a time      → landing/youtube/videos     video id
    GET /v2/reports                by day and by video   → landing/youtube/video_performance
    GET /v2/reports                by day                → landing/youtube/channel_performance

A video that was taken down is in no answer any more: `uploads` says which ones there are. All of
them are read again each night, for what is stored of a video must not be older than 30 days.

`day` goes together with `video` for videos that the filter names. What such a question may bring
is kept to 200 rows, one page: paging through more of them fails on YouTube's side.

Days are California's. A day is there once all its metrics are, two to three days later, and is
restated: a night looks back 7 days.

Alone: `python -m connectors.youtube --from 2026-02-01 --to 2026-02-08 --stream video_performance`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain

import msgspec
import requests
from dlt.sources.helpers.rest_client.paginators import (
    JSONResponseCursorPaginator,
    SinglePagePaginator,
)

from connectors import google
from connectors.answers import REMEDIES, says
from connectors.client import Client, http_client
from connectors.settings import VendorSettings
from connectors.stream import (
    ApiVersion,
    ConnectorError,
    CursorExpiredError,
    Days,
    Pages,
    Stream,
    Vendor,
    Window,
)

log = logging.getLogger(__name__)

# The Data API's; the reports are of v2. Of neither an end is announced.
API = ApiVersion("v3", None, "https://developers.google.com/youtube/v3/revision_history")
DATA = f"/youtube/{API.name}"
REPORTS = "/v2/reports"
REPORTS_HOST = "https://youtubeanalytics.googleapis.com"
SCOPE = (
    "https://www.googleapis.com/auth/youtube.readonly"
    " https://www.googleapis.com/auth/yt-analytics.readonly"
)
LOST_CURSOR = "invalidPageToken"
# What a service account gets, and anybody else who has no channel.
NO_CHANNEL = "youtubeSignupRequired"
NO_PLAYLIST = "playlistNotFound"
OWNERS_TOKEN = (
    "set a refresh token that the channel's owner granted; a service account has no channel."
)
# The most that a list, a question for videos, takes.
ITEMS_PER_PAGE = 50
ROWS_PER_REPORT = 200
DAYS_PER_REPORT = 40

METRICS = (
    *("views", "estimatedMinutesWatched", "averageViewDuration"),
    *("likes", "dislikes", "comments", "shares", "subscribersGained", "subscribersLost"),
)


class _Video(msgspec.Struct):
    videoId: str  # noqa: N815 - as Google writes them


class _Upload(msgspec.Struct):
    contentDetails: _Video  # noqa: N815


class _Uploads(msgspec.Struct):
    items: list[_Upload] = []


class _Playlists(msgspec.Struct):
    uploads: str


class _Details(msgspec.Struct):
    relatedPlaylists: _Playlists  # noqa: N815


class _Channel(msgspec.Struct):
    contentDetails: _Details  # noqa: N815


class _Channels(msgspec.Struct):
    items: list[_Channel] = []


_UPLOADS = msgspec.json.Decoder(_Uploads)
_CHANNELS = msgspec.json.Decoder(_Channels)


class NoPlaylistError(ConnectorError):
    """The playlist is not there: a channel that never had a video names one all the same."""


def connect(settings: VendorSettings) -> Client:
    """A client of the Data API, which knows Google's credentials, paging and errors."""
    return http_client(
        settings,
        base_url="https://youtube.googleapis.com",
        auth=google.Auth(settings, SCOPE),
        paginator=JSONResponseCursorPaginator("nextPageToken", cursor_param="pageToken"),
        inspect=inspect,
    )


def _reports_client(client: Client) -> Client:
    """One of the Analytics API, which is another host."""
    return http_client(
        client.settings,
        base_url=REPORTS_HOST,
        auth=google.Auth(client.settings, SCOPE),
        paginator=SinglePagePaginator(),
        inspect=inspect,
    )


def inspect(response: requests.Response) -> None:
    """Tell a lost cursor and a credential without a channel from Google's other errors.

    Raises:
        CursorExpiredError: the page token is not known any more.
        NoPlaylistError: there is no such playlist.
        RetryError: asked too often.
        ConnectorError: refused, without a channel, or the day's quota is used up.
    """
    reasons = set(google.reasons_of(response))
    if LOST_CURSOR in reasons:
        raise CursorExpiredError(says(response), status=response.status_code)
    if NO_CHANNEL in reasons:
        raise ConnectorError(says(response), status=response.status_code, remedy=OWNERS_TOKEN)
    if NO_PLAYLIST in reasons:
        raise NoPlaylistError(says(response), status=response.status_code, remedy=REMEDIES[404])
    google.inspect(response)


def channels(client: Client, window: Window) -> Pages:
    """The channel, with what it counts so far."""
    return _channels(client, "snippet,contentDetails,statistics")


def _channels(client: Client, parts: str) -> Pages:
    return client.pages(
        f"{DATA}/channels",
        rows="items",
        params={"part": parts, "id": client.settings["channel_id"]},
        paginator=SinglePagePaginator(),
        rows_required=False,
    )


def uploads(client: Client, window: Window) -> Pages:
    """Which videos there are, the newest first: what the owner sees, hidden ones too.

    Raises:
        ConnectorError: there is no such channel.
    """
    found = [
        channel
        for page in _channels(client, "contentDetails")
        for channel in _CHANNELS.decode(page.body or b"{}").items
    ]
    if not found:
        raise ConnectorError(
            f"there is no channel {client.settings['channel_id']}", remedy=REMEDIES[404]
        )
    for channel in found:
        yield from _playlist(client, channel.contentDetails.relatedPlaylists.uploads)


def _playlist(client: Client, playlist: str) -> Pages:
    """The videos of a playlist; none where it is not there from the first page on."""
    params = {"part": "contentDetails", "playlistId": playlist, "maxResults": ITEMS_PER_PAGE}
    count = 0
    try:
        for page in client.pages(f"{DATA}/playlistItems", rows="items", params=params):
            count += 1
            yield page
    except NoPlaylistError as error:
        if count:
            raise
        log.warning("youtube has no playlist %s, taken as one without videos: %s", playlist, error)


def _video_ids(client: Client, window: Window) -> list[str]:
    """Every video once; what moves while the pages are read comes twice."""
    pages = (_UPLOADS.decode(page.body or b"{}") for page in uploads(client, window))
    items = chain.from_iterable(page.items for page in pages)
    return list(dict.fromkeys(item.contentDetails.videoId for item in items))


def _groups(ids: list[str], most: int) -> Iterator[list[str]]:
    for start in range(0, len(ids), most):
        yield ids[start : start + most]


def videos(client: Client, window: Window) -> Pages:
    """Every video, with what it counts so far."""
    for some in _groups(_video_ids(client, window), ITEMS_PER_PAGE):
        yield from client.pages(
            f"{DATA}/videos",
            rows="items",
            params={"part": "snippet,contentDetails,statistics,status", "id": ",".join(some)},
            paginator=SinglePagePaginator(),
        )


def video_performance(client: Client, window: Window) -> Pages:
    """What each video did on each of the window's days, as YouTube counts it now."""
    ids = _video_ids(client, window)
    reports = _reports_client(client)
    for days in window.days().split(DAYS_PER_REPORT):
        for some in _groups(ids, ROWS_PER_REPORT // len(days)):
            named = {"filters": f"video=={','.join(some)}"}
            yield from _report(reports, days, ("day", "video"), **named)


def channel_performance(client: Client, window: Window) -> Pages:
    """What the whole channel did on each day, to hold the videos' sum against."""
    reports = _reports_client(client)
    for days in window.days().split(ROWS_PER_REPORT):
        yield from _report(reports, days, ("day",))


def _report(client: Client, days: Days, dimensions: tuple[str, ...], **more: str) -> Pages:
    params = {
        "ids": f"channel=={client.settings['channel_id']}",
        "startDate": str(days.first),
        "endDate": str(days.last),
        "metrics": ",".join(METRICS),
        "dimensions": ",".join(dimensions),
        "sort": ",".join(dimensions),
        "maxResults": ROWS_PER_REPORT,
    }
    return client.pages(
        REPORTS,
        rows="rows",
        params=params | more,
        rows_required=False,
        other_lists=frozenset({"columnHeaders"}),
    )


def probe(client: Client) -> Pages:
    """The channel and one of its days: each API has a right of its own."""
    yield from channels(client, _yesterday())
    yield from channel_performance(client, _yesterday())


def _yesterday() -> Window:
    now = datetime.now(UTC)
    return Window(now - timedelta(days=1), now)


VENDOR = Vendor(
    name="youtube",
    streams=(
        Stream("channels", channels),
        Stream("uploads", uploads),
        Stream("videos", videos),
        Stream("video_performance", video_performance, lookback_days=7),
        Stream("channel_performance", channel_performance, lookback_days=7),
    ),
    connect=connect,
    required=("channel_id",),
    secrets=google.SECRETS,
    version=API,
    probe=probe,
    concurrency=3,
)
