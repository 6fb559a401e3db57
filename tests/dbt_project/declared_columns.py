"""Reads the columns that a base model declares, without dbt."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def _literal(model: Path, name: str) -> str:
    found = re.search(
        rf"set {name} = ([\[(].*?[\])](?:\.split\(\))?) -%}}", model.read_text(), re.S
    )
    assert found, f"{model.name} sets no {name}"
    return found[1]


def declared_columns(model: Path) -> list[list[Any]]:
    """The model's `columns`: lists of name, path, type and whether required."""
    columns: list[list[Any]] = ast.literal_eval(_literal(model, "columns"))
    return columns


def declared_fields(model: Path, name: str = "fields") -> list[str]:
    """The names of the tab-separated fields, in order."""
    text: str = ast.literal_eval(_literal(model, name).removesuffix(".split()"))
    return text.split()


def read_paths(model: Path) -> list[str]:
    """Every JSON path below the row that the model reads; `[0]` stands for a list's items.

    What is read from the request and not from the row is left out.
    """
    paths = _leaves(declared_columns(model))
    return [path for path in paths if not path.startswith("request:")]


def _leaves(columns: list[list[Any]], before: str = "") -> Iterator[str]:
    for column in columns:
        path = f"{before}{column[1]}"
        if column[2] == "list":
            yield from _leaves(column[3], f"{path}[0].")
        else:
            yield path.replace("?", "")
