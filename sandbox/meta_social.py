"""Meta's organic side as Throughline reads it: posts of a Page and media of an Instagram account.

Belongs here: both edges, what their rows hold, and insights by field expansion. Does not belong
here: what every Graph object does alike (graph.py) and how posts fared (the truth tables).

As at Meta: insights are lifetime totals as of the last finished day, asked for by expansion
(`insights.metric(reach).period(lifetime){name,values}`); before the first one there is an empty
list, not a zero; newest posts come first; metrics that were retired are an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb

from sandbox import graph
from sandbox.graph import Field, authorize, problem
from sandbox.strict import answering
from sandbox.wire import Limit, Request, Response, Route
from sandbox.world import World

__all__ = ["authorize", "environment", "problem", "rate_headers", "render", "routes"]

PAGE_ID = "101550023400019"
INSTAGRAM_USER_ID = "17841400008460056"
POST_FIELDS = {"id", "message", "created_time", "updated_time", "permalink_url", "shares"}
POST_FIELDS |= {"is_published", "status_type", "from"}
POST_EDGES = {"insights", "comments", "reactions"}
MEDIA_FIELDS = {"id", "caption", "media_type", "media_product_type", "timestamp", "permalink"}
MEDIA_FIELDS |= {"like_count", "comments_count", "username", "shortcode", "owner"}
MEDIA_EDGES = {"insights"}
RESULT_FIELDS = {"id", "name", "period", "values", "title", "description"}
# Metric of the API to the truth's count; the last one is an object of several.
POST_METRICS = {
    "post_media_view": "views",
    "post_total_media_view_unique": "reach",
    "post_clicks": "clicks",
    "post_reactions_like_total": "reactions",
    "post_activity_by_action_type": "activity",
}
MEDIA_METRICS = {
    "reach": "reach",
    "views": "views",
    "likes": "reactions",
    "comments": "comments",
    "saved": "saves",
    "shares": "shares",
    "total_interactions": "interactions",
}

_POSTS = """
    select
        post.posted_at as sort_at,
        post.posted_at as known_at,
        null::timestamp as superseded_at,
        post.post_id as key,
        post.account_id as tag,
        to_json({
            'id': post.post_id,
            'text': post.message,
            'time': strftime(post.posted_at, '%Y-%m-%dT%H:%M:%S+0000'),
            'link': post.permalink_url
        })::varchar as body
    from post
"""
_COUNTS = """
    select
        post.posted_at as sort_at,
        post_day.known_at,
        lead(post_day.known_at) over (
            partition by post_day.post_id order by post_day.known_at
        ) as superseded_at,
        post.post_id as key,
        post.account_id as tag,
        to_json({
            'id': post.post_id,
            'views': post_day.views,
            'reach': post_day.reach,
            'clicks': post_day.clicks,
            'reactions': post_day.reactions,
            'comments': post_day.comments,
            'shares': post_day.shares,
            'saves': post_day.saves
        })::varchar as body
    from post_day
    inner join post on post_day.network = post.network and post_day.post_id = post.post_id
"""

rate_headers = graph.usage_headers("pages")


def render(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write what Meta would know of the truth: posts, and each day's totals of each post."""
    world.write_rows(con, "meta_social", "posts", _POSTS)
    world.write_rows(con, "meta_social", "counts", _COUNTS)


def environment(base_url: str) -> dict[str, str]:
    """Return the settings with which a connector finds this sandbox."""
    return {
        "SOURCES__META_SOCIAL__BASE_URL": base_url,
        "SOURCES__META_SOCIAL__ACCESS_TOKEN": "sandbox-access-token",
        "SOURCES__META_SOCIAL__PAGE_ID": PAGE_ID,
        "SOURCES__META_SOCIAL__INSTAGRAM_USER_ID": INSTAGRAM_USER_ID,
    }


def routes() -> list[Route]:
    """Return the Page's and the Instagram account's edge."""
    owner = rf"/{graph.VERSIONS}/(?P<owner>\d+)"
    limit = Limit(50, 2000)
    posts, media = answering(_published_posts), answering(_media)
    return [
        graph.DEBUG_TOKEN,
        Route("GET", f"{owner}/published_posts", posts, "facebook_posts", "data", limit),
        Route("GET", f"{owner}/media", media, "instagram_media", "data", limit),
    ]


def _published_posts(request: Request, world: World, now: datetime) -> Response:
    graph.check_parameters(request, {"since", "until", "include_hidden", "show_expired", "with"})
    default = ["created_time", "message"]
    fields = graph.fields_of(request, POST_FIELDS | POST_EDGES, default, "Post")
    found, paging = graph.page(request, _posts(request, world, now, PAGE_ID), now, most=100)
    counts = _counts(world, now, PAGE_ID)
    data = [_post(post, counts.get(post["id"]), fields) for post in found]
    return Response.of({"data": data, **paging})


