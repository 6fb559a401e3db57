"""Two weeks of a clean sandbox through connectors, base and gate: nothing to complain of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

import sandbox
from connectors import vendors
from connectors.landing import extract
from connectors.settings import landing_url
from data_quality import gate, loads
from tests.dbt_project.conftest import Warehouse

PEOPLE = 200
NIGHTS = 14
LAST = datetime(2026, 3, 1, tzinfo=UTC)
# One of each way in which volumes behave.
STREAMS = [
    ("google_ads", "ad_performance"),
    ("klaviyo", "events"),
    ("klaviyo", "profiles"),
    ("meta_social", "facebook_posts"),
    ("square", "orders"),
    ("snowplow", "enriched_events"),
]


@pytest.fixture
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A landing of a whole past and 14 nights, and a build file whose base has read it."""
    build = Warehouse(tmp_path).path
    monkeypatch.setenv("THROUGHLINE_DATA", str(tmp_path))
    monkeypatch.setenv("THROUGHLINE_BUILD_DB", str(build))
    with sandbox.running(tmp_path, people=PEOPLE, days=60, now=LAST - timedelta(30)) as vendors_api:
        for name, value in vendors_api.environment.items():
            monkeypatch.setenv(name, value)
        for back in range(NIGHTS, -1, -1):
            day = LAST - timedelta(days=back)
            vendors_api.set_clock(day + timedelta(days=1, hours=3))
            for vendor, stream in STREAMS:
                lookback = timedelta(days=vendors()[vendor].stream(stream).lookback_days)
                start = datetime(2026, 1, 1, tzinfo=UTC) if back == NIGHTS else day - lookback
                extract(vendor, stream, start, day + timedelta(days=1))
    with duckdb.connect(str(build)) as con:
        loads.register(con, landing_url())
    models = [f"base_{vendor}__{stream}" for vendor, stream in STREAMS]
    Warehouse(tmp_path).dbt("run", "--select", *models)
    return build


def test_no_false_alarm_on_a_clean_sandbox_over_fourteen_nights(clean: Path) -> None:
    with duckdb.connect(str(clean)) as con:
        verdicts = gate.judge(con, clean.with_name("docs"))

    assert len(verdicts) == (NIGHTS + 1) * len(STREAMS)
    assert [str(verdict) for verdict in verdicts if not verdict.is_accepted] == []
    assert [str(verdict) for verdict in verdicts if verdict.warnings] == []
