"""How right a matching of records is: held against who they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Rightness:
    """How right persons are: of pairs, and of persons as a whole."""

    precision: float
    recall: float
    cluster_precision: float
    cluster_recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)

    @property
    def cluster_f1(self) -> float:
        return (
            2
            * self.cluster_precision
            * self.cluster_recall
            / (self.cluster_precision + self.cluster_recall)
        )

    def __str__(self) -> str:
        return (
            f"pairs: precision {self.precision:.5f}, recall {self.recall:.5f}, F1 {self.f1:.5f};"
            f" whole persons: precision {self.cluster_precision:.4f},"
            f" recall {self.cluster_recall:.4f}, F1 {self.cluster_f1:.4f}"
        )


def rightness(con: duckdb.DuckDBPyConnection, truth: Mapping[str, str]) -> Rightness:
    """Hold probable persons against the truth.

    Args:
        con: a build file that was matched.
        truth: record → person.
    """
    found = persons(con)
    ours, theirs = _members(found), _members(truth)
    right = sum(
        count * (count - 1) // 2
        for members in ours.values()
        for count in Counter(truth[member] for member in members).values()
    )
    same = len(set(ours.values()) & set(theirs.values()))
    return Rightness(
        right / max(1, _pairs(ours)),
        right / max(1, _pairs(theirs)),
        same / len(ours),
        same / len(theirs),
    )


def persons(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Record → probable person."""
    rows = con.execute(
        "select identifier_id, coalesce(probable_customer_id, customer_id)"
        " from identity.customer_identifiers"
        " left join identity.probable_persons using (customer_id)"
    )
    return dict(rows.fetchall())


def _members(persons: Mapping[str, str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for record, person in persons.items():
        found.setdefault(person, set()).add(record)
    return {person: frozenset(members) for person, members in found.items()}


def _pairs(members: Mapping[str, frozenset[str]]) -> int:
    return sum(len(each) * (len(each) - 1) // 2 for each in members.values())
