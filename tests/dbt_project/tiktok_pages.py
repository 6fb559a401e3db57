"""One good row of each of TikTok's streams, in its own words; tests change copies of them."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


def page(*rows: Row) -> Row:
    return {
        "code": 0,
        "message": "OK",
        "request_id": "20260102030405",
        "data": {
            "list": list(rows),
            "page_info": {
                "page": 1,
                "page_size": 1000,
                "total_number": len(rows),
                "total_page": 1,
            },
        },
    }


def tiktok_advertiser() -> Row:
    return {
        "advertiser_id": "7012345678901234567",
        "name": "Shop",
        "currency": "USD",
        "timezone": "Etc/GMT+8",
        "display_timezone": "America/Los_Angeles",
        "status": "STATUS_ENABLE",
    }


def tiktok_campaign(status: str = "CAMPAIGN_STATUS_ENABLE") -> Row:
    return {
        "advertiser_id": "7012345678901234567",
        "campaign_id": "1800000000000000001",
        "campaign_name": "Spring",
        "objective_type": "WEB_CONVERSIONS",
        "operation_status": "ENABLE",
        "secondary_status": status,
        "create_time": "2025-12-01 10:00:00",
        "modify_time": "2025-12-02 10:00:00",
    }


def tiktok_ad(status: str = "AD_STATUS_DELIVERY_OK") -> Row:
    return {
        "advertiser_id": "7012345678901234567",
        "campaign_id": "1800000000000000001",
        "adgroup_id": "1810000000000000001",
        "adgroup_name": "Spring / 1",
        "ad_id": "1820000000000000001",
        "ad_name": "Spring / 1 / 1",
        "ad_format": "SINGLE_VIDEO",
        "landing_page_url": "https://shop.example.com/shirts",
        "operation_status": "ENABLE",
        "secondary_status": status,
        "create_time": "2025-12-01 10:00:00",
    }


def tiktok_day(date: str = "2026-01-01", **metrics: Any) -> Row:
    return {
        "dimensions": {"ad_id": "1820000000000000001", "stat_time_day": f"{date} 00:00:00"},
        "metrics": {
            "advertiser_id": "7012345678901234567",
            "campaign_id": "1800000000000000001",
            "adgroup_id": "1810000000000000001",
            "currency": "USD",
            "spend": "23.45",
            "impressions": "900",
            "clicks": "12",
            "reach": "850",
            "conversion": "3",
            "complete_payment": "2",
            "total_complete_payment_rate": "78.90",
            **metrics,
        },
    }


def tiktok_account_day(date: str = "2026-01-01") -> Row:
    row = tiktok_day(date)
    row["dimensions"] = {
        "advertiser_id": row["metrics"].pop("advertiser_id"),
        "stat_time_day": f"{date} 00:00:00",
    }
    return row
