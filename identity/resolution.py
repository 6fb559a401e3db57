"""Who is one person: from the edges that dbt accepted to the bridge from identifier to customer.

Belongs here: the one step of identity that is not SQL, on a connection it is handed. What links and
what is refused is decided in dbt's int_identity__* models, what people decided in decisions.py, the
cutting of a graph in graph.py, which key a person has in keys.py. Following a merge is the facts'
own business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from identity import decisions, keys, probable_persons
from identity.decisions import JOIN, SPLIT, Decision, DecisionError, Identifier
from identity.graph import Graph

# A person has tens of identifiers; a thousand are an error of the data or of a rule.
MOST_IDENTIFIERS = 1000
JOIN_STRENGTH = 1000.0

DDL = (
    "create schema if not exists identity",
    """
    create table if not exists identity.customer_identifiers (
        identifier_id text,
        identifier_type text,
        identifier_value text,
        customer_id text,
        first_seen_at timestamp,
        last_seen_at timestamp
    )
    """,
    # An identifier whose customer is another one than before; what is new is not in it.
    """
    create table if not exists identity.identifier_changes (
        change_seq bigint,
        identifier_id text,
        previous_customer_id text,
        customer_id text
    )
    """,
    # Links that the models accepted and this step did not follow, and why.
    """
    create table if not exists identity.graph_refusals (
        left_identifier_id text,
        right_identifier_id text,
        refusal_reason text
    )
    """,
    # The decisions in force, as they were last read.
    """
    create table if not exists identity.decisions (
        line bigint,
        decision text,
        one_type text,
        one_value text,
        other_type text,
        other_value text,
        decided_at timestamptz,
        decided_by text,
        reason text
    )
    """,
    *keys.DDL,
    *probable_persons.DDL,
)

_NODES = """
    create or replace temp table identity_nodes as
    select
        cast(row_number() over (order by identifiers.identifier_id) - 1 as integer) as node,
        identifiers.*,
        known.customer_id as previous_customer_id
    from intermediate.int_identity__identifiers as identifiers
    left join identity.customer_identifiers as known
        on identifiers.identifier_id = known.identifier_id
"""
# Of several sources that show the same pair each adds to what the link says.
_LINKS = """
    select
        left_node.node as left_node,
        right_node.node as right_node,
        sum(1.0 / (1 + greatest(left_node.type_priority, right_node.type_priority))) as strength,
        coalesce(left_node.previous_customer_id = right_node.previous_customer_id, false)
            as was_together
    from intermediate.int_identity__edges as edges
    inner join identity_nodes as left_node on edges.left_identifier_id = left_node.identifier_id
    inner join identity_nodes as right_node on edges.right_identifier_id = right_node.identifier_id
    group by all
    order by left_node, right_node
"""
_CHANGES = """
    insert into identity.identifier_changes
    select
        (select coalesce(max(change_seq), 0) + 1 from identity.identifier_changes),
        known.identifier_id,
        known.customer_id,
        identity_resolved.customer_id
    from identity.customer_identifiers as known
    left join identity_resolved on known.identifier_id = identity_resolved.identifier_id
    where known.customer_id is distinct from identity_resolved.customer_id
"""
_BRIDGE = """
    insert into identity.customer_identifiers
    select
        identifier_id, identifier_type, identifier_value, customer_id, first_seen_at, last_seen_at
    from identity_resolved
"""
_REFUSALS = """
    insert into identity.graph_refusals
    select left_node.identifier_id, right_node.identifier_id, refusals.reason
    from identity_graph_refusals as refusals
    inner join identity_nodes as left_node on refusals.left_node = left_node.node
    inner join identity_nodes as right_node on refusals.right_node = right_node.node
"""


@dataclass(frozen=True)
class Resolution:
    """What one resolution found.

    Attributes:
        identifiers: rows of the bridge.
        edges: links between them that the models accepted; several sources of one pair are one.
        customers: distinct persons, known and anonymous.
        changed: identifiers whose person is another one than before, or none any more.
        refused: links this step did not follow.
        problems: what a person must see to, in sentences; the night goes on.
    """

    identifiers: int
    edges: int
    customers: int
    changed: int
    refused: int = 0
    problems: list[str] = field(default_factory=list)


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the identity tables where they are missing, so that the marts can be built without."""
    for statement in DDL:
        con.execute(statement)


def resolve(
    con: duckdb.DuckDBPyConnection,
    decisions_file: Path | None = None,
    most_identifiers: int = MOST_IDENTIFIERS,
) -> Resolution:
    """Rewrite the bridge from identifier to customer, in one transaction.

    Args:
        con: the build file, writable, with intermediate.int_identity__identifiers and
            int_identity__edges in it.
        decisions_file: the manual decisions; where it cannot be read, the last good ones count.
        most_identifiers: a person with more of them is taken for an error.

    Returns:
        The figures of this resolution.
    """
    create_tables(con)
    con.execute("begin")
    try:
        found = _resolve(con, decisions_file, most_identifiers)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    return found


