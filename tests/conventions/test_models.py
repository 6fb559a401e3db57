"""The dbt project keeps its grammar: names, layers, descriptions, keys and contracts."""

from __future__ import annotations

import re
from typing import Any

LAYERS = ("base", "staging", "intermediate", "marts")
GRAMMAR = {
    "base": r"base_([a-z0-9_]+__[a-z0-9_]+|quarantine|schema_drift)",
    "staging": r"stg_[a-z0-9_]+__[a-z0-9_]+",
    "intermediate": r"int_[a-z0-9_]+",
    "marts": r"(dim|fct|rpt)_[a-z0-9_]+",
}
# A mart may read the layer below and its equals; nothing skips a layer upward.
MAY_READ = {
    "base": {"base"},
    "staging": {"base", "staging"},
    "intermediate": {"staging", "intermediate"},
    "marts": {"intermediate", "staging", "marts"},
}
OWN_SOURCES = {"ops", "identity"}


def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }


def layer(node: dict[str, Any]) -> str:
    return str(node["fqn"][1])


def test_every_model_lies_in_a_layer_and_is_named_after_it(manifest: dict[str, Any]) -> None:
    wrong = [
        name
        for name, node in models(manifest).items()
        if layer(node) not in LAYERS or not re.fullmatch(GRAMMAR[layer(node)], name)
    ]
    assert wrong == []


def test_every_model_is_described(manifest: dict[str, Any]) -> None:
    assert [n for n, node in models(manifest).items() if len(node["description"]) < 20] == []


def test_every_model_outside_base_has_a_key_test(manifest: dict[str, Any]) -> None:
    """Base keeps versions and quarantined rows; what arrived is judged by the gate, not by dbt."""
    tested = {
        manifest["nodes"][parent]["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and node["name"].startswith(("unique", "primary_key"))
        for parent in node["depends_on"]["nodes"]
        if parent.startswith("model.")
    }
    missing = [
        n for n, node in models(manifest).items() if layer(node) != "base" and n not in tested
    ]
    assert missing == []


def test_a_table_is_looked_through_once_for_its_key_and_its_nulls(manifest: dict[str, Any]) -> None:
    """A test costs what a small table costs; one with a condition stands by itself."""
    tests = [
        (node["attached_node"], node["test_metadata"]["name"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and node.get("test_metadata")
        and node["attached_node"]
        and not node["config"].get("where")
    ]
    whole = {table for table, test in tests if test in ("primary_key", "unique_together")}
    alone = [
        (table, test)
        for table, test in tests
        if test in ("not_null", "unique") or (test == "never_null" and table in whole)
    ]
    assert alone == [], "write primary_key or unique_together with never_null for the table"


def test_every_mart_has_an_enforced_contract(manifest: dict[str, Any]) -> None:
    loose = [
        name
        for name, node in models(manifest).items()
        if layer(node) == "marts" and not node["config"]["contract"]["enforced"]
    ]
    assert loose == []


def test_every_column_of_a_mart_is_described(manifest: dict[str, Any]) -> None:
    silent = [
        f"{name}.{column}"
        for name, node in models(manifest).items()
        if layer(node) == "marts"
        for column, facts in node["columns"].items()
        if not facts["description"]
    ]
    assert silent == []


def test_only_base_reads_what_the_vendors_sent(manifest: dict[str, Any]) -> None:
    offenders = [
        name
        for name, node in models(manifest).items()
        if layer(node) != "base"
        for parent in node["depends_on"]["nodes"]
        if parent.startswith("source.")
        and manifest["sources"][parent]["source_name"] not in OWN_SOURCES
    ]
    assert offenders == []


def test_no_layer_is_skipped(manifest: dict[str, Any]) -> None:
    offenders = [
        f"{name} reads {parent['name']}"
        for name, node in models(manifest).items()
        for key in node["depends_on"]["nodes"]
        if (parent := manifest["nodes"].get(key)) and parent["resource_type"] == "model"
        if layer(parent) not in MAY_READ[layer(node)]
    ]
    assert offenders == []


def test_every_seed_and_macro_is_documented(manifest: dict[str, Any]) -> None:
    seeds = [
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "seed" and not node["description"]
    ]
    macros = [
        macro["name"]
        for macro in manifest["macros"].values()
        if macro["package_name"] == "throughline" and not macro["description"]
    ]
    assert (seeds, macros) == ([], [])


def test_columns_follow_the_grammar(manifest: dict[str, Any]) -> None:
    """Times end in _at, days in _date, booleans begin with is_ or has_, money ends in _amount."""
    wrong = []
    for name, node in models(manifest).items():
        if layer(node) != "marts":
            continue
        for column, facts in node["columns"].items():
            kind = (facts.get("data_type") or "").lower()
            suffixed = column.endswith("_at") if kind.startswith("timestamp") else True
            dated = column.endswith(("_date", "_month", "_week")) if kind == "date" else True
            asked = column.startswith(("is_", "has_")) if kind == "boolean" else True
            if not (suffixed and dated and asked):
                wrong.append(f"{name}.{column} {kind}")
    assert wrong == []
