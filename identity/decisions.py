"""What people decided: two identifiers are one person, or they are not.

One decision is one line of `identity/decisions.csv` in the data folder; the newest decision on a
pair counts. It wins over every rule. Reading and writing the file belongs here, what follows from
a decision in resolution.py.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.settings import data_folder

SPLIT, JOIN = "split", "join"
COLUMNS = ("decided_at", "decided_by", "decision", "one", "other", "reason")


class DecisionError(Exception):
    """A decision that cannot be read, by file and line, or cannot be made."""


@dataclass(frozen=True)
class Identifier:
    """A typed identifier, as people write it: `email:ada@example.com`.

    Its value is written as the models write it, so that it is found among what was seen.
    """

    type: str
    value: str

    def __str__(self) -> str:
        return f"{self.type}:{self.value}"

    @classmethod
    def read(cls, text: str) -> Identifier:
        """Read `type:value`.

        Raises:
            DecisionError: it is written otherwise.
        """
        kind, colon, value = text.strip().partition(":")
        if not (kind and colon and value):
            raise DecisionError(f"{text!r} is no identifier: write type:value, as in email:a@b.org")
        return cls(kind.strip(), _normalised(kind.strip(), value.strip()))


def _normalised(kind: str, value: str) -> str:
    """As macros/identifiers.sql does; a national number stays one, its country is not known."""
    if kind == "phone":
        return re.sub("^00", "+", re.sub("[^0-9+]", "", value)) or value
    return value.lower() if kind == "email" or kind.endswith("_sha256") else value


@dataclass(frozen=True)
class Decision:
    """One decision.

    Attributes:
        kind: `split` or `join`.
        number: its line in the file.
    """

    kind: str
    one: Identifier
    other: Identifier
    decided_at: datetime
    decided_by: str
    reason: str
    number: int = 0

    @property
    def pair(self) -> frozenset[Identifier]:
        """Whom it is about, in any order."""
        return frozenset((self.one, self.other))

    def __str__(self) -> str:
        return (
            f"{self.kind} of {self.decided_at:%Y-%m-%d} by {self.decided_by}"
            f" (line {self.number}): {self.reason}"
        )


def decisions_file() -> Path:
    """Where the decisions are kept."""
    return data_folder() / "identity" / "decisions.csv"


def read(path: Path) -> list[Decision]:
    """The decisions that count, oldest first; none where there is no file.

    Raises:
        DecisionError: the file or a line of it cannot be read; the message names it.
    """
    if not path.exists():
        return []
    try:
        # Spreadsheets put a mark before the first column when they save UTF-8.
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file)
            header = next(rows, [])
            if tuple(header) != COLUMNS:
                raise DecisionError(f"{path} line 1: its columns are {', '.join(COLUMNS)}")
            found = [_read(path, rows.line_num, row) for row in rows if row]
    except UnicodeDecodeError as error:
        raise DecisionError(f'{path} is not UTF-8: save it as "CSV UTF-8"') from error
    except (OSError, csv.Error) as error:
        raise DecisionError(f"{path} cannot be read: {error}") from error
    return _in_force(found)


def _read(path: Path, line: int, row: list[str]) -> Decision:
    try:
        decided_at, decided_by, kind, one, other, reason = row
    except ValueError:
        raise DecisionError(f"{path} line {line}: {len(row)} values, not {len(COLUMNS)}") from None
    try:
        if kind not in (SPLIT, JOIN):
            raise DecisionError(f"{kind!r} is no decision: write {SPLIT} or {JOIN}")
        return decision(kind, one, other, decided_by, reason, _moment(decided_at), line)
    except DecisionError as error:
        raise DecisionError(f"{path} line {line}: {error}") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise DecisionError(f"{text!r} is no time: write it like 2026-01-31T12:00:00Z") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def decision(
    kind: str, one: str, other: str, by: str, why: str, at: datetime | None = None, number: int = 0
) -> Decision:
    """A decision of a person.

    Args:
        kind: `split` or `join`.
        one: an identifier, `type:value`.
        other: another one.
        by: who decides.
        why: the reason, for whoever asks later.
        at: when; now by default.
        number: its line in the file.

    Raises:
        DecisionError: something is missing, or both are the same.
    """
    if not by.strip() or not why.strip():
        raise DecisionError("say who decides (BY=…) and why (WHY=…)")
    first, second = Identifier.read(one), Identifier.read(other)
    if first == second:
        raise DecisionError(f"{first} is one identifier, not two")
    moment = (at or datetime.now(UTC)).replace(microsecond=0)
    return Decision(kind, first, second, moment, by.strip(), why.strip(), number)


def _in_force(found: Iterable[Decision]) -> list[Decision]:
    newest = {decision.pair: decision for decision in found}
    return sorted(newest.values(), key=lambda decision: decision.number)


def add(path: Path, made: Decision) -> None:
    """Write a decision, whole or not at all; it counts from the next night on.

    Raises:
        DecisionError: what is there already cannot be read, or cannot be written.
    """
    read(path)
    text = path.read_text(encoding="utf-8-sig") if path.exists() else ",".join(COLUMNS) + "\n"
    line = (
        made.decided_at.isoformat().replace("+00:00", "Z"),
        made.decided_by,
        made.kind,
        f"{made.one}",
        f"{made.other}",
        made.reason,
    )
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", newline="", encoding="utf-8") as file:
            file.write(text if text.endswith("\n") else f"{text}\n")
            csv.writer(file, lineterminator="\n").writerow(line)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise DecisionError(f"{path} cannot be written: {error}") from error
    finally:
        with suppress(OSError):
            draft.unlink()
