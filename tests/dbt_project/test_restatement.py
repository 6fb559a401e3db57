"""The look-back a setting gives a platform is what its days are settled by."""

from __future__ import annotations

import pytest

from tests.dbt_project.conftest import Warehouse

SEED = "restatement_windows"


def windows(warehouse: Warehouse) -> dict[str, int]:
    warehouse.dbt("seed", "--select", SEED)
    rows = warehouse.sql(f"select platform, restatement_days from seeds.{SEED}")
    return {row["platform"]: row["restatement_days"] for row in rows}


def test_a_setting_is_put_over_the_seed_and_goes_with_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = windows(warehouse)
    monkeypatch.setenv("SOURCES__GOOGLE_ADS__LOOKBACK_DAYS__AD_PERFORMANCE", " 90 ")
    assert windows(warehouse) == own | {"google_ads": 90}
    monkeypatch.delenv("SOURCES__GOOGLE_ADS__LOOKBACK_DAYS__AD_PERFORMANCE")
    assert windows(warehouse) == own
