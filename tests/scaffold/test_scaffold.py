"""A scaffolded vendor is whole: in a copy of the repository it passes its own tests unchanged."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.settings import REPOSITORY
from scaffold.__main__ import NameRefusedError, checked, create, files
from tests.dbt_project import parsing
from tests.dbt_project.conftest import everything_built

NAME = "pinterest"
# It takes a parse that was made with another profile.
DBT = "orchestration/dbt_on_a_leash"
NOT_COPIED = (".*", "data", "results", "target", "logs", "__pycache__", "*.egg-info", "images")


def python(copy: Path, *arguments: str) -> None:
    """Run Python in the copy, whose packages come before the installed ones; it must succeed."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SOURCES__", "THROUGHLINE_", "DBT_", "DAGSTER_", "PYTEST_"))
    }
    environment |= {
        "PYTHONPATH": str(copy),
        "THROUGHLINE_DATA": str(copy / "data"),
        "THROUGHLINE_BUILD_DB": str(copy / "data" / parsing.DATABASE),
    }
    parse = copy / "parsed" / parsing.PARSED
    if parse.exists():
        environment["DBT_PARTIAL_PARSE_FILE_PATH"] = str(parse)
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with one more vendor in it, made as `make new-connector` makes it."""
    folder = tmp_path_factory.mktemp("copy") / "repository"
    shutil.copytree(REPOSITORY, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    shutil.copy(REPOSITORY / ".env.example", folder)
    (folder / "docs" / "images").mkdir()
    for image in (REPOSITORY / "docs" / "images").iterdir():
        (folder / "docs" / "images" / image.name).touch()
    python(folder, "-m", "scaffold", NAME)
    python(folder, "-m", "connectors")
    return folder


@pytest.fixture(scope="module")
def parsed(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy with dbt's parse of the checkout, to which the vendor's files are new."""
    (copy / "parsed").mkdir()
    shutil.copy(parsing.parsed(tmp_path_factory.mktemp("scaffold")), copy / "parsed")
    return copy


@pytest.fixture(scope="module")
def built(parsed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy with all models of the other vendors, in which nothing has landed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THROUGHLINE_BUILD_DB", "")
        file = everything_built(tmp_path_factory.mktemp("scaffold"))
    (parsed / "data").mkdir(exist_ok=True)
    shutil.copy(file, parsed / "data" / parsing.DATABASE)
    return parsed


def test_it_keeps_the_conventions(parsed: Path) -> None:
    python(parsed, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", "tests/conventions")


def test_it_is_in_style(copy: Path) -> None:
    python(copy, "-m", "ruff", "check", "--no-cache", ".")
    python(copy, "-m", "ruff", "format", "--no-cache", "--check", ".")


def test_it_passes_its_own_tests_and_those_of_every_vendor(copy: Path) -> None:
    """The last ones are faults, the doctor's questions, suites and proofs."""
    own = [f"tests/connectors/{NAME}", f"tests/sandbox/test_{NAME}.py"]
    alike = ["connectors/test_faults.py", "connectors/test_doctor.py"]
    alike += ["data_quality/test_suite.py", "conformance/test_proofs.py"]
    python(
        *(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", "-k", NAME),
        *own,
        *(f"tests/{path}" for path in alike),
    )


def test_its_pages_are_typed_accepted_staged_and_one_with_those_of_others(built: Path) -> None:
    """From the sandbox through landing, base and the gate to the union; counts are the truth's."""
    python(built, "-c", _A_LOAD, NAME, DBT)


_A_LOAD = """
import os, subprocess, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
import duckdb
import sandbox
from connectors import vendors
from connectors.landing import extract
from connectors.settings import landing_url
from data_quality import gate, loads

name, data = sys.argv[1], Path(os.environ["THROUGHLINE_DATA"])
build = os.environ["THROUGHLINE_BUILD_DB"]
start = datetime(2026, 1, 1, tzinfo=UTC)
end = start + timedelta(days=10)
with sandbox.running(
    data, people=200, days=10, start=start.date(), now=end + timedelta(hours=3), vendors=[name]
) as side:
    os.environ.update(side.environment)
    for stream in vendors()[name].streams:
        extract(name, stream.name, start, end)
    told = [row["occurred_at"] for row in side.truth(f"{name}_event").to_pylist()]
    campaigns = {row["campaign_id"] for row in side.truth(f"{name}_campaign").to_pylist()}
expected = sum(moment < end.replace(tzinfo=None) for moment in told)

with duckdb.connect(build) as con:
    con.execute("set TimeZone = 'UTC'")
    loads.register(con, landing_url())
place = ["--project-dir", "dbt_project", "--profiles-dir", "dbt_project"]
models = [f"path:models/{layer}/{name}" for layer in ("base", "staging")]
models += [f"int_campaigns__{name}", "int_campaigns__unioned"]
subprocess.run(
    [
        *(sys.executable, sys.argv[2], "run", *place),
        *("--select", *models),
    ],
    check=True,
)
with duckdb.connect(build) as con:
    con.execute("set TimeZone = 'UTC'")
    assert all(verdict.is_accepted for verdict in gate.judge(con))
    # Staging is a view here, which shows what the gate has accepted.
    key = f"event_id_{name}"
    count = f"select count(*), count(distinct {key}) from staging.stg_{name}__events"
    staged = con.execute(count).fetchone()
    union = f"select campaign_id from intermediate.int_campaigns__unioned where platform = '{name}'"
    united = [campaign for (campaign,) in con.execute(union).fetchall()]
assert staged == (expected, expected), (staged, expected)
assert expected > 50
assert len(united) == 8 and set(united) == campaigns, united
"""


def test_nothing_of_the_template_is_left_unfilled_and_every_room_says_what_to_replace() -> None:
    made = files("linkedin_ads")
    assert [path for path, text in made if re.search(r"@(name|NAME|Title)@", f"{path}{text}")] == []
    replaced = {path.parts[0] for path, text in made if "REPLACE" in text}
    assert replaced == {"connectors", "dbt_project", "data_quality", "sandbox", "tests"}
    assert "Linkedin Ads" in dict(made)[Path("connectors/linkedin_ads/README.md")]


@pytest.mark.parametrize("name", ["Pinterest", "pin-terest", "1st", "", "class", "a__b", "pin_"])
def test_what_is_no_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(NameRefusedError, match="is no vendor's name"):
        create(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["klaviyo", "landing", "server"])
def test_a_name_that_is_taken_is_refused(name: str) -> None:
    with pytest.raises(NameRefusedError, match="is there already"):
        checked(name, REPOSITORY)
