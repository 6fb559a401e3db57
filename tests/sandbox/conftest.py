"""One small sandbox that most tests share, its clock past the end of its calendar."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import Running
from tests.worlds import serving


@pytest.fixture(scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("shared"), people=400, days=35) as started:
        yield started


@pytest.fixture
def shop(_shared: Running) -> Iterator[Running]:
    yield _shared
    _shared.clear_faults()
