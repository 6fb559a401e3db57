"""What the documents say is so: paths exist, tables equal the code, settings are listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors import vendors
from connectors.doctor import EXPIRY_NEAR, SUNSET_NEAR
from connectors.overview import in_place
from identity import ALARMS
from tests.conventions.conftest import REPOSITORY

DOCUMENTS = [
    REPOSITORY / "README.md",
    REPOSITORY / "CONTRIBUTING.md",
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]
ROOM = re.compile(
    r"`((?:benchmarks|connectors|data_quality|dbt_project|docs|orchestration|sandbox|scaffold|tests)"
    r"(?:/[\w.\-]+)*/?)`"
)
# A run sets these for its own children; nobody else should.
INTERNAL = {"THROUGHLINE_BUILD_DB", "THROUGHLINE_SANDBOX_PORT"}
RUNBOOK = (REPOSITORY / "docs" / "runbook.md").read_text()
EXAMPLE = (REPOSITORY / ".env.example").read_text()
# Modules that every vendor uses and that know no vendor's settings.
SHARED = {"client", "command", "settings", "stream"}
SETTING = re.compile(r"""(?:settings(?:\[|\.get\(\s*)|\bsetting=)["'](\w+)["']""")
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)[^)]*\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.name))
def test_paths_named_in_documents_exist(document: Path) -> None:
    text = document.read_text()
    named = [REPOSITORY / path for path in ROOM.findall(text)]
    linked = [document.parent / path for path in LINK.findall(text)]
    assert [str(path) for path in named + linked if not path.exists()] == []


def test_the_readmes_table_of_connectors_is_as_the_connectors_are() -> None:
    readme = (REPOSITORY / "README.md").read_text()
    assert readme == in_place(readme), "run `make connectors`"
    listed = set(re.findall(r"^\| \[(\w+)\]\(connectors/", readme, re.M))
    assert listed == set(vendors())


def test_every_make_target_named_in_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.M))
    named = {
        target
        for document in DOCUMENTS
        for target in re.findall(r"`?\bmake ([a-z-]+)", document.read_text())
        if re.search(
            rf"`(?:[A-Z_]+=\S+ )*make {target}|^\s*(?:\$ )?make {target}",
            document.read_text(),
            re.M,
        )
    }
    assert named - targets == set()


def test_every_setting_is_listed_in_the_example() -> None:
    read = set()
    for room in (
        "connectors",
        "data_quality",
        "identity",
        "orchestration",
        "sandbox",
        "dbt_project",
    ):
        for path in (REPOSITORY / room).rglob("*"):
            if path.suffix in {".py", ".yml", ".sql"} and "target" not in path.parts:
                read |= set(re.findall(r"\bTHROUGHLINE_[A-Z_]+[A-Z]\b", path.read_text()))
    assert {name for name in read - INTERNAL if name not in EXAMPLE} == set()


def settings_read_by(vendor: str) -> set[str]:
    """The settings that a vendor's package reads, by their own names.

    Read are `settings["name"]`, `settings.get("name")` and `setting="name"` of a client; and what
    the vendor declares. A module beside the packages that some of them share (such as a platform's
    common API) counts for those that import it.
    """
    folder = REPOSITORY / "connectors" / vendor
    text = "".join(path.read_text() for path in sorted(folder.glob("*.py")))
    for module in sorted((REPOSITORY / "connectors").glob("*.py")):
        used = rf"from connectors(\.{module.stem} import| import .*\b{module.stem}\b)"
        if module.stem not in SHARED and re.search(used, text):
            text += module.read_text()
    found = vendors()[vendor]
    return {*found.required, *found.secrets, *SETTING.findall(text)}


@pytest.mark.parametrize("vendor", list(vendors()))
def test_every_setting_of_a_vendor_is_listed_in_the_example(vendor: str) -> None:
    listed = set(re.findall(rf"^#SOURCES__{vendor.upper()}__(\w+)=", EXAMPLE, re.M))
    read = {name.upper() for name in settings_read_by(vendor) - {"base_url"}}
    assert read - listed == set(), "read and not listed"
    known = {name for name in listed if not name.startswith("LOOKBACK_DAYS__")}
    assert known - read == set(), "listed and not read"


def test_settings_are_found_however_they_are_read() -> None:
    assert settings_read_by("twilio") >= {"account_sid", "api_key_sid", "messaging_base_url"}
    assert settings_read_by("shopify") >= {"bulk_after_days", "result_hosts"}
    assert settings_read_by("meta_ads") >= {"access_token", "account_id"}


@pytest.mark.parametrize(
    "case",
    [
        "A vendor failed",
        "It has failed for days",
        "Its token has expired",
        "Its API version ends",
        "A load is held back",
        "A landed file is corrupt",
        "Rows in quarantine",
        "An alarm of identity",
        "A window has to be pulled again",
        "A run was killed",
        "The build file is locked",
        "The disk is full",
        "The published night is wrong",
        "The data folder moves",
        "The warehouse is restored from landing",
    ],
)
def test_the_runbook_has_a_section_for_each_case(case: str) -> None:
    assert re.search(rf"^##+ {case}", RUNBOOK, re.M)


def test_the_runbook_names_every_check_of_identity() -> None:
    missing = [name for name in ALARMS if f"**{name}**" not in RUNBOOK]
    assert missing == []


def test_the_runbook_warns_as_early_as_the_doctor() -> None:
    assert f"from {EXPIRY_NEAR.days} days before its end" in RUNBOOK
    assert f"from {SUNSET_NEAR.days} days before the day" in RUNBOOK
