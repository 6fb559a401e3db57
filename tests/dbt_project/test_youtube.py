"""YouTube from its pages to its facts: columns by name, counts as text, what is gone, two facts."""

from __future__ import annotations

import json
from datetime import date

import pytest

import connectors
from tests.dbt_project import youtube_pages as pages
from tests.dbt_project.conftest import Row, Warehouse
from tests.dbt_project.parsing import PROJECT

IN_ORDER = ["day", "video", *pages.MEASURES]
BACKWARDS = IN_ORDER[::-1]
LIKELESS = [name for name in IN_ORDER if name != "likes"]
HIDDEN = {**pages.channel(subscriberCount="0", hiddenSubscriberCount=True), "id": "UCx"}
RAGGED = {**pages.report(IN_ORDER), "rows": [["2026-01-09", "a", 1]]}


@pytest.fixture(scope="module")
def landed(warehouse: Warehouse) -> Warehouse:
    """A first load, and a night after which one video is gone and another one has come."""
    warehouse.dbt("run", "--select", "path:models/base/youtube")
    warehouse.land("youtube.channels", [pages.listed(pages.channel(), HIDDEN)])
    warehouse.land(
        "youtube.uploads", [pages.listed(*map(pages.upload, "ab"))], request=pages.UPLOADS
    )
    first = [pages.video("a"), pages.video("b", "P1DT2H", commentCount="9")]
    first += [pages.video("c", "four minutes"), pages.video("d", viewCount="-1.5")]
    warehouse.land("youtube.videos", [pages.listed(*first)])
    swapped = pages.report(BACKWARDS, pages.day("2026-01-02", likes=11, views=12))
    reports = [
        pages.report(IN_ORDER, pages.day(), pages.day(video="b", views=7)),
        swapped,
        pages.report(IN_ORDER),
        pages.report(LIKELESS, pages.day("2026-01-03")),
        RAGGED,
        {"error": {"code": 403}},
    ]
    warehouse.land("youtube.video_performance", reports, request=pages.REQUEST)
    whole = pages.report(["day", *pages.MEASURES], pages.day(views=120))
    warehouse.land("youtube.channel_performance", [whole], request=pages.REQUEST)
    warehouse.dbt("run", "--select", "path:models/base/youtube")
    warehouse.land(
        "youtube.uploads", [pages.listed(*map(pages.upload, "ae"))], day=2, request=pages.UPLOADS
    )
    second = [pages.video("a"), pages.video("e", likeCount=None), pages.video("f")]
    warehouse.land("youtube.videos", [pages.listed(*second)], day=2)
    restated = pages.report(IN_ORDER, pages.day(views=98), pages.day(video="b", views=7))
    warehouse.land("youtube.video_performance", [restated], day=2, request=pages.REQUEST)
    models = [f"path:models/{layer}/youtube" for layer in ("base", "staging")]
    facts = ["fct_social_performance", "fct_video_performance", "rpt_freshness"]
    warehouse.dbt("build", "--select", *models)
    warehouse.dbt("run", "--select", *(f"+{fact}" for fact in facts), "--exclude", *models)
    return warehouse


def staged(warehouse: Warehouse, model: str, order: str = "all") -> list[Row]:
    return warehouse.sql(f"select * from staging.stg_youtube__{model} order by {order}")


def reasons(warehouse: Warehouse, stream: str) -> list[Row]:
    return warehouse.sql(
        f"select quarantine_reason, raw from base.base_youtube__{stream}"
        " where quarantine_reason is not null order by page_index, row_index"
    )


def test_a_changed_order_of_columns_swaps_no_metrics(landed: Warehouse) -> None:
    found = staged(landed, "video_performance", "report_date, video_id_youtube")
    names = ("video_id_youtube", "views", "likes", "watch_minutes", "subscribers_lost")
    assert [tuple(row[name] for name in names) for row in found] == [
        ("a", 98, 4, 50, 6),
        ("b", 7, 4, 50, 6),
        ("a", 12, 11, 50, 6),
    ]
    assert [row["report_date"] for row in found] == [date(2026, 1, 1)] * 2 + [date(2026, 1, 2)]
    assert {row["channel_id_youtube"] for row in found} == {pages.CHANNEL}


def test_a_table_that_lacks_a_column_or_a_value_goes_to_quarantine(landed: Warehouse) -> None:
    lacking, ragged, refused = reasons(landed, "video_performance")
    assert lacking["quarantine_reason"] == "likes: missing"
    assert json.loads(lacking["raw"]) == [pages.day("2026-01-03")[name] for name in LIKELESS]
    assert ragged["quarantine_reason"] == "watch_minutes: missing"
    assert [json.loads(ragged["raw"])] == RAGGED["rows"]
    assert refused["quarantine_reason"] == 'page: no list "rows"'


