"""Suites for YouTube: the channel, its list of uploads, videos, and the days of both."""

from __future__ import annotations

from decimal import Decimal

from data_quality.chain import Chain, LandedSums, Level, SourceTotal, current_base
from data_quality.suite import (
    Pages,
    StreamSuite,
    inside_window,
    not_above,
    not_negative,
    one_of,
    same,
)

_FLOWS = (
    *("views", "watch_minutes", "likes", "dislikes", "comments", "shares"),
    *("subscribers_gained", "subscribers_lost"),
)
_RULES = (
    # Days are California's, a third of a day away from UTC.
    *inside_window("report_date", before=1, after=1),
    *not_negative(*_FLOWS, "average_view_seconds"),
    *not_above("likes", "views"),
)


_CHANNEL = r"request:ids=channel(?:==|%3D%3D)([^& ]+)"


def _days(stream: str, *key: str) -> StreamSuite:
    named = {"report_date": "day", "video_id_youtube": "video", "channel_id_youtube": _CHANNEL}
    return StreamSuite(
        stream=stream,
        pages=Pages(
            rows="rows",
            rows_required=False,
            columns={"columnHeaders": ""},
            key=tuple(named[column] for column in key),
            day="day",
        ),
        key=key,
        day="report_date",
        # The newest days come two to three days late: a night's own day is not there.
        volume="any",
        metrics=same(*_FLOWS),
        rules=_RULES,
    )


SUITES = (
    StreamSuite(
        stream="channels",
        pages=Pages(rows="items", rows_required=False),
        key=("channel_id_youtube",),
        volume="snapshot",
        rules=not_negative("views", "subscribers", "videos"),
    ),
    StreamSuite(
        stream="uploads",
        pages=Pages(rows="items", key=(r"request:playlistId=([^& ]+)", "contentDetails.videoId")),
        key=("playlist_id_youtube", "video_id_youtube"),
        volume="snapshot",
    ),
    StreamSuite(
        stream="videos",
        pages=Pages(rows="items"),
        key=("video_id_youtube",),
        volume="snapshot",
        metrics=same("views", "likes", "comments"),
        rules=(
            *not_negative("views", "likes", "comments", "duration_seconds"),
            *one_of("privacy_status", "public", "unlisted", "private"),
        ),
    ),
    _days("channel_performance", "channel_id_youtube", "report_date"),
    _days("video_performance", "video_id_youtube", "report_date"),
)

_STATED = "staging.stg_youtube__channel_performance"
_FACT = "marts.fct_video_performance"
_FLOWS_BUILT = {
    "video_days": "1",
    **same("views", "watch_minutes", "comments", "shares", "dislikes"),
    "likes": "reactions",
    "subscribers_gained": "followers_gained",
    "subscribers_lost": "followers_lost",
}
_FLOWS_STAGED = {"video_days": "1", **same(*_FLOWS)}

CHAINS = (
    Chain(
        stream="videos",
        what="videos",
        touched="pulled_at",
        levels=(
            # A video counts once a day, as the last pull of the day saw it.
            Level(
                "staging.stg_youtube__videos",
                """
                (
                    select *
                    from staging.stg_youtube__videos
                    qualify row_number() over (
                        partition by video_id_youtube, cast(pulled_at as date)
                        order by pulled_at desc, load_id desc
                    ) = 1
                )
                """,
                "pulled_at",
                {"videos": "1", **same("views", "likes"), "comments": "coalesce(comments, 0)"},
            ),
            Level(
                "marts.fct_social_performance",
                "marts.fct_social_performance",
                "report_date",
                {
                    "videos": "1",
                    "views": "views_to_date",
                    "likes": "reactions_to_date",
                    "comments": "coalesce(comments_to_date, 0)",
                },
                where="platform = 'youtube'",
            ),
        ),
    ),
    Chain(
        stream="video_performance",
        what="days of videos",
        touched="report_date",
        landed=LandedSums(
            fields={
                "report_day": "day",
                "watched": "views",
                "minutes": "estimatedMinutesWatched",
                "liked": "likes",
                "disliked": "dislikes",
                "commented": "comments",
                "shared": "shares",
                "joined": "subscribersGained",
                "left_again": "subscribersLost",
            },
            day="report_day",
            measures={
                "video_days": "1",
                "views": "watched",
                "watch_minutes": "minutes",
                "likes": "liked",
                "dislikes": "disliked",
                "comments": "commented",
                "shares": "shared",
                "subscribers_gained": "joined",
                "subscribers_lost": "left_again",
            },
        ),
        landed_at=1,
        levels=(
            Level(
                "base.base_youtube__video_performance",
                current_base("youtube", SUITES[-1]),
                "report_date",
                _FLOWS_STAGED,
            ),
            Level(
                "staging.stg_youtube__video_performance",
                "staging.stg_youtube__video_performance",
                "report_date",
                _FLOWS_STAGED,
                key="video_id_youtube || '|' || cast(report_date as varchar)",
            ),
            Level(
                "intermediate.int_videos__youtube",
                "intermediate.int_videos__youtube",
                "report_date",
                _FLOWS_BUILT,
            ),
            Level(_FACT, _FACT, "report_date", _FLOWS_BUILT, where="platform = 'youtube'"),
        ),
    ),
)

TOTALS = (
    SourceTotal(
        stream="video_performance",
        measure="views",
        # Two questions, asked one after the other: what came in between is in the later one only.
        is_blocking=False,
        # A video that was taken down is in the channel's days and in no video's any more.
        may_lack=Decimal("0.05"),
        touched=(("video_performance", "report_date"), ("channel_performance", "report_date")),
        # Minutes are rounded for each video; who subscribes on the channel's page is no video's.
        stated=Level(
            "the channel's own days",
            _STATED,
            "report_date",
            same("views", "likes", "comments", "shares"),
        ),
        built=Level(
            _FACT,
            _FACT,
            "report_date",
            {**same("views", "comments", "shares"), "likes": "reactions"},
            # A day of which the total was not read yet is held against nothing.
            where=f"platform = 'youtube' and report_date in (select report_date from {_STATED})",
        ),
    ),
)
