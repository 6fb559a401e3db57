"""Why two identifiers are one person, or what keeps them apart.

Reading only, from any file that holds the identity tables: the build file or a published one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import duckdb
import numpy as np

from identity import probable_persons
from identity.decisions import DecisionError, Identifier
from identity.graph import Graph

# Every link that was followed, and every one that was not, under the names people look for.
VIEWS = (
    """
    create or replace view identity.identity_edges as
    select
        edges.source,
        edges.left_identifier_id,
        edges.left_type,
        edges.left_value,
        edges.right_identifier_id,
        edges.right_type,
        edges.right_value,
        edges.first_seen_at,
        edges.last_seen_at,
        edges.strength,
        edges.is_person_link,
        bridge.customer_id
    from intermediate.int_identity__edges as edges
    left join identity.customer_identifiers as bridge
        on edges.left_identifier_id = bridge.identifier_id
    where
        (
            least(edges.left_identifier_id, edges.right_identifier_id),
            greatest(edges.left_identifier_id, edges.right_identifier_id)
        ) not in (select (left_identifier_id, right_identifier_id) from identity.graph_refusals)
    union all
    select
        'decision by ' || decisions.decided_by,
        one.identifier_id,
        one.identifier_type,
        one.identifier_value,
        other.identifier_id,
        other.identifier_type,
        other.identifier_value,
        cast(decisions.decided_at as timestamp),
        cast(decisions.decided_at as timestamp),
        1.0,
        true,
        one.customer_id
    from identity.decisions as decisions
    inner join identity.customer_identifiers as one
        on
            decisions.one_type = one.identifier_type
            and decisions.one_value = one.identifier_value
    inner join identity.customer_identifiers as other
        on
            decisions.other_type = other.identifier_type
            and decisions.other_value = other.identifier_value
    left join identity.graph_refusals
        on
            least(one.identifier_id, other.identifier_id)
            = least(graph_refusals.left_identifier_id, graph_refusals.right_identifier_id)
            and greatest(one.identifier_id, other.identifier_id)
            = greatest(graph_refusals.left_identifier_id, graph_refusals.right_identifier_id)
    where
        decisions.decision = 'join'
        and graph_refusals.refusal_reason is null
    """,
    """
    create or replace view identity.identity_refusals as
    select
        source,
        left_type,
        left_value,
        right_type,
        right_value,
        refusal_reason,
        first_seen_at,
        last_seen_at
    from intermediate.int_identity__refusals
    union all
    select
        edges.source,
        edges.left_type,
        edges.left_value,
        edges.right_type,
        edges.right_value,
        graph_refusals.refusal_reason,
        edges.first_seen_at,
        edges.last_seen_at
    from identity.graph_refusals as graph_refusals
    inner join intermediate.int_identity__edges as edges
        on
            least(edges.left_identifier_id, edges.right_identifier_id)
            = least(graph_refusals.left_identifier_id, graph_refusals.right_identifier_id)
            and greatest(edges.left_identifier_id, edges.right_identifier_id)
            = greatest(graph_refusals.left_identifier_id, graph_refusals.right_identifier_id)
    """,
)
_FIND = """
    select identifier_id, identifier_type, identifier_value, customer_id
    from identity.customer_identifiers
    where
        identifier_id = $text
        or (identifier_type = $type and identifier_value = $value)
        or identifier_id = (
            select anchor_identifier_id from identity.customer_keys where customer_id = $text
        )
"""
_REFUSED = """
    select source, left_type, left_value, right_type, right_value, refusal_reason
    from identity.identity_refusals
    where
        (left_type || ':' || left_value in (from names) and right_value is null)
        or (left_type || ':' || left_value in (from names))
        or (right_type || ':' || right_value in (from names))
    order by all