def test_counts_are_cast_from_text_and_what_is_not_told_is_no_zero(landed: Warehouse) -> None:
    a, b, e, _ = staged(landed, "videos", "video_id_youtube")
    assert (a["views"], a["likes"], a["comments"]) == (18446744, 7, None)
    assert (b["comments"], e["likes"]) == (9, None)


def test_a_length_is_in_seconds_and_one_that_is_none_goes_to_quarantine(landed: Warehouse) -> None:
    a, b, *_ = staged(landed, "videos", "video_id_youtube")
    assert (a["duration_seconds"], b["duration_seconds"]) == (253, 93600)
    assert [row["quarantine_reason"] for row in reasons(landed, "videos")] == [
        'duration_seconds: cannot read "four minutes" as iso_duration',
        'views: cannot read "-1.5" as bigint',
    ]


def test_a_video_that_was_taken_down_stays_and_is_marked(landed: Warehouse) -> None:
    found = {row["video_id_youtube"]: row for row in staged(landed, "videos")}
    # The list knows nothing yet of f, which came up between the two questions.
    marks = {name: row["is_deleted"] for name, row in found.items()}
    assert marks == {"a": False, "b": True, "e": False, "f": False}
    assert found["b"]["is_current"]
    assert found["b"]["last_listed_at"] < found["a"]["last_listed_at"]


def test_a_list_that_the_gate_holds_back_marks_nothing(landed: Warehouse) -> None:
    asked = {"day": 3, "status": "held", "request": pages.UPLOADS}
    short = landed.land("youtube.uploads", [pages.listed()], **asked)
    other = landed.land("youtube.uploads", [pages.listed(pages.upload("e"))], **asked)
    models = [f"path:models/{layer}/youtube" for layer in ("base", "staging")]
    landed.dbt("run", "--select", *models)
    found = {row["video_id_youtube"]: row["is_deleted"] for row in staged(landed, "videos")}
    assert not found["a"]
    for load_id in (short, other):
        landed.decide(load_id, "accepted")
    found = {row["video_id_youtube"]: row["is_deleted"] for row in staged(landed, "videos")}
    assert found["a"]


def test_the_channel_and_its_days(landed: Warehouse) -> None:
    row, hidden = staged(landed, "channels", "channel_id_youtube")
    assert (hidden["subscribers"], hidden["views"]) == (None, 12)
    assert (row["subscribers"], row["uploads_playlist_id_youtube"][:2]) == (120, "UU")
    (total,) = staged(landed, "channel_performance")
    assert (total["views"], total["report_timezone"]) == (120, "America/Los_Angeles")


def test_what_counts_so_far_and_what_a_day_brought_are_two_facts(landed: Warehouse) -> None:
    so_far = landed.sql(
        "select post_id, views_to_date, reactions_to_date, comments_to_date, shares_to_date"
        " from marts.fct_social_performance where platform = 'youtube' and post_id <> 'f'"
        " order by post_id, report_date"
    )
    assert [tuple(row.values()) for row in so_far] == [
        ("a", 18446744, 7, None, None),
        ("b", 18446744, 7, 9, None),
        ("e", 18446744, None, None, None),
    ]
    per_day = landed.sql(
        "select post_id, report_date, views, comments, followers_gained, is_deleted"
        " from marts.fct_video_performance order by report_date, post_id"
    )
    first, second = date(2026, 1, 1), date(2026, 1, 2)
    assert [tuple(row.values()) for row in per_day] == [
        ("a", first, 98, 3, 5, False),
        ("b", first, 7, 3, 5, True),
        ("a", second, 12, 3, 5, False),
    ]


def test_the_days_that_are_not_there_yet_are_not_said_to_be_complete(landed: Warehouse) -> None:
    rows = landed.sql(
        "select stream, lag_days, accepted_through_at - complete_through_at as behind"
        " from marts.rpt_freshness where vendor = 'youtube' and accepted_through_at is not null"
    )
    told = {row["stream"]: (row["lag_days"], row["behind"].days) for row in rows}
    assert told == dict.fromkeys(("channels", "uploads", "videos"), (0, 0)) | dict.fromkeys(
        ("video_performance", "channel_performance"), (3, 3)
    )


def test_a_day_is_settled_when_the_connector_has_left_it_behind() -> None:
    days = connectors.vendors()["youtube"].stream("video_performance").lookback_days
    text = (PROJECT / "models/intermediate/social/int_videos__youtube.sql").read_text()
    assert f"settled_before('youtube', 'video_performance', {days})" in text
