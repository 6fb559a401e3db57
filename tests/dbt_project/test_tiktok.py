"""TikTok Ads from its pages to staging: dashes, deleted ads, days without a zone, nested rows."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from tests.dbt_project import tiktok_pages as pages
from tests.dbt_project.conftest import Row, Warehouse


@pytest.fixture(scope="module")
def landed(warehouse: Warehouse) -> Warehouse:
    """A first load, and a night after which an ad and a campaign are gone."""
    warehouse.dbt("run", "--select", "base_tiktok_ads__ads")
    warehouse.land("tiktok_ads.advertisers", [pages.page(pages.tiktok_advertiser())])
    warehouse.land("tiktok_ads.campaigns", [pages.page(pages.tiktok_campaign())])
    warehouse.land("tiktok_ads.ads", [pages.page(pages.tiktok_ad())])
    warehouse.land("tiktok_ads.account_performance", [pages.page(pages.tiktok_account_day())])
    watched = {"complete_payment": "-", "total_complete_payment_rate": "-", "reach": "-"}
    warehouse.land(
        "tiktok_ads.ad_performance",
        [
            pages.page(pages.tiktok_day(), pages.tiktok_day("2026-01-02", **watched)),
            pages.page(pages.tiktok_day("2026-01-03", spend="-")),
            pages.page(pages.tiktok_day("2026-01-04", clicks="12.5")),
            {"code": 40105, "message": "Access token is incorrect.", "data": {}},
            {"code": 0, "message": "OK", "data": {"list": []}},
        ],
    )
    gone = [pages.page(pages.tiktok_ad("AD_STATUS_CAMPAIGN_DELETE"))]
    warehouse.dbt("run", "--select", "path:models/base/tiktok_ads")
    warehouse.land("tiktok_ads.ads", gone, day=2)
    gone = [pages.page(pages.tiktok_campaign("CAMPAIGN_STATUS_DELETE"))]
    warehouse.land("tiktok_ads.campaigns", gone, day=2)
    restated = pages.page(pages.tiktok_day(complete_payment="3"))
    warehouse.land("tiktok_ads.ad_performance", [restated], day=2)
    models = [f"path:models/{layer}/tiktok_ads" for layer in ("base", "staging")]
    warehouse.dbt("build", "--select", *models)
    return warehouse


def staged(warehouse: Warehouse, model: str, order: str = "all") -> list[Row]:
    return warehouse.sql(f"select * from staging.stg_tiktok_ads__{model} order by {order}")


def test_a_dash_is_no_value_and_no_zero(landed: Warehouse) -> None:
    *_, watched = staged(landed, "ad_performance", "report_date, pulled_at")
    assert watched["report_date"] == date(2026, 1, 2)
    assert watched["spend_amount"] == Decimal("23.45")
    claims = ("conversions_platform_reported", "conversions_value_amount", "reach")
    assert [watched[name] for name in claims] == [None, None, None]


def test_what_must_be_there_and_is_a_dash_goes_to_quarantine(landed: Warehouse) -> None:
    rows = landed.sql(
        "select quarantine_reason, raw from base.base_tiktok_ads__ad_performance"
        " where quarantine_reason is not null order by page_index"
    )
    assert [row["quarantine_reason"] for row in rows] == [
        "spend: missing",
        'clicks: cannot read "12.5" as bigint',
        'page: no list "data.list"',
    ]
    assert json.loads(rows[0]["raw"]) == pages.tiktok_day("2026-01-03", spend="-")


def test_a_restated_day_keeps_both_versions(landed: Warehouse) -> None:
    first, second = [
        row
        for row in staged(landed, "ad_performance", "pulled_at")
        if row["report_date"] == date(2026, 1, 1)
    ]
    names = ("conversions_platform_reported", "is_current", "report_timezone")
    assert [first[name] for name in names] == [Decimal(2), False, "America/Los_Angeles"]
    assert [second[name] for name in names] == [Decimal(3), True, "America/Los_Angeles"]


def test_deleted_ads_and_campaigns_stay_and_are_marked(landed: Warehouse) -> None:
    (ad,) = staged(landed, "ads")
    (campaign,) = staged(landed, "campaigns")
    assert (ad["is_deleted"], ad["ad_status"]) == (True, "AD_STATUS_CAMPAIGN_DELETE")
    assert campaign["is_deleted"]


def test_ids_keep_all_their_digits(landed: Warehouse) -> None:
    (day,) = staged(landed, "account_performance")
    assert day["account_id_tiktok"] == "7012345678901234567"
    assert (day["spend_amount"], day["report_date"]) == (Decimal("23.45"), date(2026, 1, 1))
