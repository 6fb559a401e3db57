"""How the vendors are: a check per vendor beside the nights, and the command a person types."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

import connectors
from connectors.doctor import Diagnosis, Finding
from connectors.settings import REPOSITORY
from orchestration import environment, health, instance, nightly, publish
from orchestration.progress import Progress
from tests.orchestration.conftest import SHOP, Fakes

NIGHT = date(2026, 1, 20)
ENDED = Finding("expired token", "it ended", "renew it.")
ENDING = Finding("expiring token", "it ends", "renew it.", is_broken=False)

pytestmark = pytest.mark.filterwarnings("ignore:AssetExecutionContext.op is deprecated")


def run(small: dg.Definitions) -> tuple[bool, Progress]:
    progress = Progress(Console(file=io.StringIO(), width=200))
    with instance.opened() as opened:
        return nightly.execute(small, opened, NIGHT, progress), progress


def test_a_vendor_that_is_ill_warns_by_itself_and_stops_nobody(
    small: dg.Definitions, fakes: Fakes, data: Path
) -> None:
    fakes.ill = {"shop"}
    finished, progress = run(small)
    assert finished
    assert publish.current(environment.published_folder()) is not None
    (check,) = [check for check in progress.checks if check.asset_key == health.VENDORS]
    assert (check.check_name, check.passed) == ("shop", False)
    assert check.severity == dg.AssetCheckSeverity.WARN
    assert check.description == "expired token: it ended yesterday. Remedy: renew it."


def test_one_vendors_illness_is_not_anothers() -> None:
    def examine(vendor: object) -> Diagnosis:
        name = vendor.name  # type: ignore[attr-defined]
        return Diagnosis(name, (ENDED,) if name == "shop" else ())

    others = [SHOP, connectors.vendors()["files"]]
    asset = health.vendors_asset(others, examine)
    result = dg.materialize([asset])
    passed = {check.check_name: check.passed for check in result.get_asset_check_evaluations()}
    assert passed == {"shop": False, "files": True}


def test_vendors_are_asked_once_a_night_and_not_when_only_building(small: dg.Definitions) -> None:
    step = health.VENDORS.to_python_identifier()
    asking = {
        name
        for name in ("nightly", "build", "till")
        if step in {node.name for node in small.resolve_job_def(name).nodes}
    }
    assert asking == {"nightly"}


@pytest.mark.parametrize(
    ("told", "status", "said"),
    [
        ([Diagnosis("shop", facts=("answers in 0.1 s",))], 0, "✓ shop  answers in 0.1 s"),
        ([Diagnosis("shop", (ENDING,))], 0, "! shop  expiring token: it ends. Remedy: renew it."),
        ([Diagnosis("shop", (ENDED,)), Diagnosis("ads")], 1, "Nothing comes from shop."),
        ([Diagnosis("shop"), Diagnosis("ads", is_left_out=True)], 0, "- ads   not configured"),
        ([Diagnosis("shop", is_left_out=True)], 1, "No vendor is configured"),
    ],
)
def test_a_person_gets_a_line_per_vendor_and_a_status(
    told: list[Diagnosis], status: int, said: str
) -> None:
    out = io.StringIO()
    assert health._tell(Console(file=out, width=200), told) == status
    assert said in out.getvalue()


@pytest.fixture(scope="module")
def doctor_of_the_sandbox(
    tmp_path_factory: pytest.TempPathFactory,
) -> subprocess.CompletedProcess[str]:
    folder = tmp_path_factory.mktemp("data")
    return command(
        {
            "THROUGHLINE_DATA": str(folder),
            "THROUGHLINE_SANDBOX_PEOPLE": "40",
            "THROUGHLINE_SANDBOX_DAYS": "3",
        }
    )


def command(settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SOURCES__", "THROUGHLINE_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "orchestration", "doctor"],
        cwd=REPOSITORY,
        env=kept | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_in_the_sandbox_every_vendor_answers(
    doctor_of_the_sandbox: subprocess.CompletedProcess[str],
) -> None:
    assert doctor_of_the_sandbox.returncode == 0, doctor_of_the_sandbox.stdout
    lines = doctor_of_the_sandbox.stdout.splitlines()
    well = {line.split()[1] for line in lines if line.startswith(("✓", "!"))}
    assert well == set(connectors.vendors())


def test_in_production_the_settings_of_each_vendor_are_judged(tmp_path: Path) -> None:
    done = command(
        {
            "THROUGHLINE_DATA": str(tmp_path),
            "THROUGHLINE_PROFILE": "production",
            "SOURCES__META_ADS__ACCESS_TOKEN": "a-secret-token",
            "SOURCES__SNOWPLOW__URL": str(tmp_path),
            "SOURCES__SQUARE__ACCESS_TOKEN": "another-secret-token",
            "SOURCES__SQUARE__BASE_URL": "http://127.0.0.1:9",
        }
    )
    assert done.returncode == 1
    assert "✗ meta_ads" in done.stdout
    assert "missing key: SOURCES__META_ADS__ACCOUNT_ID is not set" in done.stdout
    assert "unreachable: 127.0.0.1:9" in done.stdout
    assert "- klaviyo" in done.stdout
    assert "✓ snowplow" in done.stdout
    assert "secret-token" not in done.stdout + done.stderr