def _media(request: Request, world: World, now: datetime) -> Response:
    graph.check_parameters(request, {"since", "until"})
    fields = graph.fields_of(request, MEDIA_FIELDS | MEDIA_EDGES, ["id"], "Media")
    rows = _posts(request, world, now, INSTAGRAM_USER_ID)
    found, paging = graph.page(request, rows, now, most=100)
    counts = _counts(world, now, INSTAGRAM_USER_ID)
    data = [_medium(post, counts.get(post["id"]), fields) for post in found]
    return Response.of({"data": data, **paging})


def _posts(request: Request, world: World, now: datetime, owner: str) -> list[dict[str, Any]]:
    """Return the posts of the owner asked for, newest first."""
    if request.match["owner"] != owner:
        graph.refuse_object(request.match["owner"])
    page = world.stream("meta_social", "posts").page(
        now,
        limit=2**62,
        start=_moment(request, "since"),
        end=_moment(request, "until"),
        tags=[owner],
        descending=True,
    )
    return page.objects()


def _counts(world: World, now: datetime, owner: str) -> dict[str, dict[str, Any]]:
    counts = world.stream("meta_social", "counts").all(now, tags=[owner])
    return {count["id"]: count for count in counts}


def _post(
    post: Mapping[str, Any], counts: Mapping[str, Any] | None, fields: Sequence[Field]
) -> dict[str, Any]:
    seen = counts or {}
    row: dict[str, Any] = {
        "id": post["id"],
        "message": post["text"],
        "created_time": post["time"],
        "updated_time": post["time"],
        "permalink_url": post["link"],
        "is_published": True,
        "status_type": "added_photos",
        "from": {"name": "Throughline", "id": PAGE_ID},
    }
    # A post nobody shared has no member `shares` at all.
    if seen.get("shares"):
        row["shares"] = {"count": seen["shares"]}
    for field in fields:
        if field.name == "insights":
            row["insights"] = _results(post, counts, field, POST_METRICS)
        elif field.name in POST_EDGES:
            row[field.name] = _summary(seen.get(field.name, 0), field)
    return graph.chosen(row, fields)


def _medium(
    post: Mapping[str, Any], counts: Mapping[str, Any] | None, fields: Sequence[Field]
) -> dict[str, Any]:
    seen = counts or {}
    row: dict[str, Any] = {
        "id": post["id"],
        "caption": post["text"],
        "media_type": "IMAGE",
        "media_product_type": "FEED",
        "timestamp": post["time"],
        "permalink": post["link"],
        "shortcode": post["link"].rstrip("/").rpartition("/")[2],
        "username": "throughline",
        "owner": {"id": INSTAGRAM_USER_ID},
        "like_count": seen.get("reactions", 0),
        "comments_count": seen.get("comments", 0),
    }
    for field in fields:
        if field.name == "insights":
            row["insights"] = _results(post, counts, field, MEDIA_METRICS)
    return graph.chosen(row, fields)


def _summary(count: int, field: Field) -> dict[str, Any]:
    """Return an edge of which only the count is told, as with `.limit(0).summary(true)`."""
    if field.arguments.get("limit") != "0" or "summary" not in field.arguments:
        graph.refuse(f"This sandbox serves {field.name} only as .limit(0).summary(true)")
    return {"data": [], "summary": {"total_count": count}}


def _results(
    post: Mapping[str, Any],
    counts: Mapping[str, Any] | None,
    field: Field,
    metrics: Mapping[str, str],
) -> dict[str, Any]:
    """Return the expansion of `insights`: one result per metric, none before the first day."""
    wanted = [name.strip() for name in field.arguments.get("metric", "").split(",") if name]
    if not wanted:
        graph.refuse("No metric was specified to be fetched", 3001, error_subcode=1504028)
    for name in wanted:
        if name not in metrics:
            graph.refuse("The value must be a valid insights metric: " + name)
    period = field.arguments.get("period", "lifetime")
    if period != "lifetime":
        graph.refuse(f"This sandbox serves insights for the period lifetime, not {period}")
    graph.check_fields(field.fields, RESULT_FIELDS, "InsightsResult")
    if counts is None:
        return {"data": []}
    values = dict(counts)
    values["activity"] = {
        "like": counts["reactions"],
        "comment": counts["comments"],
        "share": counts["shares"],
    }
    values["interactions"] = sum(counts[name] for name in ("reactions", "comments", "shares"))
    values["interactions"] += counts["saves"]
    results = [
        {
            "id": f"{post['id']}/insights/{name}/lifetime",
            "name": name,
            "period": "lifetime",
            "values": [{"value": values[metrics[name]]}],
            "title": name.replace("_", " ").capitalize(),
            "description": f"Lifetime {name.replace('_', ' ')}.",
        }
        for name in wanted
    ]
    if field.fields:
        results = [graph.chosen(result, field.fields) for result in results]
    return {"data": results}


def _moment(request: Request, name: str) -> datetime | None:
    """Return `since` or `until`, which Meta takes as Unix seconds or as an ISO date or time."""
    text = request.one(name)
    if text is None:
        return None
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        graph.refuse(f"Param {name} must be a Unix time or a date - got {text}")
    return found if found.tzinfo else found.replace(tzinfo=UTC)
