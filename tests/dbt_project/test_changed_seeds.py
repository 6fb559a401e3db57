"""A rule that changes is seen by itself, and what was made by it is made anew on the next night."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.dbt_project import nights, parsing
from tests.dbt_project.conftest import Warehouse
from tests.dbt_project.parsing import PROJECT


class Story:
    """One visit, and what became of its channel night after night."""

    def __init__(self, warehouse: Warehouse, project: Path) -> None:
        self.warehouse, self.project = warehouse, project

    def night(self, command: str = "build") -> None:
        seeds = ("+fct_web_session,resource_type:seed",) if command == "build" else ()
        self.warehouse.dbt(
            *(command, "--select", *seeds, *nights.stored("+fct_web_session")),
            *("--exclude", "path:models/base"),
            *(("--exclude-resource-type", "test", "unit_test") if command == "build" else ()),
        )

    def visit(self, column: str) -> str:
        ((value,),) = (
            row.values()
            for row in self.warehouse.sql(f"select {column} from marts.fct_web_session")
        )
        return str(value)

    def mark(self) -> None:
        """Leave a mark in the fact that only making it anew takes away."""
        self.warehouse.sql("update marts.fct_web_session set city = 'marked'")

    def rule(self, old: str, new: str) -> None:
        file = self.project / "seeds" / "channel_rules.csv"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        Warehouse._manifest = None


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("project") / "dbt_project"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns("target", "logs"))
    return copy


@pytest.fixture(scope="module")
def story(built: Warehouse, project: Path) -> dict[str, str]:
    """The visit's channel after each thing that happened."""
    seen = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "PROJECT", project)
        patch.setattr(Warehouse, "_manifest", None)
        visit = nights.web_event(
            "1", "V", "6 10:00", utm_source="klaviyo", utm_medium="email", page_url_path="/"
        )
        nights.arrive(built, "snowplow.enriched_events", 7, visit)
        later = nights.web_event("2", "W", "8 10:00")
        nights.arrive(built, "snowplow.enriched_events", 8, later)
        told = Story(built, project)
        told.night()
        seen["at first"] = told.visit("channel")
        told.mark()
        told.night()
        seen["without a change"] = told.visit("city")
        told.rule("utm,klaviyo,email,email\n", "utm,klaviyo,email,sms\n")
        told.night("run")
        seen["before the seed is loaded"] = told.visit("channel")
        told.night()
        seen["after a change"] = told.visit("channel")
        told.mark()
        told.night()
        seen["the night after"] = told.visit("city")
    return seen


def test_a_changed_rule_reaches_what_was_made_long_ago(story: dict[str, str]) -> None:
    assert story["at first"] == "email"
    assert story["after a change"] == "sms"


def test_what_counts_is_what_was_loaded(story: dict[str, str]) -> None:
    assert story["before the seed is loaded"] == "email"


@pytest.mark.parametrize("night", ["without a change", "the night after"])
def test_nothing_is_made_anew_where_no_rule_changed(story: dict[str, str], night: str) -> None:
    assert story[night] == "marked"
