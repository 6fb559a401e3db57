"""Declarations: the templates can be used, and a mistake is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import connectors.files
from connectors.files.domains import DOMAINS
from connectors.files.feed import FeedError, read_declaration
from tests.connectors.files.conftest import SHOP
from tests.dbt_project.declared_columns import declared_columns

TEMPLATES = sorted((Path(connectors.files.__file__).parent / "templates").glob("*.yml"))
MODELS = Path(__file__).parents[3] / "dbt_project" / "models" / "base" / "files"

MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown word": ({"delimeter": ";"}, "unknown field `delimeter`"),
    "an unknown format": ({"format": "xlsx"}, "Invalid enum value 'xlsx'"),
    "an unknown domain": ({"domain": "weather"}, "domain 'weather' is unknown; it can be orders"),
    "an unknown house column": (
        {"columns": [{"name": "no", "to": "order_no"}]},
        "order_no: no such column in domain orders; it has order_id,",
    ),
    "two columns for one": (
        {"columns": [*SHOP["columns"], {"name": "no2", "to": "order_id"}]},
        "order_id is given twice",
    ),
    "a column twice": ({"columns": [*SHOP["columns"], "note"]}, "columns name note twice"),
    "a needed column missing": ({"values": {}}, "domain orders needs currency_code"),
    "neither price nor amount": (
        {"columns": [c for c in SHOP["columns"] if c == "note" or c["name"] != "price"]},
        "domain orders needs unit_price_amount or net_amount",
    ),
    "a type that does not fit": (
        {"columns": [{"name": "no", "to": "quantity", "type": "date"}]},
        "no becomes quantity, so its type is decimal",
    ),
    "a key that is no column": ({"key": ["no", "line"]}, "key names line"),
    "returns by no column": (
        {"returns": {"column": "kind", "starts_with": "R"}},
        "returns names kind",
    ),
    "an unknown zone": ({"time_zone": "Europe/Londn"}, "time_zone 'Europe/Londn' is unknown"),
    "an unknown delimiter": ({"delimiter": "::"}, "delimiter '::' is not supported"),
    "marks that cannot be told apart": (
        {"decimal": ",", "thousands": ","},
        "decimal and thousands are both ','",
    ),
    "a value that YAML takes for a boolean": (
        {"values": {"currency_code": "EUR", "country": False}},
        "Expected `str`, got `bool`",
    ),
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.stem))
def test_every_template_can_be_used(template: Path) -> None:
    feed = read_declaration(template.stem, template.read_text())
    assert feed.domain in DOMAINS.values()


def test_there_is_a_template_for_every_domain() -> None:
    domains = {yaml.safe_load(template.read_text())["domain"] for template in TEMPLATES}
    assert domains == set(DOMAINS)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda name: name.replace(" ", "_"))
def test_a_mistake_is_named(mistake: str) -> None:
    changes, message = MISTAKES[mistake]
    with pytest.raises(FeedError) as caught:
        read_declaration("shop", yaml.safe_dump({**SHOP, **changes}))
    assert message in str(caught.value)


def test_what_is_no_yaml_is_said() -> None:
    with pytest.raises(FeedError, match="it is not YAML"):
        read_declaration("shop", "columns: [")


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_base_model_has_the_domains_columns(domain: str) -> None:
    columns = declared_columns(MODELS / f"base_files__{domain}.sql")
    assert {name: kind for name, kind in columns} == DOMAINS[domain].columns
