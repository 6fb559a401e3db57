"""Companies with some nights behind them, each made once for all tests and copied for each case.

With several workers, the first that needs a company makes it and the others wait for it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration import locks
from tests.dbt_project import parsing
from tests.nightly import bad_night as wrong
from tests.nightly.company import FIRST_NIGHT, LAST_NIGHT, NEXT_NIGHT, NIGHT_SECONDS, Company

# Companies lie in folders of any name, and so do checkouts.
ODD_NAME = "it's one of [größe]"


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this test run have in common."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / ODD_NAME
    folder.mkdir(exist_ok=True)
    return folder


def made(shared: Path, name: str, make: Callable[[Company], None]) -> Company:
    """The company of that name, made where nobody has made it yet."""
    home = shared / name
    data, good = home / "data", home / "good"
    with locks.held(shared / f"{name}.lock", "{pid} makes it", wait_seconds=4 * NIGHT_SECONDS):
        if not good.exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            make(Company(data))
            good.touch()
    return Company(data)


def _after(shared: Path, name: str, before: Company, night: Callable[[Company], object]) -> Company:
    def make(company: Company) -> None:
        night(before.copied_to(company.data))

    return made(shared, name, make)


@pytest.fixture(scope="session")
def first_load(shared: Path) -> Company:
    """The whole past in one go, two nights before the calendar's last."""

    def make(company: Company) -> None:
        # What dbt keeps of a parse; other tests need it as well, and it takes as long as a layer.
        (company.data / "dbt").mkdir(parents=True)
        shutil.copy(parsing.parsed(shared), company.data / "dbt")
        company.good_night(FIRST_NIGHT)

    return made(shared, "first_load", make)


@pytest.fixture(scope="session")
def next_night(shared: Path, first_load: Company) -> Company:
    """One night later."""
    return _after(shared, "next_night", first_load, lambda company: company.good_night(NEXT_NIGHT))


@pytest.fixture(scope="session")
def bad_night(shared: Path, first_load: Company) -> Company:
    """One night later, too, but one that went wrong."""
    return _after(shared, "bad_night", first_load, wrong.run)


@pytest.fixture(scope="session")
def healed(shared: Path, bad_night: Company) -> Company:
    """Two nights later: the calendar's last, which is good, after the one that went wrong."""
    return _after(shared, "healed", bad_night, wrong.heal)


@pytest.fixture(scope="session")
def from_scratch(shared: Path, first_load: Company) -> Company:
    """The calendar's last night, and the whole past with it, in one go; the default night."""

    def make(company: Company) -> None:
        # dbt's parse of the models, which the other company has made: it is no part of a load.
        shutil.copytree(first_load.data / "dbt", company.data / "dbt")
        done = company.night()
        assert done.status == 0, done.output
        assert f"night {LAST_NIGHT}" in done.output

    return made(shared, "from_scratch", make)
