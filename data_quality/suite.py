"""What a suite is made of, and finding the suites there are.

A vendor's suites stand in `suites/<vendor>.py` as a tuple SUITES, found by the module's name. Here
belong the words those modules are written in; how they are run belongs in expectations.py.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from data_quality import suites as suite_modules
from data_quality.thresholds import DEFAULTS, Thresholds

Severity = Literal["critical", "warning"]
WINDOW = "window"


@dataclass(frozen=True)
class Rule:
    """One thing that each new row must keep.

    Attributes:
        check: the class of fault, as verdicts name it.
        columns: columns of base it reads.
        expectation: class name in great_expectations.expectations.
        arguments: its arguments; `WINDOW` stands for the bounds of the load's window.
        says: what is wrong with rows that break it, to follow "3 of 40 rows have ".
        slack_days: how far beyond the window a time may lie.
    """

    check: str
    columns: tuple[str, ...]
    expectation: str
    arguments: Mapping[str, Any]
    says: str
    severity: Severity = "critical"
    slack_days: tuple[float, float] = (0, 0)


def filled(*columns: str) -> tuple[Rule, ...]:
    """Every row has a value in these columns."""
    return tuple(
        Rule("nulls", (column,), "ExpectColumnValuesToNotBeNull", {}, f"no {column}")
        for column in columns
    )


def not_negative(*columns: str) -> tuple[Rule, ...]:
    """These counts or amounts are never below 0."""
    return tuple(
        Rule(
            "ranges",
            (column,),
            "ExpectColumnValuesToBeBetween",
            {"min_value": 0},
            f"{column} below 0",
        )
        for column in columns
    )


def same(*columns: str) -> dict[str, str]:
    """Metrics that are columns of base as they stand."""
    return {column: column for column in columns}


def listed(column: str, name_field: str, name: str, value_field: str) -> str:
    """SQL of the value of the element with that name in a column that is a list."""
    return f"list_filter({column}, lambda item: item.{name_field} = '{name}')[1].{value_field}"


def sane_amounts(*columns: str, limit: float = DEFAULTS.amount_limit) -> tuple[Rule, ...]:
    """No single row holds an amount that only a wrong unit explains."""
    return tuple(
        Rule(
            "ranges",
            (column,),
            "ExpectColumnValuesToBeBetween",
            {"min_value": -limit, "max_value": limit},
            f"{column} beyond {limit:,.0f}, which looks like a wrong unit",
        )
        for column in columns
    )


def inside_window(column: str, before: float = 0, after: float = 0) -> tuple[Rule, ...]:
    """A time or day lies in the load's window, give or take these days.

    The window's end counts as the moment of the pull where that is later: vendors that filter by
    "changed since" answer with what changed up to now.
    """
    return (
        Rule(
            "ranges",
            (column,),
            "ExpectColumnValuesToBeBetween",
            {"min_value": WINDOW, "max_value": WINDOW, "mostly": 1 - DEFAULTS.late_share},
            f"{column} outside the window",
            slack_days=(before, after),
        ),
    )


def not_above(smaller: str, larger: str) -> tuple[Rule, ...]:
    """One count cannot be larger than another; few vendors' rounding breaks it, so it warns."""
    return (
        Rule(
            "ranges",
            (smaller, larger),
            "ExpectColumnPairValuesAToBeGreaterThanB",
            {"or_equal": True, "ignore_row_if": "either_value_is_missing", "mostly": 0.95},
            f"{smaller} above {larger}",
            severity="warning",
        ),
    )


def one_of(column: str, *values: str) -> tuple[Rule, ...]:
    """A column holds known words; a new one is no fault, but someone must map it."""
    return (
        Rule(
            "ranges",
            (column,),
            "ExpectColumnValuesToBeInSet",
            {"value_set": list(values)},
            f"a {column} that is not known yet",
            severity="warning",
        ),
    )


@dataclass(frozen=True)
class Pages:
    """Where a stream's rows stand in its pages, read again independently of base.

    Attributes:
        rows: the key that holds the list of rows, dotted where it lies deeper; None where a page
            is one row.
        key: dotted paths of what identifies a row; for `tsv`, column numbers from 1.
        day: dotted path (or column number) of the time by which the window is asked for.
        time: how that time is written: ISO 8601, RFC 2822, milliseconds since 1970 or `20260201`.
        rows_required: False where the vendor leaves the list out of an empty page.
        form: how a page is written; rows of an opaque one are not counted.
        amounts: measure → dotted path, for reconciliation.
        columns: where a row is lists of values, the page's list of their names → the row's list of
            values, empty where the row is that list itself; paths are then these names. A path
            `request:<pattern>` is the pattern's first group in what the page was asked for by.
    """

    rows: str | None = "data"
    key: tuple[str, ...] = ("id",)
    day: str | None = None
    rows_required: bool = True
    time: Literal["iso", "rfc2822", "epoch_ms", "basic_date"] = "iso"
    form: Literal["json", "tsv", "opaque"] = "json"
    amounts: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StreamSuite:
    """How one stream's loads are judged.

    Attributes:
        stream: the stream.
        pages: how its pages are counted.
        key: the columns of base that identify a row.
        rules: what each new row must keep.
        day: column of base by which a row belongs to a day.
        metrics: numbers of which one may not fall silent while its siblings move, each with the
            SQL over base that yields it; rules may name them like columns.
        volume: `daily`, the window's newest whole day against earlier days; `snapshot`, the whole
            load against the one before; `rolling`, the whole load against recent ones; `any`, none.
        is_day_final: whether a row stays in its day, so that a day pulled again cannot shrink.
        thresholds: the stream's own, where the defaults do not fit.
    """

    stream: str
    pages: Pages
    key: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    day: str | None = None
    metrics: Mapping[str, str] = field(default_factory=dict)
    volume: Literal["daily", "snapshot", "rolling", "any"] = "daily"
    is_day_final: bool = False
    thresholds: Thresholds = DEFAULTS

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of base that the row rules read."""
        return tuple(dict.fromkeys(column for rule in self.rules for column in rule.columns))


@cache
def suites() -> dict[str, dict[str, StreamSuite]]:
    """Every suite there is: vendor → stream → suite."""
    found: dict[str, dict[str, StreamSuite]] = {}
    for module in pkgutil.iter_modules(suite_modules.__path__):
        loaded = importlib.import_module(f"{suite_modules.__name__}.{module.name}")
        found[module.name] = {suite.stream: suite for suite in loaded.SUITES}
    return dict(sorted(found.items()))
