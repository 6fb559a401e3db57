"""Meta's organic side of the sandbox: posts, media, insights, refusals, the vendor's lists."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import Running, meta_social
from sandbox.graph import Field, parse_fields
from tests.conformance.proofs import load
from tests.sandbox.asking import at, get, good, truth

POSTS = (
    "id,message,created_time,permalink_url,shares,comments.limit(0).summary(true),"
    "insights.metric(post_media_view,post_total_media_view_unique,post_clicks,"
    "post_reactions_like_total).period(lifetime){name,values,period}"
)
MEDIA = (
    "id,caption,media_type,media_product_type,timestamp,permalink,like_count,comments_count,"
    "insights.metric(reach,views,saved,shares,total_interactions){name,values,period}"
)
LATEST = """
    with version as (
        select *, row_number() over (partition by post_id order by known_at desc) as age
        from post_day
    )

    select post.post_id, views, reach, clicks, reactions, comments, shares, saves
    from post left join version on post.post_id = version.post_id and version.age = 1
    where post.network = '{network}' and post.posted_at <= '{now}'
"""


@pytest.fixture
def sandbox(shop: Running) -> Running:
    return shop


def posts(sandbox: Running, **params: Any) -> requests.Response:
    page = sandbox.environment["SOURCES__META_SOCIAL__PAGE_ID"]
    return get(sandbox, f"/meta_social/v26.0/{page}/published_posts", {"fields": POSTS} | params)


def media(sandbox: Running, **params: Any) -> requests.Response:
    user = sandbox.environment["SOURCES__META_SOCIAL__INSTAGRAM_USER_ID"]
    return get(sandbox, f"/meta_social/v26.0/{user}/media", {"fields": MEDIA} | params)


def every(sandbox: Running, first: requests.Response) -> list[dict[str, Any]]:
    page = good(first)
    found = list(page["data"])
    while following := page.get("paging", {}).get("next"):
        page = good(get(sandbox, following.partition(f":{sandbox.port}")[2]))
        found += page["data"]
    return found


def insights(row: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each["values"][0]["value"] for each in row["insights"]["data"]}


def known(sandbox: Running, network: str) -> dict[str, tuple[int | None, ...]]:
    query = LATEST.format(network=network, now=sandbox.now.strftime("%Y-%m-%d %H:%M:%S"))
    found = truth(sandbox, query, post="post", post_day="post_day")
    return {row[0]: row[1:] for row in found}


def message(answer: requests.Response) -> str:
    assert answer.status_code == 400
    return str(answer.json()["error"]["message"])


def test_every_post_comes_once_over_small_pages_newest_first(sandbox: Running) -> None:
    found = every(sandbox, posts(sandbox, limit=7))
    assert Counter(row["id"] for row in found) == Counter(list(known(sandbox, "facebook")))
    times = [row["created_time"] for row in found]
    assert times == sorted(times, reverse=True)
    assert len(found) > 14


def test_facebook_numbers_equal_the_truth(sandbox: Running) -> None:
    numbers = known(sandbox, "facebook")
    for row in every(sandbox, posts(sandbox)):
        views, reach, clicks, reactions, comments, shares, _ = numbers[row["id"]]
        assert insights(row) == {
            "post_media_view": views,
            "post_total_media_view_unique": reach,
            "post_clicks": clicks,
            "post_reactions_like_total": reactions,
        }
        assert row["comments"]["summary"]["total_count"] == comments
        assert row.get("shares", {"count": 0})["count"] == shares


def test_instagram_numbers_equal_the_truth(sandbox: Running) -> None:
    found = every(sandbox, media(sandbox, limit=11))
    assert Counter(row["id"] for row in found) == Counter(list(known(sandbox, "instagram")))
    numbers = known(sandbox, "instagram")
    for row in found:
        views, reach, _, likes, comments, shares, saves = numbers[row["id"]]
        assert None not in (likes, comments, shares, saves)
        assert insights(row) == {
            "reach": reach,
            "views": views,
            "saved": saves,
            "shares": shares,
            "total_interactions": sum(count or 0 for count in (likes, comments, shares, saves)),
        }
        assert (row["like_count"], row["comments_count"]) == (likes, comments)


def test_insights_grow_with_the_clock(tmp_path: Path) -> None:
    with at(tmp_path, "2026-01-05T03:00:00") as sandbox:
        before = {row["id"]: insights(row) for row in every(sandbox, media(sandbox))}
        sandbox.set_clock(sandbox.now + timedelta(days=2))
        after = {row["id"]: insights(row) for row in every(sandbox, media(sandbox))}
        assert len(after) == len(before) + 2
        assert all(after[name]["views"] > before[name]["views"] for name in before)


def test_a_post_of_today_has_no_insights_yet_rather_than_zeros(tmp_path: Path) -> None:
    with at(tmp_path, "2026-01-05T23:30:00") as sandbox:
        newest = every(sandbox, posts(sandbox))[0]
        assert newest["created_time"].startswith("2026-01-05")
        assert newest["insights"] == {"data": []}
        assert "shares" not in newest


@pytest.mark.parametrize("as_unix", [True, False])
def test_since_and_until_bound_the_time_of_posting(sandbox: Running, as_unix: bool) -> None:
    since, until = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 1, 20, tzinfo=UTC)
    given = {
        "since": int(since.timestamp()) if as_unix else "2026-01-10",
        "until": int(until.timestamp()) if as_unix else "2026-01-20",
    }
    for answer, name in ((posts, "created_time"), (media, "timestamp")):
        found = [row[name] for row in every(sandbox, answer(sandbox, **given))]
        whole = [row[name] for row in every(sandbox, answer(sandbox))]
        assert found == [time for time in whole if "2026-01-10" <= time < "2026-01-20"]
        assert found


def test_only_the_fields_asked_for_come_back(sandbox: Running) -> None:
    assert set(good(posts(sandbox, fields="message"))["data"][0]) == {"id", "message"}
    assert set(good(media(sandbox, fields="timestamp"))["data"][0]) == {"id", "timestamp"}
    whole = good(media(sandbox, fields="insights.metric(reach)"))["data"][0]["insights"]["data"][0]
    assert set(whole) == meta_social.RESULT_FIELDS


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"fields": "id,colour"}, "nonexisting field (colour)"),
        ({"fields": "insights.metric(post_impressions)"}, "must be a valid insights metric"),
        ({"fields": "insights"}, "No metric was specified"),
        ({"fields": "insights.metric(post_clicks){colour}"}, "nonexisting field (colour)"),
        ({"fields": "insights.metric(post_clicks"}, "Syntax error"),
        ({"fields": "comments"}, "only as .limit(0).summary(true)"),
        ({"limit": 101}, "limit must be"),
        ({"since": "last week"}, "since must be a Unix time or a date"),
        ({"order": "asc"}, "order is not a parameter"),
    ],
)
def test_a_wrong_request_is_refused(sandbox: Running, params: dict[str, Any], said: str) -> None:
    assert said in message(posts(sandbox, **params))


def test_another_page_is_refused(sandbox: Running) -> None:
    user = sandbox.environment["SOURCES__META_SOCIAL__INSTAGRAM_USER_ID"]
    answer = get(sandbox, f"/meta_social/v26.0/{user}/published_posts")
    assert "does not exist" in message(answer)


def test_a_wrong_token_is_refused_as_meta_does(sandbox: Running) -> None:
    page = sandbox.environment["SOURCES__META_SOCIAL__PAGE_ID"]
    path = f"/meta_social/v26.0/{page}/published_posts"
    answer = get(sandbox, path, Authorization="Bearer wrong")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == 190


@pytest.mark.parametrize(
    ("fields", "edges", "node"),
    [
        (meta_social.POST_FIELDS, meta_social.POST_EDGES, "PagePost"),
        (meta_social.MEDIA_FIELDS, meta_social.MEDIA_EDGES, "IGMedia"),
    ],
)
def test_fields_and_edges_are_those_of_metas_description(
    fields: set[str], edges: set[str], node: str
) -> None:
    described = load(f"meta/{node}.json")
    assert fields <= {field["name"] for field in described["fields"]}
    assert edges <= {api["endpoint"] for api in described["apis"] if "endpoint" in api}


def test_insights_are_those_of_metas_description() -> None:
    for node in ("InsightsResult", "InstagramInsightsResult"):
        known = {field["name"] for field in load(f"meta/{node}.json")["fields"]}
        assert known >= meta_social.RESULT_FIELDS
    enums = {each["name"]: each["values"] for each in load("meta/enum_types.json")}
    metrics = set(enums["shadowigmediainsights_metric_enum_param"])
    assert metrics >= meta_social.MEDIA_METRICS.keys()


def test_the_fields_grammar_nests() -> None:
    assert parse_fields("a,b.c(d,e).f(g){h,i{j}},k") == [
        Field("a"),
        Field("b", {"c": "d,e", "f": "g"}, (Field("h"), Field("i", {}, (Field("j"),)))),
        Field("k"),
    ]