def _resolve(
    con: duckdb.DuckDBPyConnection, decisions_file: Path | None, most_identifiers: int
) -> Resolution:
    con.execute(_NODES)
    links = con.execute(_LINKS).to_arrow_table()
    node_count = _count(con, "select count(*) from identity_nodes")
    made, problems = _decisions(con, decisions_file)
    nodes = _decided(con, made)
    problems += [
        f"the {decision.kind} of line {decision.number} waits: {identifier} has not been seen"
        for decision in made
        for identifier in (decision.one, decision.other)
        if identifier not in nodes
    ]
    ends = {
        decision: (nodes[decision.one], nodes[decision.other])
        for decision in made
        if decision.pair <= nodes.keys()
    }
    graph = Graph(
        node_count,
        *_with_joins(links, [pair for made, pair in ends.items() if made.kind == JOIN]),
    )
    together = np.concatenate(
        [links.column("was_together").to_numpy(), np.ones(len(graph.left) - len(links), np.bool_)]
    )
    refusals = _part(graph, {made: pair for made, pair in ends.items() if made.kind == SPLIT})
    refusals += _shrink(graph, together, most_identifiers)
    problems += [f"{reason} ({count} links)" for reason, count in _by_reason(refusals) if count]
    _write_refusals(con, graph, refusals)
    components = pa.table(
        {"node": np.arange(node_count, dtype=np.int32), "component": graph.labels}
    )
    con.register("identity_components", components)
    keys.assign(con)
    con.unregister("identity_components")
    changed = _count(con, _CHANGES)
    con.execute("delete from identity.customer_identifiers")
    con.execute(_BRIDGE)
    customers = _count(con, "select count(distinct customer_id) from identity_resolved")
    con.execute("drop table identity_nodes")
    con.execute("drop table identity_resolved")
    refused = sum(len(edges) for edges, _ in refusals)
    return Resolution(node_count, links.num_rows, customers, changed, refused, problems)


Refusals = list[tuple[np.ndarray, str]]


def _decisions(
    con: duckdb.DuckDBPyConnection, file: Path | None
) -> tuple[list[Decision], list[str]]:
    """The decisions in force, and what is wrong with their file: then the last good ones are."""
    try:
        made = decisions.read(file) if file else []
    except DecisionError as error:
        return _last_good(con), [f"the last good decisions stay in force: {error}"]
    con.execute("delete from identity.decisions")
    for each in made:
        con.execute(
            "insert into identity.decisions values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(each.number, each.kind, each.one.type, each.one.value),
                *(each.other.type, each.other.value),
                *(each.decided_at, each.decided_by, each.reason),
            ],
        )
    return made, []


def _last_good(con: duckdb.DuckDBPyConnection) -> list[Decision]:
    rows = con.execute(
        "select decision, one_type || ':' || one_value, other_type || ':' || other_value,"
        " decided_by, reason, line from identity.decisions order by line"
    ).fetchall()
    return [
        decisions.decision(kind, one, other, by, why, number=line)
        for kind, one, other, by, why, line in rows
    ]


def _decided(con: duckdb.DuckDBPyConnection, made: Sequence[Decision]) -> dict[Identifier, int]:
    """The nodes of the decisions' identifiers, those that have been seen."""
    nodes = {}
    for identifier in {end for decision in made for end in (decision.one, decision.other)}:
        row = con.execute(
            "select node from identity_nodes where identifier_type = ? and identifier_value = ?",
            [identifier.type, identifier.value],
        ).fetchone()
        if row is not None:
            nodes[identifier] = int(row[0])
    return nodes


def _with_joins(
    links: pa.Table, joins: Sequence[tuple[int, int]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ends = np.array(joins, dtype=np.int32).reshape(-1, 2)
    left, right, strength = (
        links.column(name).to_numpy() for name in ("left_node", "right_node", "strength")
    )
    if not len(ends):
        return left, right, strength
    return (
        np.concatenate([left, ends[:, 0]]),
        np.concatenate([right, ends[:, 1]]),
        np.concatenate([strength, np.full(len(ends), JOIN_STRENGTH)]),
    )


def _part(graph: Graph, splits: Mapping[Decision, tuple[int, int]]) -> Refusals:
    """Cut each decided pair apart where a rule, or another decision, holds it together."""
    found: Refusals = []
    for made, ends in splits.items():
        if graph.are_together(*ends):
            found.append((graph.part(*ends), f"decision: {made}"))
            graph.label()
    return found


def _shrink(graph: Graph, together: np.ndarray, most: int) -> Refusals:
    """Take an exploded component back to what it was before the links that made it explode.

    Where even that is too large, none of its links count: each identifier stands for itself.
    """
    found: Refusals = []
    for is_new_only in (True, False):
        components = graph.larger_than(most)
        if not len(components):
            break
        edges = graph.edges_of(components)
        taken = edges[~together[edges]] if is_new_only else edges
        graph.is_kept[taken] = False
        graph.label()
        found.append((taken, f"quarantine: a person of more than {most} identifiers"))
    return found


def _by_reason(refusals: Refusals) -> list[tuple[str, int]]:
    quarantined = [(reason, len(edges)) for edges, reason in refusals if reason.startswith("q")]
    return [(quarantined[0][0], sum(count for _, count in quarantined))] if quarantined else []


def _write_refusals(con: duckdb.DuckDBPyConnection, graph: Graph, refusals: Refusals) -> None:
    con.execute("delete from identity.graph_refusals")
    for edges, reason in refusals:
        table = pa.table(
            {
                "left_node": graph.left[edges],
                "right_node": graph.right[edges],
                "reason": pa.array([reason] * len(edges), pa.string()),
            }
        )
        con.register("identity_graph_refusals", table)
        con.execute(_REFUSALS)
        con.unregister("identity_graph_refusals")


def _count(con: duckdb.DuckDBPyConnection, statement: str) -> int:
    row = con.execute(statement).fetchone()
    return int(row[0]) if row else 0
