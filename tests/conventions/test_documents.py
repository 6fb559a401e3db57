"""What the documents say is so: paths exist, tables equal the code, settings are listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors import vendors
from connectors.overview import in_place
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
    example = (REPOSITORY / ".env.example").read_text()
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
    required = {
        f"SOURCES__{vendor.name.upper()}__{name.upper()}"
        for vendor in vendors().values()
        for name in vendor.required
    }
    assert {name for name in (read - INTERNAL) | required if name not in example} == set()
