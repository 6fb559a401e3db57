"""What is wrong before a night begins: one sentence, an exit status, and nothing has changed."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration import __main__ as command
from orchestration import locks
from tests.nightly.company import NEXT_NIGHT, NIGHT_SECONDS, REPOSITORY, Company, Done

# A refusal takes a moment and what the command imports takes seconds: one process imports it, and
# each night is a copy of that process.
READY = multiprocessing.get_context("forkserver")
READY.set_forkserver_preload(["orchestration.nightly"])


def _call(arguments: list[str], environment: dict[str, str], output: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(REPOSITORY)
    with output.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.exit(command.main(arguments))


def _night(company: Company, date: str, **settings: str) -> Done:
    """A night that is refused, as the command runs it."""
    output = company.data.with_name("output.txt")
    environment = company.environment | settings
    process = READY.Process(target=_call, args=(["nightly", "--date", date], environment, output))
    process.start()
    process.join(NIGHT_SECONDS)
    assert process.exitcode is not None
    return Done(process.exitcode, output.read_text())


@pytest.fixture
def company(first_load: Company, tmp_path: Path) -> Company:
    return first_load.copied_to(tmp_path / "data")


def _contents(company: Company) -> dict[str, int]:
    """What a refused night must not touch, by size."""
    files = [
        file
        for folder in ("published", "build", "landing")
        for file in (company.data / folder).rglob("*")
        if file.is_file()
    ]
    return {str(file): file.stat().st_size for file in files}


def _refused(done: Done) -> str:
    """The one sentence that a night is refused with."""
    assert done.status == 2, done.output
    assert "Traceback" not in done.output
    *before, sentence = done.output.splitlines()
    assert sentence.startswith("Not run: ")
    assert not any("Not run" in line for line in before)
    return sentence


@pytest.mark.parametrize(
    ("date", "settings", "says"),
    [
        ("2026-02-30", {}, "DATE is '2026-02-30', which is no date: write YYYY-MM-DD"),
        ("2026-01-13", {}, "which goes from 2026-01-01 to 2026-01-12"),
        (
            NEXT_NIGHT,
            {"THROUGHLINE_PROFILE": "production"},
            "no vendor is configured",
        ),
        (NEXT_NIGHT, {"THROUGHLINE_SANDBOX_PEOPLE": "few"}, "THROUGHLINE_SANDBOX_PEOPLE is 'few'"),
        (NEXT_NIGHT, {"THROUGHLINE_MIN_FREE_MB": "9999999999"}, "is nearly full"),
    ],
)
def test_a_wrong_setting_is_told_in_one_sentence(
    company: Company, date: str, settings: dict[str, str], says: str
) -> None:
    before = _contents(company)
    assert says in _refused(_night(company, date, **settings))
    assert _contents(company) == before


def test_a_build_file_that_is_open_elsewhere_is_told_with_who_has_it(company: Company) -> None:
    before = _contents(company)
    with duckdb.connect(str(company.build), read_only=True):
        sentence = _refused(_night(company, NEXT_NIGHT))
    assert f"{company.build} is open in process" in sentence
    assert _contents(company) == before


def test_a_damaged_build_file_is_told_with_the_way_out(company: Company) -> None:
    company.build.write_bytes(b"not a database" * 1000)
    sentence = _refused(_night(company, NEXT_NIGHT))
    assert f"{company.build} cannot be opened" in sentence
    assert "Move it away and run again" in sentence
    assert company.ask("select count(*) > 0 from marts.fct_order") == [(True,)]


def test_a_run_at_work_keeps_a_second_one_out(company: Company) -> None:
    with locks.held(company.data / "locks" / "run", ""):
        assert "Another run (process " in _refused(_night(company, NEXT_NIGHT))


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    unwritable = Company(tmp_path / "file" / "data")
    done = Company(tmp_path / "data").night(NEXT_NIGHT, THROUGHLINE_DATA=str(unwritable.data))
    assert f"The data folder {unwritable.data} cannot be written" in _refused(done)
