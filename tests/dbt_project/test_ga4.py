"""Google Analytics from its reports to the mart: columns by name, marks, days that change whole."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import connectors
from tests.dbt_project.conftest import Row, Warehouse
from tests.dbt_project.ga4_pages import REQUEST, report, row

OTHER = {
    "sessionDefaultChannelGroup": "Unassigned",
    "sessionSource": "(not set)",
    "sessionMedium": "(not set)",
    "sessionCampaignName": "(not set)",
}
OWN = {
    "sessionSource": "google",
    "sessionMedium": "cpc",
    "sessionCampaignId": "77",
    "sessionCampaignName": "Spring",
}
RESTRICTED = {
    "activeMetricRestrictions": [
        {"metricName": "purchaseRevenue", "restrictedMetricTypes": ["REVENUE_DATA"]}
    ]
}


@pytest.fixture(scope="module")
def landed(warehouse: Warehouse) -> Warehouse:
    """Two nights: of the second, the first day's unknown visits have found their campaign."""
    warehouse.dbt("run", "--select", "path:models/base/ga4")
    first = [
        report(row(), row(**OTHER), row(**OWN)),
        report(row(date="20260102"), backwards=True),
        report(row(date="20260103", sessions="12.5"), row(date="2026-01-03", **OWN)),
        report(),
        {"error": {"code": 500}},
        report(row(date="20260104")),
    ]
    warehouse.land("ga4.traffic", first, day=4, request=REQUEST)
    warehouse.dbt("run", "--select", "path:models/base/ga4")
    second = [
        report(row(sessions="20"), row(**OWN)),
        report(
            row(date="20260102"),
            subjectToThresholding=True,
            dataLossFromOtherRow=True,
            samplingMetadatas=[{"samplesReadCount": "60", "samplingSpaceSize": "80"}],
            schemaRestrictionResponse=RESTRICTED,
        ),
    ]
    warehouse.land("ga4.traffic", second, day=5, request=REQUEST)
    held = [report(row(sessions="9999"))]
    warehouse.land("ga4.traffic", held, day=6, status="held", request=REQUEST)
    other = REQUEST.replace("1234", "99")
    warehouse.land("ga4.traffic", [report(row())], day=5, request=other)
    models = [f"path:models/{layer}/ga4" for layer in ("base", "staging")]
    warehouse.dbt("build", "--select", *models, "int_web_reports__ga4")
    return warehouse


def staged(warehouse: Warehouse, day: date, property_id: str = "1234") -> list[Row]:
    return warehouse.sql(
        "select * from staging.stg_ga4__traffic where report_date = ? and property_id_ga4 = ?"
        " order by campaign_name",
        [day, property_id],
    )


def test_values_are_found_by_their_headers_whatever_the_order(landed: Warehouse) -> None:
    forth, back = landed.sql(
        "select * from base.base_ga4__traffic where page_index < 2 and campaign_name = 'C1'"
        " and load_id = (select min(load_id) from base.base_ga4__traffic) order by page_index"
    )
    technical = {"report_date", "page_index", "row_hash"}
    assert {k: v for k, v in forth.items() if k not in technical} == {
        k: v for k, v in back.items() if k not in technical
    }
    assert (forth["sessions"], forth["users"], forth["key_events"]) == (10, 7, 2.5)
    assert (back["source"], back["report_date"]) == ("klaviyo", date(2026, 1, 2))


def test_what_cannot_be_read_goes_to_quarantine_with_its_row(landed: Warehouse) -> None:
    rows = landed.sql(
        "select quarantine_reason, raw from base.base_ga4__traffic"
        " where quarantine_reason is not null order by page_index, row_index"
    )
    assert [each["quarantine_reason"] for each in rows] == [
        'sessions: cannot read "12.5" as bigint',
        'report_date: cannot read "2026-01-03" as basic_date',
        'page: no list "rows"',
    ]
    assert "12.5" in rows[0]["raw"]


def test_a_row_that_a_later_pull_lacks_is_gone_and_no_held_load_counts(landed: Warehouse) -> None:
    rows = staged(landed, date(2026, 1, 1))
    assert [(each["campaign_name"], each["sessions"]) for each in rows] == [
        ("C1", 20),
        ("Spring", 10),
    ]


def test_a_day_of_which_a_later_pull_has_no_row_at_all_is_gone(landed: Warehouse) -> None:
    assert staged(landed, date(2026, 1, 4)) == []


def test_another_propertys_day_is_a_day_of_its_own(landed: Warehouse) -> None:
    (other,) = staged(landed, date(2026, 1, 1), "99")
    assert other["sessions"] == 10


def test_what_is_not_whole_is_marked_on_each_row_of_its_day(landed: Warehouse) -> None:
    marks = ("is_thresholded", "has_other_row", "is_sampled", "has_restricted_metrics")
    whole, *_ = staged(landed, date(2026, 1, 1))
    (partial,) = staged(landed, date(2026, 1, 2))
    assert [whole[mark] for mark in marks] == [False] * 4
    assert [partial[mark] for mark in marks] == [True] * 4
    assert (whole["sampled_share"], partial["sampled_share"]) == (None, 0.75)


def test_an_amount_that_the_credential_may_not_see_is_null_and_no_zero(landed: Warehouse) -> None:
    whole, *_ = staged(landed, date(2026, 1, 1))
    (partial,) = staged(landed, date(2026, 1, 2))
    amounts = ("purchase_revenue_amount", "total_revenue_amount")
    assert [whole[name] for name in amounts] == [Decimal("29.9"), Decimal(31)]
    assert [partial[name] for name in amounts] == [None, Decimal(31)]


def test_campaigns_are_known_by_id_or_by_name_and_words_of_google_are_none(
    landed: Warehouse,
) -> None:
    rows = landed.sql(
        "select campaign_name, campaign_id, is_settled from intermediate.int_web_reports__ga4"
        " where property_id = '1234' and report_date <= date '2026-01-02' order by all"
    )
    assert [(each["campaign_name"], each["campaign_id"]) for each in rows] == [
        ("C1", "C1"),
        ("C1", "C1"),
        ("Spring", "77"),
    ]
    # The last pull ends on the fifth: three days before it are asked for again.
    assert [each["is_settled"] for each in rows] == [False, True, True]


@pytest.mark.parametrize(
    ("model", "stream"), [("", "traffic"), ("_pages", "landing_pages"), ("_events", "events")]
)
def test_a_day_is_settled_when_the_connector_has_left_it_behind(model: str, stream: str) -> None:
    folder = Path(__file__).parents[2] / "dbt_project/models/intermediate/web_reports"
    text = (folder / f"int_web_reports__ga4{model}.sql").read_text()
    days = connectors.vendors()["ga4"].stream(stream).lookback_days
    assert f"settled_before('ga4', '{stream}', {days})" in text


def test_a_pull_that_brought_nothing_or_what_cannot_be_read_takes_no_day_away(
    landed: Warehouse,
) -> None:
    """The days lie in the windows of both; the first day is as the last good pull has it."""
    landed.land("ga4.traffic", [report()], day=6, request=REQUEST)
    unread = [report(row(date="20260103", sessions="12.5"), row(date="20260105"))]
    landed.land("ga4.traffic", unread, day=6, request=REQUEST)
    landed.dbt("run", "--select", "path:models/base/ga4")
    assert [each["sessions"] for each in staged(landed, date(2026, 1, 2))] == [10]
    assert [each["sessions"] for each in staged(landed, date(2026, 1, 5))] == [10]
