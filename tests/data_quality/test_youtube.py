"""YouTube's days: found in landing again by the question, and held against the channel's own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from data_quality.comparison import Comparison
from data_quality.reconciliation import compare
from tests.data_quality import conftest
from tests.data_quality.conftest import START, Night
from tests.dbt_project import youtube_pages as pages

CHANNEL, VIDEOS = ("youtube", "channel_performance"), ("youtube", "video_performance")
NAMES = {
    "views": "views",
    "watch_minutes": "estimatedMinutesWatched",
    "average_view_seconds": "averageViewDuration",
    "likes": "likes",
    "dislikes": "dislikes",
    "comments": "comments",
    "shares": "shares",
    "subscribers_gained": "subscribersGained",
    "subscribers_lost": "subscribersLost",
}
OWNER = {"channel_id_youtube": "text", "report_date": "date"}
COLUMNS = OWNER | dict.fromkeys(NAMES, "bigint")
MODELS = """
    create schema if not exists staging;
    create schema if not exists intermediate;
    create schema if not exists marts;
    create or replace table staging.stg_youtube__channel_performance as
    from base.base_youtube__channel_performance;
    create or replace table staging.stg_youtube__video_performance as
    from base.base_youtube__video_performance;
    create or replace table marts.fct_video_performance as
    select *, 'youtube' as platform, likes as reactions, subscribers_gained as followers_gained,
        subscribers_lost as followers_lost
    from staging.stg_youtube__video_performance;
    create or replace table intermediate.int_videos__youtube as from marts.fct_video_performance;
"""


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(conftest.BASE, CHANNEL, COLUMNS)
    monkeypatch.setitem(conftest.BASE, VIDEOS, COLUMNS | {"video_id_youtube": "text"})


def pull(night: Night, stream: tuple[str, str], columns: list[str], *days: pages.Row) -> None:
    """Land and type days as YouTube reports them, and accept the load."""
    report = json.dumps(pages.report(columns, *days))
    load_id = night.land(*stream, [report], request=pages.REQUEST)
    night.register()
    rows = [
        {
            "channel_id_youtube": pages.CHANNEL,
            "video_id_youtube": day["video"],
            "report_date": START,
            "pulled_at": conftest.midnight(START),
            "page_index": 0,
            **{column: day[name] for column, name in NAMES.items()},
        }
        for day in days
    ]
    night.type_rows(*stream, load_id, rows)
    night.con.execute("update ops.loads set status = 'accepted'")


def compared(night: Night, whole: int, *views: int) -> list[Comparison]:
    """What differs where the channel had so many views, and its videos these."""
    columns = ["day", *pages.MEASURES]
    pull(night, CHANNEL, columns, pages.day(f"{START}", views=whole, **totals(len(views))))
    days = [pages.day(f"{START}", f"v{n}", views=each) for n, each in enumerate(views)]
    pull(night, VIDEOS, [*columns, "video"], *days)
    night.con.execute(MODELS)
    return [found for found in compare(night.con) if not found.is_equal]


def totals(videos: int) -> dict[str, Any]:
    return {name: videos * count for name, count in pages.MEASURES.items() if name != "views"}


def test_days_are_found_again_and_agree_with_the_channels(night: Night) -> None:
    assert compared(night, 200, 120, 80) == []
    stated = night.con.execute("select measure, value from ops.source_totals").fetchall()
    assert stated == [("views", 200)]


def test_what_a_video_that_was_taken_down_had_may_be_missing_to_a_twentieth(night: Night) -> None:
    assert compared(night, 210, 120, 80) == []


@pytest.mark.parametrize("whole", [211, 199])
def test_more_that_is_missing_and_anything_too_many_is_a_warning(night: Night, whole: int) -> None:
    (found,) = compared(night, whole, 120, 80)
    assert (found.name, found.difference) == ("views", 200 - whole)
    assert not found.is_wrong


def test_a_day_that_is_lost_on_the_way_stops_publication(night: Night) -> None:
    compared(night, 200, 120, 80)
    night.con.execute("delete from base.base_youtube__video_performance where views = 80")
    night.con.execute("delete from ops.model_loads where model = 'reconciliation'")
    night.con.execute(MODELS)
    wrong = {
        (each.name, each.left_at) for each in compare(night.con, everything=True) if each.is_wrong
    }
    assert ("rows", "landing") in wrong
