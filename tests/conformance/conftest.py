"""What the conformance tests share: each vendor's exchanges, recorded once per session."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.conformance.proofs import Exchange
from tests.conformance.recording import record


@pytest.fixture(scope="session")
def exchanges(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Exchange]]:
    """The exchanges of a vendor, by its name."""
    data: Path = tmp_path_factory.mktemp("conformance")

    @cache
    def recorded(vendor: str) -> list[Exchange]:
        return record(vendor, data)

    return recorded
