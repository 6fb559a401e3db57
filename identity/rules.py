"""The rules of persons that an operator edits: what is wrong with their files, by line.

These are the seeds `identity_*` and `attribute_priorities`. A file with an error is left out of the
night, so that what was loaded last stays in force. Reading the files belongs here; what a rule does
belongs to dbt's int_identity__* models, of the priorities to its dim_customer_attribute.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from connectors.settings import REPOSITORY

SEEDS = REPOSITORY / "dbt_project" / "seeds"
ANY_TYPE = "*"
# What attribute_priorities may name; a test holds them against what the models make.
ATTRIBUTES = ("address", "birth_date", "email", "first_name", "last_name", "phone")
_RECORDS = REPOSITORY / "dbt_project" / "models" / "intermediate" / "customers"
_SOURCE = re.compile(r"'(\w+)' as source\b")
Check = Callable[[str], str | None]


def _is_text(value: str) -> str | None:
    return None if value.strip() else "is empty"


def _is_anything(_: str) -> str | None:
    return None


def _is_whole_number(value: str) -> str | None:
    return None if value.isdecimal() else f"is no whole number: {value!r}"


def _is_share(value: str) -> str | None:
    try:
        return None if 0 < float(value) <= 1 else f"is not between 0 and 1: {value!r}"
    except ValueError:
        return f"is no number: {value!r}"


def _is_boolean(value: str) -> str | None:
    return None if value in ("true", "false") else f"is neither true nor false: {value!r}"


def _is_pattern(value: str) -> str | None:
    """As the engine compiles it: not every pattern of Python is one there."""
    try:
        duckdb.execute("select regexp_matches('', ?)", [value])
    except duckdb.Error as error:
        return f"is no regular expression ({str(error).splitlines()[0]}): {value!r}"
    return None


def _is_attribute(value: str) -> str | None:
    return None if value in ATTRIBUTES else f"{value!r} is none of {', '.join(ATTRIBUTES)}"


def _is_source(value: str) -> str | None:
    known = sources()
    return None if value in known else f"{value!r} is none of {', '.join(known)}"


@cache
def sources() -> tuple[str, ...]:
    """Whose records of persons there are, as the models int_customers__* name them.

    Also of vendors that are not configured: so from the models and not from the data.
    """
    texts = [path.read_text(encoding="utf-8") for path in _RECORDS.glob("int_customers__*.sql")]
    return tuple(sorted({name for text in texts for name in _SOURCE.findall(text)}))


@dataclass(frozen=True)
class File:
    """A file of rules.

    Attributes:
        columns: name → what its values must be.
        key: of these columns no two lines may have the same.
        typed: columns that name a type of identity_types.
        takes_any_type: whether `*` stands for all types.
    """

    columns: Mapping[str, Check]
    key: tuple[str, ...]
    typed: tuple[str, ...] = ()
    takes_any_type: bool = False


FILES = {
    "attribute_priorities": File(
        {"attribute": _is_attribute, "source": _is_source, "priority": _is_whole_number},
        ("attribute", "source"),
    ),
    "identity_types": File(
        {
            "identifier_type": _is_text,
            "type_priority": _is_whole_number,
            "strength": _is_share,
            "is_person_link": _is_boolean,
            "is_known": _is_boolean,
            "is_household_link": _is_boolean,
            "value_pattern": _is_pattern,
        },
        ("identifier_type",),
    ),
    "identity_limits": File(
        {"identifier_type": _is_text, "linked_type": _is_text, "max_linked": _is_whole_number},
        ("identifier_type", "linked_type"),
        ("identifier_type", "linked_type"),
    ),
    "identity_blocked_values": File(
        {"identifier_type": _is_text, "identifier_value": _is_text, "block_reason": _is_text},
        ("identifier_type", "identifier_value"),
        ("identifier_type",),
        takes_any_type=True,
    ),
    "identity_blocked_patterns": File(
        {"identifier_type": _is_text, "value_pattern": _is_pattern, "block_reason": _is_text},
        ("identifier_type", "value_pattern"),
        ("identifier_type",),
    ),
    "identity_shared_values": File(
        {"identifier_type": _is_text, "identifier_value": _is_text, "shared_by": _is_text},
        ("identifier_type", "identifier_value"),
        ("identifier_type",),
    ),
    "identity_store_phones": File(
        {"phone_number": _is_text, "country_code": _is_anything, "location_name": _is_text},
        ("phone_number",),
    ),
    "identity_household_rules": File(
        {"share_type": _is_text, "max_persons": _is_whole_number}, ("share_type",)
    ),
    "identity_settings": File(
        {"setting": _is_text, "setting_value": _is_whole_number}, ("setting",)
    ),
}


def problems(folder: Path = SEEDS) -> dict[str, list[str]]:
    """What is wrong with the files of rules.

    Args:
        folder: where they are.

    Returns:
        Seed → sentences that name file and line; seeds without an error are not in it.
    """
    types = _types(folder / "identity_types.csv")
    found = {name: _wrong(folder / f"{name}.csv", file, types) for name, file in FILES.items()}
    return {name: wrong for name, wrong in found.items() if wrong}


def _types(path: Path) -> set[str]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return {row.get("identifier_type") or "" for row in csv.DictReader(file)}
    except (OSError, UnicodeDecodeError, csv.Error):
        return set()


def _wrong(path: Path, file: File, types: set[str]) -> list[str]:
    try:
        with path.open(newline="", encoding="utf-8") as opened:
            rows = csv.reader(opened, strict=True)
            lines = [(rows.line_num, row) for row in rows if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return [f"{path.name}: cannot be read: {error}"]
    names = list(file.columns)
    if not lines or lines[0][1] != names:
        return [f"{path.name} line 1: its columns are {', '.join(names)}"]
    found: list[str] = []
    seen: dict[tuple[str, ...], int] = {}
    for line, row in lines[1:]:
        place = f"{path.name} line {line}"
        if len(row) != len(names):
            found.append(f"{place}: {len(row)} values, not {len(names)}")
            continue
        values = dict(zip(names, row, strict=True))
        found += [f"{place}: {wrong}" for wrong in _of_row(file, values, types)]
        key = tuple(values[name] for name in file.key)
        if key in seen:
            found.append(f"{place}: says again what line {seen[key]} says of {', '.join(key)}")
        seen.setdefault(key, line)
    return found


def _of_row(file: File, values: Mapping[str, str], types: set[str]) -> list[str]:
    found = [
        f"{name} {wrong}"
        for name, check in file.columns.items()
        if (wrong := check(values[name])) is not None
    ]
    allowed = types | ({ANY_TYPE} if file.takes_any_type else set())
    return found + [
        f"{name} {values[name]!r} is no type of identity_types"
        for name in file.typed
        if values[name] and values[name] not in allowed
    ]
