"""Suites for Meta's organic side: Facebook posts and Instagram media with lifetime insights."""

from __future__ import annotations

from data_quality.suite import Pages, StreamSuite, listed, not_negative, same


def _insight(name: str) -> str:
    return listed("insights", "metric_name", name, "metric_value")


SUITES = (
    StreamSuite(
        stream="facebook_posts",
        pages=Pages(),
        key=("post_id",),
        volume="rolling",
        metrics={
            "views": _insight("post_media_view"),
            "clicks": _insight("post_clicks"),
            "reactions": _insight("post_reactions_like_total"),
        },
        rules=not_negative("views", "clicks", "reactions", "shares"),
    ),
    StreamSuite(
        stream="instagram_media",
        pages=Pages(),
        key=("post_id",),
        volume="rolling",
        metrics={
            **same("likes"),
            "views": _insight("views"),
            "reach": _insight("reach"),
            "interactions": _insight("total_interactions"),
        },
        rules=not_negative("views", "reach", "likes", "comments"),
    ),
)