"""
MOST_TOLD = 10


@dataclass(frozen=True)
class Seen:
    """An identifier as the bridge has it."""

    identifier_id: str
    identifier: Identifier
    customer_id: str


def create_views(con: duckdb.DuckDBPyConnection) -> None:
    """Show links and refusals under their names, in a file that has been resolved."""
    for statement in VIEWS:
        con.execute(statement)


def explain(con: duckdb.DuckDBPyConnection, one: str, other: str) -> list[str]:
    """Why the two are one person, link by link, or what keeps them apart.

    Args:
        con: a file with the identity tables.
        one: `type:value`, an identifier_id or a customer_id.
        other: another.

    Returns:
        Lines to read.

    Raises:
        DecisionError: one of them is not known.
    """
    first, second = _find(con, one), _find(con, other)
    if first.customer_id == second.customer_id:
        return [
            f"{first.identifier} and {second.identifier} are one person, {first.customer_id}:",
            *_path(con, first, second),
        ]
    return [
        f"{first.identifier} is {first.customer_id}, {second.identifier} is {second.customer_id}.",
        *_apart(con, first, second),
        *probable_persons.told(con, first.customer_id, second.customer_id),
    ]


def _find(con: duckdb.DuckDBPyConnection, text: str) -> Seen:
    kind, _, value = text.partition(":")
    row = con.execute(_FIND, {"text": text, "type": kind, "value": value}).fetchone()
    if row is None:
        refused = con.execute(
            "select refusal_reason from identity.identity_refusals"
            " where (left_type = $type and left_value = $value)"
            " or (right_type = $type and right_value = $value) limit 1",
            {"type": kind, "value": value},
        ).fetchone()
        why = f"it is no identifier: {refused[0]}" if refused else "it has not been seen"
        raise DecisionError(f"{text}: {why}")
    return Seen(row[0], Identifier(row[1], row[2]), row[3])


def _path(con: duckdb.DuckDBPyConnection, first: Seen, second: Seen) -> list[str]:
    edges = con.execute(
        "select left_identifier_id, right_identifier_id, left_type || ':' || left_value,"
        " right_type || ':' || right_value, source, first_seen_at, last_seen_at"
        " from identity.identity_edges where customer_id = ? and is_person_link order by all",
        [first.customer_id],
    ).fetchall()
    names = {edge[0]: edge[2] for edge in edges} | {edge[1]: edge[3] for edge in edges}
    names |= {seen.identifier_id: f"{seen.identifier}" for seen in (first, second)}
    numbers = {name: number for number, name in enumerate(sorted(names))}
    ends = np.array([[numbers[edge[0]], numbers[edge[1]]] for edge in edges], dtype=np.int32)
    left, right = ends.reshape(-1, 2).T
    graph = Graph(len(numbers), left, right, np.ones(len(edges), dtype=np.int32))
    way = graph.path(numbers[first.identifier_id], numbers[second.identifier_id])
    ids = sorted(names)
    lines = [f"  {names[ids[way[0]]]}"]
    for before, after in pairwise(way):
        pair = {ids[before], ids[after]}
        shown = sorted(_sight(*edge[4:]) for edge in edges if {edge[0], edge[1]} == pair)
        lines += [f"    seen together by {'; '.join(shown)}", f"  {names[ids[after]]}"]
    return lines


def _sight(source: str, since: datetime | None, until: datetime | None) -> str:
    """Some vendors' records have no time of their own."""
    days = [f"{moment:%Y-%m-%d}" if moment else "unknown" for moment in (since, until)]
    return f"{source}, {' to '.join(days)}"


def _apart(con: duckdb.DuckDBPyConnection, first: Seen, second: Seen) -> list[str]:
    """Refused links of the one person and of the other; those that both have come first."""
    sides = []
    for seen in (first, second):
        con.execute("create or replace temp table names (name text)")
        con.execute(
            "insert into names select identifier_type || ':' || identifier_value"
            " from identity.customer_identifiers where customer_id = ?",
            [seen.customer_id],
        )
        sides.append(con.execute(_REFUSED).fetchall())
    both = [row for row in sides[0] if row in sides[1]]
    if both:
        return ["Kept apart by:", *_told(both)]
    values = [
        {(row[1], row[2]) for row in side} | {(row[3], row[4]) for row in side} for side in sides
    ]
    shared = values[0] & values[1]
    through = [
        row
        for side in sides
        for row in side
        if (row[1], row[2]) in shared or (row[3], row[4]) in shared
    ]
    if through:
        return ["Kept apart by what both were seen with:", *_told(through)]
    return ["Nothing was seen that would link them."]


def _told(rows: list[tuple[str, ...]]) -> list[str]:
    lines = [
        f"  {source}: {left_type}:{left} with {right_type}:{right} ({reason})"
        if right is not None
        else f"  {source}: {left_type}:{left} ({reason})"
        for source, left_type, left, right_type, right, reason in dict.fromkeys(rows)
    ]
    more = len(lines) - MOST_TOLD
    return lines[:MOST_TOLD] + ([f"  and {more} more"] if more > 0 else [])
