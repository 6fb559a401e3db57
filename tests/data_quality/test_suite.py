from __future__ import annotations

import subprocess
import sys

import pytest

from connectors import vendors
from data_quality.suite import suites

STREAMS = [(vendor.name, stream.name) for vendor in vendors().values() for stream in vendor.streams]


@pytest.mark.parametrize(("vendor", "stream"), STREAMS)
def test_every_stream_of_every_connector_has_a_suite(vendor: str, stream: str) -> None:
    assert stream in suites()[vendor]


def test_no_suite_is_left_of_a_stream_that_is_gone() -> None:
    found = {(vendor, stream) for vendor, streams in suites().items() for stream in streams}

    assert found == set(STREAMS)


def test_registering_and_listing_loads_does_not_pay_for_what_judges_them() -> None:
    code = (
        "import sys; import data_quality.loads, data_quality.gate, data_quality.__main__,"
        " data_quality.reconciliation;"
        " sys.exit(bool({'great_expectations', 'pandas', 'dagster', 'dlt'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_telemetry_is_off_before_the_library_is_imported() -> None:
    code = "import os, data_quality; assert os.environ['GX_ANALYTICS_ENABLED'] == 'false'"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
