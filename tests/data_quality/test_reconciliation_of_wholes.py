"""A pull that brings a day as a whole: what an earlier one brought besides is gone, not lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from data_quality.comparison import Comparison
from data_quality.reconciliation import compare
from tests.data_quality import conftest
from tests.data_quality.conftest import START, Night

STREAM = ("ga4", "events")
COLUMNS = {
    "property_id_ga4": "text",
    "report_date": "date",
    "event_name": "text",
    "event_count": "bigint",
    "total_revenue": "double",
    "restricted_metrics": "text",
}
MODELS = """
    create schema if not exists staging;
    create schema if not exists intermediate;
    create schema if not exists marts;
    create or replace table staging.stg_ga4__events as
    select base.*, total_revenue as total_revenue_amount, 'ga4' as platform
    from base.base_ga4__events as base
    where load_id = (select max(load_id) from ops.loads where status = 'accepted');
    create or replace table intermediate.int_web_reports__ga4_events as
    from staging.stg_ga4__events;
    create or replace table marts.fct_web_event_report as from staging.stg_ga4__events;
"""


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(conftest.BASE, STREAM, COLUMNS)


def brought(night: Night, **counts: int) -> str:
    """Land and type a day's events."""
    page: dict[str, Any] = {
        "dimensionHeaders": [{"name": "date"}, {"name": "eventName"}],
        "metricHeaders": [{"name": "eventCount"}, {"name": "totalRevenue"}],
        "rows": [
            {
                "dimensionValues": [{"value": f"{START:%Y%m%d}"}, {"value": name}],
                "metricValues": [{"value": f"{count}"}, {"value": "1.5"}],
            }
            for name, count in counts.items()
        ],
    }
    load_id = night.land(
        *STREAM, [json.dumps(page)], request="POST /v1beta/properties/7:runReport {}"
    )
    night.register()
    rows = [
        {
            "property_id_ga4": "7",
            "report_date": START,
            "event_name": name,
            "event_count": count,
            "total_revenue": 1.5,
            "pulled_at": conftest.midnight(START),
            "page_index": 0,
        }
        for name, count in counts.items()
    ]
    night.type_rows(*STREAM, load_id, rows)
    return load_id


def accepted(night: Night, *load_ids: str) -> list[Comparison]:
    """Accept loads, build, and tell what does not agree."""
    for load_id in load_ids:
        night.con.execute("update ops.loads set status = 'accepted' where load_id = ?", [load_id])
    night.con.execute(MODELS)
    return [found for found in compare(night.con) if not found.is_equal]


def test_a_row_that_the_last_pull_lacks_is_no_loss(night: Night) -> None:
    first, second = brought(night, purchase=1, unknown=2), brought(night, purchase=3)
    assert accepted(night, first, second) == []


def test_a_pull_that_is_accepted_after_a_later_one_changes_nothing(night: Night) -> None:
    first, second = brought(night, purchase=1, unknown=2), brought(night, purchase=3)
    assert accepted(night, second) == []
    assert accepted(night, first) == []


def test_a_row_of_the_last_pull_that_is_lost_is_told(night: Night) -> None:
    first, second = brought(night, purchase=1), brought(night, purchase=3, page_view=9)
    night.con.execute("delete from base.base_ga4__events where event_name = 'page_view'")
    wrong = accepted(night, first, second)
    assert ("event_count", "landing") in {(each.name, each.left_at) for each in wrong}
    assert all(each.is_wrong for each in wrong)
