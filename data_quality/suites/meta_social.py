"""Suites for Meta's organic side: Facebook posts and Instagram media with lifetime insights."""

from __future__ import annotations

from data_quality.chain import Chain, Level
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
            "reach": _insight("post_total_media_view_unique"),
            "likes": _insight("post_reactions_like_total"),
            **same("reactions", "comments"),
        },
        rules=not_negative("views", "clicks", "reach", "reactions", "comments", "shares"),
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


def _chain(stream: str, platform: str) -> Chain:
    """A post counts once a day, as the last pull of the day saw it."""
    staged = f"""
        (
            select *
            from staging.stg_meta_social__{stream}
            qualify row_number() over (
                partition by post_id, cast(pulled_at as date) order by pulled_at desc, load_id desc
            ) = 1
        )
    """
    return Chain(
        stream=stream,
        what="posts",
        touched="pulled_at",
        levels=(
            Level(
                f"staging.stg_meta_social__{stream}",
                staged,
                "pulled_at",
                {"posts": "1", "views": "coalesce(views, 0)"},
            ),
            Level(
                "marts.fct_social_performance",
                "marts.fct_social_performance",
                "report_date",
                {"posts": "1", "views": "coalesce(views_to_date, 0)"},
                where=f"platform = '{platform}'",
            ),
        ),
    )


CHAINS = (_chain("facebook_posts", "facebook"), _chain("instagram_media", "instagram"))
