"""Klaviyo's filter grammar: comparisons joined by commas.

Belongs here: reading a filter and asking whether a resource meets it. Does not belong here: which
fields an endpoint can be filtered by (klaviyo.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

EQUAL = ("equals",)
LISTED = ("any", "equals")
BEYOND = ("greater-than", "less-than")
RANGE = (*BEYOND, "greater-or-equal", "less-or-equal")


class BadFilterError(ValueError):
    """A filter that is none, or that the endpoint does not take."""


@dataclass(frozen=True)
class Condition:
    """One comparison of a filter: operator, field, and the values it names."""

    operator: str
    field: str
    values: tuple[str, ...]


_VALUE = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^()\[\],'"]+"""
_COMPARISON = re.compile(rf"\s*([a-z-]+)\(\s*([\w.]+)\s*,\s*({_VALUE})\s*\)\s*")


def parse_filter(text: str, allowed: Mapping[str, tuple[str, ...]]) -> list[Condition]:
    """Read a filter: comparisons joined by commas, bare or inside one `and(...)`.

    Args:
        text: The parameter's value.
        allowed: The operators each field takes.

    Raises:
        BadFilterError: it is no filter, or not one these fields take.
    """
    if text.startswith("and(") and text.endswith(")"):
        text = text[4:-1]
    conditions = []
    at = 0
    while at < len(text):
        found = _COMPARISON.match(text, at)
        if found is None:
            raise BadFilterError(f"Invalid filter at '{text[at:]}'.")
        conditions.append(_condition(allowed, *found.groups()))
        at = found.end()
        if at < len(text):
            if text[at] != "," or at + 1 == len(text):
                raise BadFilterError(f"Invalid filter at '{text[at:]}'.")
            at += 1
    return conditions


def _condition(
    allowed: Mapping[str, tuple[str, ...]], operator: str, field: str, value: str
) -> Condition:
    operators = allowed.get(field)
    if operators is None:
        raise BadFilterError(f"'{field}' is not a filterable field here.")
    if operator not in operators:
        raise BadFilterError(f"'{operator}' cannot be used with '{field}'.")
    inside = value[1:-1].split(",") if value.startswith("[") else [value]
    condition = Condition(operator, field, tuple(item.strip().strip("'\"") for item in inside))
    if operators in (RANGE, BEYOND):
        moment_of(condition)
    return condition


def moment_of(condition: Condition) -> datetime:
    """Return the moment a condition on time names; one without an offset counts as UTC."""
    text = condition.values[0]
    try:
        if condition.field == "timestamp":
            return datetime.fromtimestamp(float(text), UTC)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadFilterError(f"'{text}' is not a valid value for {condition.field}.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def fits(row: Mapping[str, Any], conditions: list[Condition]) -> bool:
    """Say whether a JSON:API resource meets every condition."""
    return all(_holds(_field(row, c.field), c) for c in conditions)


def _field(row: Mapping[str, Any], name: str) -> str:
    if name == "id":
        return str(row["id"])
    if name == "profile_id":
        return str(row["relationships"]["profile"]["data"]["id"])
    value: Any = row["attributes"]
    for part in name.split("."):
        value = (value or {}).get(part)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _holds(value: str, condition: Condition) -> bool:
    if condition.operator in LISTED:
        return value in condition.values
    if condition.operator == "contains":
        return condition.values[0].lower() in value.lower()
    compare: dict[str, Callable[[datetime, datetime], bool]] = {
        "greater-than": datetime.__gt__,
        "greater-or-equal": datetime.__ge__,
        "less-than": datetime.__lt__,
        "less-or-equal": datetime.__le__,
    }
    return compare[condition.operator](datetime.fromisoformat(value), moment_of(condition))
