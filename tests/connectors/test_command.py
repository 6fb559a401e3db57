"""`python -m connectors.<vendor>`: one vendor alone."""

from __future__ import annotations

import importlib.util

import pytest

import connectors
import sandbox
from connectors.command import main

from .landed import finished_loads

DATES = ["--from", "2026-01-10", "--to", "2026-01-11"]


def test_every_stream_lands_and_is_told(
    vendor_side: sandbox.Running, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(connectors.vendors()["google_ads"], DATES) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in told] == [
        "google_ads/campaigns",
        "google_ads/ads",
        "google_ads/ad_performance",
        "google_ads/account_performance",
    ]
    assert len(finished_loads("google_ads")) == 4


def test_one_stream_failing_stops_no_other_and_the_status_says_so(
    vendor_side: sandbox.Running, capsys: pytest.CaptureFixture[str]
) -> None:
    vendor_side.fault("google_ads", "campaigns", "unauthorized")
    assert main(connectors.vendors()["google_ads"], DATES) == 1
    shown = capsys.readouterr()
    assert "google_ads/campaigns" in shown.err
    assert "google_ads/ad_performance" in shown.out


def test_one_stream_can_be_asked_for(vendor_side: sandbox.Running) -> None:
    assert main(connectors.vendors()["square"], [*DATES, "--stream", "locations"]) == 0
    assert len(finished_loads("square")) == 1


@pytest.mark.parametrize(
    "arguments",
    [["--from", "2026-01-10"], ["--from", "x", "--to", "y"], [*DATES[:2], "--to", "2026-01-10"]],
)
def test_dates_that_make_no_window_are_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(connectors.vendors()["square"], arguments)
    assert caught.value.code == 2
    assert "usage: python -m connectors.square" in capsys.readouterr().err


@pytest.mark.parametrize("name", list(connectors.vendors()))
def test_every_vendor_can_be_run_alone(name: str) -> None:
    assert importlib.util.find_spec(f"connectors.{name}.__main__")
