"""What came twice is staged once: pages that a misbehaving sandbox served, typed by dbt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

import connectors
import sandbox
from connectors.settings import VendorSettings
from connectors.stream import Window
from tests.conformance.recording import DAYS, FIRST_DAY, SMALL_HOURS, serving
from tests.dbt_project.conftest import Warehouse

END = FIRST_DAY + timedelta(days=DAYS)
# Stream → its staging model, and what `id` is called there.
STAGED = {
    "klaviyo.profiles": ("stg_klaviyo__profiles", "profile_id_klaviyo"),
    "square.payments": ("stg_square__payments", "payment_id_square"),
}
VENDORS = [stream.split(".")[0] for stream in STAGED]
FAULTS: list[tuple[str, dict[str, int]]] = [
    ("duplicate_rows", {"rows": 3}),
    ("shifted_pages", {"rows": 2}),
    ("shifted_pages", {"rows": 1_000_000}),
]


def pages(stream: str) -> list[str]:
    """The bodies of a first load."""
    vendor, name = stream.split(".")
    found = connectors.vendors()[vendor]
    client = found.connect(VendorSettings(vendor, found.secrets))
    read = found.stream(name).pages(client, Window(FIRST_DAY, END))
    return [page.body.decode() for page in read if page.body is not None]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sandbox.Running]:
    """The sandbox of both vendors, after its calendar's end."""
    with serving(tmp_path_factory.mktemp("sandbox"), END + SMALL_HOURS, *VENDORS) as side:
        yield side


@pytest.fixture(scope="module")
def staged(warehouse: Warehouse, shop: sandbox.Running) -> Warehouse:
    """A load per fault, all of the same window, and then a good one."""
    models = [f"+{model}" for model, _ in STAGED.values()]
    warehouse.dbt("run", "--select", *models)
    for stream in STAGED:
        for kind, options in FAULTS:
            shop.fault(*stream.split("."), kind, **options)
            warehouse.land(stream, pages(stream), day=DAYS + 1)
            shop.clear_faults()
        warehouse.land(stream, pages(stream), day=DAYS + 2)
    warehouse.dbt("run", "--select", *models)
    return warehouse


@pytest.mark.parametrize("stream", STAGED)
def test_each_row_is_staged_once_however_often_it_came(stream: str, staged: Warehouse) -> None:
    model, key = STAGED[stream]
    good = [json.loads(page) for page in pages(stream)]
    sent = [row["id"] for page in good for row in page.get("data", page.get("payments", []))]
    rows = staged.sql(f"select {key} from staging.{model}")
    assert len(sent) >= 40
    assert sorted(row[key] for row in rows) == sorted(set(sent))


@pytest.mark.parametrize("stream", STAGED)
def test_a_row_that_came_twice_is_no_bad_row(stream: str, staged: Warehouse) -> None:
    model = f"base.base_{stream.replace('.', '__')}"
    bad = staged.sql(f"select quarantine_reason from {model} where quarantine_reason is not null")
    assert bad == []
