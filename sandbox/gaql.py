"""The part of the Google Ads Query Language that reading reports needs.

Belongs here: from text to a checked `Query`. Does not belong here: which fields exist and what
they hold (google_ads.py).

The grammar is Google's: SELECT, FROM, WHERE with conditions joined by AND, ORDER BY, LIMIT. The
operators LIKE, CONTAINS, REGEXP_MATCH and the clause PARAMETERS are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'[^'\n]*'|\"[^\"\n]*\")|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_][\w.]*)|(?P<sign><=|>=|!=|=|<|>|,|\(|\)))"
)
_COMPARISONS = {"=", "!=", "<", "<=", ">", ">="}
_DURING = {"TODAY": (0, 0), "YESTERDAY": (1, 1), "LAST_7_DAYS": (7, 1), "LAST_30_DAYS": (30, 1)}


class GaqlError(ValueError):
    """A query Google would refuse.

    Attributes:
        code: Name of the QueryError.
        message: What is wrong, in a sentence.
    """

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Condition:
    """One condition of the WHERE clause; `values` holds one value unless IN or BETWEEN."""

    field: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Query:
    """A parsed query; `order` pairs a field with whether it descends."""

    fields: tuple[str, ...]
    resource: str
    conditions: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...]
    limit: int | None


def parse(text: str) -> Query:
    """Parse a query.

    Raises:
        GaqlError: the text is no query of the supported grammar.
    """
    tokens = _Tokens(text)
    tokens.keyword("SELECT", "EXPECTED_SELECT")
    fields = tokens.names()
    tokens.keyword("FROM", "EXPECTED_FROM")
    resource = tokens.name()
    conditions: list[Condition] = []
    if tokens.skip("WHERE"):
        conditions.append(_condition(tokens))
        while tokens.skip("AND"):
            conditions.append(_condition(tokens))
    order: list[tuple[str, bool]] = []
    if tokens.skip("ORDER"):
        tokens.keyword("BY", "EXPECTED_BY")
        order.append(_ordering(tokens))
        while tokens.skip(","):
            order.append(_ordering(tokens))
    limit = _limit(tokens) if tokens.skip("LIMIT") else None
    if tokens.peek is not None:
        raise GaqlError("UNEXPECTED_INPUT", f"Error in query: unexpected input {tokens.peek}.")
    return Query(fields, resource, tuple(conditions), tuple(order), limit)


class _Tokens:
    """The words of a query, taken from the front."""

    def __init__(self, text: str):
        self._left: list[str] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                symbol = text[at:].strip()[0]
                code = "STRING_NOT_TERMINATED" if symbol in "'\"" else "BAD_SYMBOL"
                raise GaqlError(code, f"Error in query: unexpected input {symbol}.")
            self._left.append(found.group().strip())
            at = found.end()

    @property
    def peek(self) -> str | None:
        return self._left[0] if self._left else None

    def take(self) -> str:
        if not self._left:
            raise GaqlError("UNEXPECTED_END_OF_QUERY", "Error in query: unexpected end of query.")
        return self._left.pop(0)

    def skip(self, word: str) -> bool:
        if self._left and self._left[0].upper() == word:
            self._left.pop(0)
            return True
        return False

    def keyword(self, word: str, code: str) -> None:
        if not self.skip(word):
            raise GaqlError(code, f"Error in query: expected {word} and got {self.peek}.")

    def name(self) -> str:
        word = self.take()
        if not re.fullmatch(r"[a-z_][a-z0-9_.]*", word):
            raise GaqlError("BAD_FIELD_NAME", f"Error in query: unexpected input {word}.")
        return word

    def names(self) -> tuple[str, ...]:
        names = [self.name()]
        while self.skip(","):
            names.append(self.name())
        return tuple(names)

    def value(self) -> str:
        word = self.take()
        if word[0] in "'\"":
            return word[1:-1]
        if re.fullmatch(r"-?\d+(\.\d+)?|[A-Z][A-Z0-9_]*", word):
            return word
        raise GaqlError("BAD_VALUE", f"Error in query: unexpected input {word}.")


def _condition(tokens: _Tokens) -> Condition:
    field = tokens.name()
    operator = tokens.take().upper()
    if operator in _COMPARISONS:
        return Condition(field, operator, (tokens.value(),))
    if operator == "BETWEEN":
        first = tokens.value()
        tokens.keyword("AND", "EXPECTED_AND")
        return Condition(field, operator, (first, tokens.value()))
    if operator == "DURING":
        return Condition(field, operator, (tokens.value(),))
    if operator == "NOT":
        tokens.keyword("IN", "BAD_OPERATOR")
        return Condition(field, "NOT IN", _list(tokens))
    if operator == "IN":
        return Condition(field, operator, _list(tokens))
    raise GaqlError("BAD_OPERATOR", f"Error in query: unexpected operator {operator}.")


def _list(tokens: _Tokens) -> tuple[str, ...]:
    tokens.keyword("(", "EXPECTED_LIST")
    values = [tokens.value()]
    while tokens.skip(","):
        values.append(tokens.value())
    tokens.keyword(")", "EXPECTED_LIST")
    return tuple(values)


def _ordering(tokens: _Tokens) -> tuple[str, bool]:
    field = tokens.name()
    if tokens.skip("DESC"):
        return field, True
    tokens.skip("ASC")
    return field, False


def _limit(tokens: _Tokens) -> int:
    word = tokens.take()
    if not word.isdigit():
        raise GaqlError("BAD_LIMIT_VALUE", f"Error in query: bad limit {word}.")
    if int(word) == 0:
        raise GaqlError("LIMIT_VALUE_TOO_LOW", "Limit must be greater than 0.")
    return int(word)


def date_range(query: Query, now: datetime) -> tuple[date, date] | None:
    """Return the first and last day a query's conditions on segments.date leave.

    Args:
        query: The query.
        now: The simulated now, for DURING.

    Returns:
        Both days, inclusive, or None where the query says nothing of the date.

    Raises:
        GaqlError: a date is malformed, or the range has no begin or no end.
    """
    first, last = date.min, date.max
    conditions = [each for each in query.conditions if each.field == "segments.date"]
    for condition in conditions:
        low, high = _bounds(condition, now.date())
        first, last = max(first, low), min(last, high)
    if not conditions:
        return None
    if first == date.min or last == date.max:
        raise GaqlError(
            "EXPECTED_FILTERS_ON_DATE_RANGE",
            "The 'WHERE' clause must contain a finite date range for segments.date.",
        )
    return first, last


def _bounds(condition: Condition, today: date) -> tuple[date, date]:
    operator = condition.operator
    if operator == "DURING":
        if condition.values[0] not in _DURING:
            raise GaqlError(
                "INVALID_VALUE_WITH_DURING_OPERATOR",
                f"Invalid date range constant {condition.values[0]}.",
            )
        since, until = _DURING[condition.values[0]]
        return today - timedelta(days=since), today - timedelta(days=until)
    if operator in {"!=", "IN", "NOT IN"}:
        raise GaqlError("BAD_OPERATOR", f"{operator} does not define a range of segments.date.")
    days = [_day(value) for value in condition.values]
    one = timedelta(days=1)
    return {
        "BETWEEN": (days[0], days[-1]),
        "=": (days[0], days[0]),
        ">=": (days[0], date.max),
        ">": (days[0] + one, date.max),
        "<=": (date.min, days[0]),
        "<": (date.min, days[0] - one),
    }[operator]


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise GaqlError("INVALID_DATE_FORMAT", f"Date '{text}' is not YYYY-MM-DD.") from None
