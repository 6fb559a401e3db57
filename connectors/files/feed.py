"""A feed's declaration: what `feed.yml` may say, and what is wrong with one that cannot be used.

Here belongs the reading of declarations. Files and their shape belong in shape.py, the folder in
drop.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

import msgspec
import yaml

from connectors.files.domains import DOMAINS, Domain

DECLARATION = "feed.yml"
DELIMITERS = (",", ";", "\t", "|")
Type = Literal["text", "timestamp", "date", "decimal", "integer", "boolean"]
Dates = Literal["iso", "day_first", "month_first", "compact", "unix_seconds", "unix_milliseconds"]
Encoding = Literal["utf-8", "latin-1", "cp1252", "utf-16"]


class FeedError(Exception):
    """A declaration that cannot be used: what is wrong, and what to do."""


class Column(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One column of the file that becomes a house column.

    Attributes:
        name: as the file's header spells it.
        to: the domain's column.
        type: what the file holds; the domain's own type where it is left out. A text column may
            be declared an integer: then 17850.0 is read as 17850 and anything else is refused.
        required: a row without it goes to quarantine.
    """

    name: str
    to: str
    type: Type | None = None
    required: bool = False


class Returns(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How the file marks a returned or cancelled line."""

    column: str
    starts_with: str


class Declaration(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`feed.yml` as it stands; connectors/files/README.md explains each key."""

    domain: str
    format: Literal["csv", "jsonl", "parquet"]
    columns: list[str | Column]
    delimiter: str = ","
    quote: Literal["double", "none"] = "double"
    header: bool = True
    encoding: Encoding = "utf-8"
    files: str | None = None
    time_zone: str = "UTC"
    dates: Dates = "iso"
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    nulls: tuple[str, ...] = ("",)
    values: dict[str, str] = {}
    key: tuple[str, ...] = ()
    returns: Returns | None = None
    accept_copies: bool = False


# Not for its JSON: streams read declarations side by side, and a type that msgspec meets for the
# first time in two threads at once crashes the process (0.22).
msgspec.json.Decoder(Declaration)


@dataclass(frozen=True)
class Feed:
    """One folder of the drop area with a declaration that can be used."""

    name: str
    declaration: Declaration

    @property
    def names(self) -> list[str]:
        """The file's columns, in order."""
        return [c if isinstance(c, str) else c.name for c in self.declaration.columns]

    @property
    def has_header_line(self) -> bool:
        """Whether a file's first record names the columns."""
        return self.declaration.format == "csv" and self.declaration.header

    @property
    def mapped(self) -> list[Column]:
        """The columns that become house columns."""
        return [column for column in self.declaration.columns if isinstance(column, Column)]

    @property
    def domain(self) -> Domain:
        """What the feed maps to."""
        return DOMAINS[self.declaration.domain]

    def reading(self) -> dict[str, Any]:
        """How the base model reads a page of this feed: landed with each page.

        So a page can be typed again from the landing alone, as it was declared when it came.
        """
        said = self.declaration
        place = {name: number for number, name in enumerate(self.names, 1)}
        required = {column.to for column in self.mapped if column.required}
        reading = {
            "form": {"csv": "csv", "jsonl": "objects", "parquet": "arrays"}[said.format],
            "delimiter": said.delimiter,
            "is_quoted": said.quote == "double",
            "names": self.names,
            "place": {column.to: place[column.name] for column in self.mapped},
            "value": {"customer_issuer": self.name, **said.values},
            "required": sorted(required | set(self.domain.required)),
            "one_of": [list(group) for group in self.domain.one_of],
            "integers": [
                column.to
                for column in self.mapped
                if column.type == "integer" and self.domain.columns[column.to] == "text"
            ],
            "time_zone": said.time_zone,
            "dates": said.dates,
            "decimal": said.decimal,
            "thousands": said.thousands,
            "nulls": list(said.nulls),
            "key": [place[name] for name in said.key],
            "return_place": place[said.returns.column] if said.returns else None,
            "return_prefix": said.returns.starts_with if said.returns else None,
        }
        return reading | {"id": hashlib.md5(msgspec.json.encode(reading)).hexdigest()}


def read_declaration(name: str, text: str) -> Feed:
    """The feed that a declaration describes.

    Args:
        name: the feed's folder.
        text: the content of its `feed.yml`.

    Raises:
        FeedError: it cannot be used; the message says why and what to do.
    """
    try:
        said = msgspec.convert(yaml.safe_load(text), Declaration)
    except yaml.YAMLError as error:
        raise FeedError(f"it is not YAML: {' '.join(str(error).split())}") from error
    except msgspec.ValidationError as error:
        raise FeedError(f"{error}; see connectors/files/README.md for what it may say") from error
    if said.domain not in DOMAINS:
        raise FeedError(f"domain {said.domain!r} is unknown; it can be {', '.join(DOMAINS)}")
    feed = Feed(name, said)
    if problem := _problem_of_form(feed) or _problem_of_mapping(feed):
        raise FeedError(problem)
    return feed


def declared_domain(text: str) -> str | None:
    """The domain that a declaration names, though the rest of it may be broken."""
    try:
        return str(yaml.safe_load(text)["domain"])
    except (yaml.YAMLError, TypeError, KeyError):
        return None


def _problem_of_form(feed: Feed) -> str | None:
    said = feed.declaration
    known = set(feed.names)
    if said.delimiter not in DELIMITERS:
        return f'delimiter {said.delimiter!r} is not supported; use one of , ; | or "\\t"'
    if said.thousands == said.decimal:
        return f"decimal and thousands are both {said.decimal!r}"
    if len(known) < len(feed.names):
        return f"columns name {_twice(feed.names)} twice"
    returns = [said.returns.column] if said.returns else []
    for word, names in (("key", said.key), ("returns", returns)):
        if unknown := [name for name in names if name not in known]:
            return f"{word} names {', '.join(unknown)}, which columns does not list"
    try:
        ZoneInfo(said.time_zone)
    except (ValueError, OSError, KeyError):
        return f"time_zone {said.time_zone!r} is unknown; write it like Europe/London"
    return None


def _problem_of_mapping(feed: Feed) -> str | None:
    domain, values = feed.domain, feed.declaration.values
    targets = [column.to for column in feed.mapped]
    given = {*targets, *values}
    if unknown := sorted(given - set(domain.columns)):
        return (
            f"{', '.join(unknown)}: no such column in domain {domain.name};"
            f" it has {', '.join(domain.columns)}"
        )
    if len(set(targets)) < len(targets) or set(targets) & set(values):
        return f"{_twice([*targets, *values])} is given twice"
    for column in feed.mapped:
        kind = domain.columns[column.to]
        allowed = ("text", "integer") if kind == "text" else (kind,)
        if column.type and column.type not in allowed:
            return f"{column.name} becomes {column.to}, so its type is {' or '.join(allowed)}"
    if missing := [name for name in domain.required if name not in given]:
        return f"domain {domain.name} needs {', '.join(missing)}: map a column to it or set values"
    for group in domain.one_of:
        if not given & set(group):
            return f"domain {domain.name} needs {' or '.join(group)}"
    return None


def _twice(names: list[str]) -> str:
    return ", ".join(sorted({name for name in names if names.count(name) > 1}))


DATE_STYLES: tuple[str, ...] = get_args(Dates)
