"""How far back a night pulls again: as the connector says, or as a setting says."""

from __future__ import annotations

import csv
from typing import Any

import pytest

import connectors
from connectors.restatement import lookback_days
from connectors.settings import REPOSITORY, SettingError
from connectors.stream import Stream, Vendor


def never(*_: Any) -> Any:
    raise AssertionError("nobody is asked")


SHOP = Vendor("shop", (Stream("orders", never, lookback_days=4), Stream("visits", never)), never)
ORDERS = "SOURCES__SHOP__LOOKBACK_DAYS__ORDERS"


def test_a_setting_overrides_the_stream_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lookback_days(SHOP) == {"orders": 4, "visits": 0}
    monkeypatch.setenv(ORDERS, " 10 ")
    assert lookback_days(SHOP) == {"orders": 10, "visits": 0}
    monkeypatch.setenv(ORDERS, "")
    assert lookback_days(SHOP) == {"orders": 4, "visits": 0}


@pytest.mark.parametrize("text", ["-1", "1.5", "a week", "100000"])
def test_what_is_no_number_of_days_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(ORDERS, text)
    with pytest.raises(SettingError, match=f"{ORDERS} is '{text}': write a whole number of days"):
        lookback_days(SHOP)


def test_a_stream_that_does_not_exist_is_refused_with_those_that_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCES__SHOP__LOOKBACK_DAYS__ORDRES", "10")
    with pytest.raises(SettingError, match=r"ORDRES is set .* it has orders, visits"):
        lookback_days(SHOP)


def test_the_seed_of_settled_days_says_what_the_connectors_pull_again() -> None:
    with (REPOSITORY / "dbt_project/seeds/restatement_windows.csv").open() as file:
        seed = {row["platform"]: int(row["restatement_days"]) for row in csv.DictReader(file)}
    own = {
        vendor.name: stream.lookback_days
        for vendor in connectors.vendors().values()
        for stream in vendor.streams
        if stream.name == "ad_performance"
    }
    assert seed == own
