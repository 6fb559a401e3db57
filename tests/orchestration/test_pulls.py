"""A run's pulls go side by side, and each step tells of its own."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from rich.console import Console

from connectors.stream import ConnectorError, Stream, Vendor, Window
from orchestration import instance, nights, pulls, streams
from orchestration.progress import Progress
from tests.orchestration.conftest import never

DAY = date(2026, 1, 20)
VENDORS = [
    Vendor("shop", (Stream("orders", never, lookback_days=2), Stream("visits", never)), never),
    Vendor("ads", (Stream("days", never),), never, concurrency=1),
]


def landed() -> Any:
    return SimpleNamespace(pages=2, rows=3, size=10, load_id="1")


def definitions(extract: Callable[..., Any]) -> dg.Definitions:
    calendar = nights.Calendar(date(2026, 1, 1), date(2026, 3, 1))
    sources = streams.sources(VENDORS)
    assets = streams.landing_assets(sources.values(), calendar)
    per_vendor = {vendor.name: vendor.concurrency for vendor in VENDORS}
    return dg.Definitions(
        assets=assets,
        jobs=[dg.define_asset_job("all", assets)],
        resources={pulls.RESOURCE: pulls.resource(sources, calendar, extract, per_vendor)},
        executor=dg.in_process_executor,
    )


def run(
    extract: Callable[..., Any], only: list[str] | None = None
) -> tuple[dg.ExecuteInProcessResult, str]:
    out = io.StringIO()
    progress = Progress(Console(file=out, width=200))
    job = definitions(extract).resolve_job_def("all")
    with instance.opened() as opened:
        opened.add_event_listener("11111111-1111-4111-8111-111111111111", progress.watch)
        result = job.execute_in_process(
            instance=opened,
            run_id="11111111-1111-4111-8111-111111111111",
            partition_key=f"{DAY}",
            raise_on_error=False,
            asset_selection=[dg.AssetKey(name.split("/")) for name in only] if only else None,
        )
    return result, out.getvalue()


def test_streams_and_vendors_are_pulled_side_by_side(data: Path) -> None:
    all_at_work = threading.Barrier(3, timeout=20)

    def extract(*_: Any) -> Any:
        all_at_work.wait()
        return landed()

    result, _ = run(extract)
    assert result.success


def test_only_what_the_run_is_for_is_pulled(data: Path) -> None:
    pulled: list[str] = []

    def extract(vendor: str, stream: str, *_: Any) -> Any:
        pulled.append(f"{vendor}/{stream}")
        return landed()

    result, _ = run(extract, only=["shop/visits"])
    assert result.success
    assert pulled == ["shop/visits"]


def test_each_stream_has_the_window_of_its_own(data: Path) -> None:
    windows: dict[str, str] = {}

    def extract(vendor: str, stream: str, start: datetime, end: datetime) -> Any:
        windows[stream] = f"{start:%m-%d}/{end:%m-%d}"
        return landed()

    with instance.opened() as opened:
        for day in nights.days_between(date(2026, 1, 1), DAY):
            for key in (["shop", "orders"], ["shop", "visits"]):
                if (key[1], day.day) != ("visits", 15):
                    opened.report_runless_asset_event(
                        dg.AssetMaterialization(dg.AssetKey(key), partition=f"{day}")
                    )
    run(extract)
    # Its look-back; the first hole; everything, for nothing has been landed yet.
    assert windows == {"orders": "01-18/01-21", "visits": "01-15/01-21", "days": "01-01/01-21"}


def test_a_failing_stream_is_red_alone_and_names_itself(data: Path) -> None:
    def extract(vendor: str, stream: str, start: datetime, end: datetime) -> Any:
        if stream == "visits":
            error = ConnectorError("the vendor is down", status=503)
            raise error.at(vendor, stream, Window(start, end))
        return landed()

    result, told = run(extract)
    failed = [event.step_key for event in result.all_events if event.is_step_failure]
    assert failed == ["shop__visits"]
    assert "the vendor is down" in told
    assert sorted(event.step_key for event in result.all_events if event.is_step_success) == [
        "ads__days",
        "shop__orders",
    ]


def test_a_line_tells_how_long_the_pull_itself_took(data: Path) -> None:
    def extract(vendor: str, *_: Any) -> Any:
        time.sleep(3.0 if vendor == "ads" else 0.0)
        return landed()

    _, told = run(extract)
    seconds = {line.split()[2]: float(line.split()[3]) for line in told.splitlines() if "✓" in line}
    assert seconds["ads/days"] >= 3.0
    # Waited for after the slow one, and over long before.
    assert max(seconds["shop/orders"], seconds["shop/visits"]) < 2.0


def test_a_run_that_ends_early_begins_no_further_pull(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THROUGHLINE_PULLS_AT_ONCE", "1")
    release = threading.Event()
    begun: list[str] = []

    def extract(vendor: str, stream: str, *_: Any) -> Any:
        begun.append(stream)
        if stream == "days":
            raise dg.DagsterExecutionInterruptedError
        release.wait(20)
        return landed()

    before = time.monotonic()
    run(extract)
    assert time.monotonic() - before < 15
    release.set()
    time.sleep(0.2)
    assert len(begun) <= 2


def test_a_setting_says_how_far_back_a_step_pulls(monkeypatch: pytest.MonkeyPatch) -> None:
    assert streams.sources(VENDORS)["shop__orders"].lookback_days == 2
    monkeypatch.setenv("SOURCES__SHOP__LOOKBACK_DAYS__ORDERS", "9")
    assert streams.sources(VENDORS)["shop__orders"].lookback_days == 9
