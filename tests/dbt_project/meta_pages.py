"""Meta's rows, of ads and of posts; see vendor_pages.py for the others."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


def meta_account() -> Row:
    return {
        "account_id": "777",
        "id": "act_777",
        "name": "Shop",
        "currency": "USD",
        "timezone_name": "America/Chicago",
    }


def meta_campaign() -> Row:
    return {
        "id": "71",
        "account_id": "777",
        "name": "Prospecting",
        "status": "ACTIVE",
        "objective": "OUTCOME_SALES",
        "created_time": "2025-12-01T10:00:00+0000",
        "updated_time": "2025-12-01T12:00:00-0500",
    }


def meta_ad() -> Row:
    return {
        "id": "73",
        "name": "Shirt video",
        "status": "ACTIVE",
        "campaign_id": "71",
        "adset_id": "72",
        "account_id": "777",
        "created_time": "2025-12-01T10:00:00+0000",
        "updated_time": "2025-12-01T10:00:00+0000",
    }


def meta_day(date: str = "2026-01-01", **metrics: Any) -> Row:
    return {
        "account_id": "777",
        "account_currency": "USD",
        "campaign_id": "71",
        "adset_id": "72",
        "ad_id": "73",
        "impressions": "900",
        "clicks": "12",
        "spend": "23.45",
        "reach": "850",
        "actions": [
            {"action_type": "link_click", "value": "10"},
            {"action_type": "purchase", "value": "2"},
        ],
        "action_values": [{"action_type": "purchase", "value": "78.9"}],
        "date_start": date,
        "date_stop": date,
        **metrics,
    }


def meta_account_day() -> Row:
    row = meta_day()
    return {
        key: value for key, value in row.items() if key not in ("campaign_id", "adset_id", "ad_id")
    }


def _insights(**values: int) -> Row:
    return {
        "data": [
            {"name": name, "period": "lifetime", "values": [{"value": value}]}
            for name, value in values.items()
        ]
    }


def facebook_post(views: int = 500) -> Row:
    return {
        "id": "555_1",
        "message": "New in store",
        "created_time": "2026-01-01T09:00:00+0000",
        "permalink_url": "https://www.facebook.com/555/posts/1",
        "shares": {"count": 3},
        "comments": {"data": [], "summary": {"total_count": 7}},
        "reactions": {"data": [], "summary": {"total_count": 15}},
        "insights": _insights(
            post_media_view=views,
            post_total_media_view_unique=350,
            post_clicks=20,
            post_reactions_like_total=12,
        ),
    }


def instagram_medium() -> Row:
    return {
        "id": "999",
        "owner": {"id": "17841400008460056"},
        "caption": "New in store",
        "media_type": "IMAGE",
        "media_product_type": "FEED",
        "timestamp": "2026-01-01T09:00:00+0000",
        "permalink": "https://www.instagram.com/p/abc/",
        "like_count": 40,
        "comments_count": 4,
        "insights": _insights(reach=300, views=410, saved=5, shares=2, total_interactions=51),
    }
