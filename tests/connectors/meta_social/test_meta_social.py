"""Meta organic's connector against the sandbox's Graph API, whose truth is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import sandbox
from connectors.landing import extract
from connectors.stream import ConnectorError
from tests.connectors.landed import END, START, landed_rows, landed_table


def last_counts(side: sandbox.Running, network: str) -> dict[str, dict[str, Any]]:
    """The newest known totals of each post."""
    rows = sorted(side.truth("post_day").to_pylist(), key=lambda row: row["known_at"])
    return {row["post_id"]: row for row in rows if row["network"] == network}


def values(row: dict[str, Any]) -> dict[str, int]:
    """A post's insights by name, and how many comments and reactions it has."""
    found = row.get("insights", {}).get("data", [])
    edges = [name for name in ("comments", "reactions") if name in row]
    counts = {name: row[name]["summary"]["total_count"] for name in edges}
    return {metric["name"]: metric["values"][0]["value"] for metric in found} | counts


@pytest.mark.parametrize(
    ("stream", "network", "metrics"),
    [
        (
            "facebook_posts",
            "facebook",
            {
                "post_media_view": "views",
                "post_total_media_view_unique": "reach",
                "post_clicks": "clicks",
                "post_reactions_like_total": "reactions",
                "reactions": "reactions",
                "comments": "comments",
            },
        ),
        (
            "instagram_media",
            "instagram",
            {"views": "views", "reach": "reach", "saved": "saves", "shares": "shares"},
        ),
    ],
)
def test_every_post_lands_once_with_its_totals(
    vendor_side: sandbox.Running, stream: str, network: str, metrics: dict[str, str]
) -> None:
    extract("meta_social", stream, START, END)
    rows = landed_rows("meta_social", stream, "data")
    posts = [row for row in vendor_side.truth("post").to_pylist() if row["network"] == network]
    window = [row for row in posts if row["posted_at"].replace(tzinfo=UTC) < END]
    assert sorted(row["id"] for row in rows) == sorted(row["post_id"] for row in window)
    counts = last_counts(vendor_side, network)
    compared = 0
    for row in rows:
        if row["id"] in counts:
            compared += 1
            truth = {name: counts[row["id"]][column] for name, column in metrics.items()}
            assert {name: values(row)[name] for name in metrics} == truth
    assert compared > 3


def test_posts_are_asked_for_by_the_window(vendor_side: sandbox.Running) -> None:
    night = datetime(2026, 1, 10, tzinfo=UTC)
    extract("meta_social", "facebook_posts", night, night + timedelta(days=1))
    (request,) = landed_table("meta_social", "facebook_posts")["request"].to_pylist()
    query = parse_qs(urlsplit(request.split()[1]).query)
    assert query["since"] == [str(int(night.timestamp()))]
    assert query["until"] == [str(int(night.timestamp()) + 86_400)]
    assert "insights.metric(post_media_view" in query["fields"][0]


def test_a_wrong_page_is_said_to_be_one(
    vendor_side: sandbox.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__META_SOCIAL__PAGE_ID", "123")
    with pytest.raises(ConnectorError, match="check this vendor's account ids"):
        extract("meta_social", "facebook_posts", START, END)


def test_one_edge_failing_leaves_the_other_whole(vendor_side: sandbox.Running) -> None:
    vendor_side.fault("meta_social", "facebook_posts", "error", status=500)
    with pytest.raises(ConnectorError):
        extract("meta_social", "facebook_posts", START, END)
    assert extract("meta_social", "instagram_media", START, END).rows > 3
