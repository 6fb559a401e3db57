"""Who is one person: from the edges that dbt accepted to the bridge from identifier to customer.

Belongs here: the one step of identity that is not SQL, on a connection it is handed. What links and
what is refused is decided in dbt's int_identity__* models, what people decided in decisions.py, the
cutting of a graph in graph.py, what is kept of it from night to night in kept.py, what
changed since in changes.py, which key a person has in keys.py, writing the bridge in bridge.py,
which rules have changed in rule_changes.py.
Following a merge is the facts' own business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from identity import (
    bridge,
    changes,
    decisions,
    households,
    kept,
    keys,
    probable_persons,
    rule_changes,
)
from identity.decisions import JOIN, SPLIT, Decision, DecisionError, Identifier
from identity.graph import Graph, Nodes
from identity.kept import Touched, arrays

# A person has tens of identifiers; where the seed identity_settings says nothing, this is too many.
MOST_IDENTIFIERS = 1000
JOIN_UNITS = 1000 * kept.UNIT
QUARANTINE = "quarantine: a person of more than {} identifiers"

DDL = (
    "create schema if not exists identity",
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
    *bridge.DDL,
    *rule_changes.DDL,
    *keys.DDL,
    *probable_persons.DDL,
    *households.DDL,
)

_LINKS = "select left_node, right_node, units from identity_graph.links"
_OF_TOUCHED = " where left_node in (select node from identity_touched)"
# Decisions of now and of last time: what one of them names is looked at.
_DECIDED = """
    create or replace temp table decided as
    select
        cast(identifiers.rowid as integer) as node,
        identifiers.identifier_id,
        identifiers.identifier_type,
        identifiers.identifier_value
    from intermediate.int_identity__identifiers as identifiers
    inner join (
        select distinct unnest($types::text[]) as type, unnest($values::text[]) as value
    ) as named
        on
            identifiers.identifier_type = named.type
            and identifiers.identifier_value = named.value
    where not identifiers.is_withdrawn
"""
_DECIDED_OF_ALL = "select identifier_type, identifier_value, node from decided"
_DECIDED_OF_NAMED = """
    select decided.identifier_type, decided.identifier_value, named.node
    from decided
    inner join named on decided.identifier_id = named.identifier_id
"""
_REFUSED_BEFORE = """
    delete from identity.graph_refusals
    where
        left_identifier_id in (
            select identifier_id
            from identity_graph.identifiers
            where node in (select node from identity_touched)
            union all
            select identifier_id from withdrawn
        )
"""
_REFUSALS = """
    insert into identity.graph_refusals
    with ends as (
        select node, identifier_id
        from identity_graph.identifiers
        where
            node in (
                select left_node from identity_cut
                union all
                select right_node from identity_cut
            )
    )

    select
        least(left_ends.identifier_id, right_ends.identifier_id),
        greatest(left_ends.identifier_id, right_ends.identifier_id),
        refusals.reason
    from identity_cut as refusals
    inner join ends as left_ends on refusals.left_node = left_ends.node
    inner join ends as right_ends on refusals.right_node = right_ends.node
"""
# A rule that changed nobody has its number as well.
_NEXT = """
    select coalesce(max(change_seq), 0) + 1
    from (
        select change_seq from identity.identifier_changes
        union all
        select change_seq from identity.rule_changes
    )
"""


@dataclass(frozen=True)
class Resolution:
    """What one resolution found.

    Attributes:
        identifiers: rows of the bridge.
        edges: links between them that the models accepted; several sources of one pair are one.
        customers: distinct persons, known and anonymous.
        changed: identifiers whose person is another one than before, or none any more.
        touched: identifiers that were looked at; the others' links had not changed.
        refused: links this step does not follow.
        rules: seeds of rules that are others than at the resolution before.
        problems: what a person must see to, in sentences; the night goes on.
    """

    identifiers: int
    edges: int
    customers: int
    changed: int
    touched: int
    refused: int = 0
    rules: tuple[str, ...] = ()
    problems: list[str] = field(default_factory=list)


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the identity tables where they are missing, so that the marts can be built without."""
    for statement in kept.DDL:
        con.execute(statement)
    bridge.take_over_table(con)
    for statement in DDL:
        con.execute(statement)


def resolve(
    con: duckdb.DuckDBPyConnection,
    decisions_file: Path | None = None,
    most_identifiers: int | None = None,
    is_whole: bool = False,
) -> Resolution:
    """Bring the bridge from identifier to customer up to date, in one transaction.

    Only components that new, changed or vanished links and decisions touch are looked at; the
    result is that of looking at all.

    Args:
        con: the build file, writable, with intermediate.int_identity__identifiers and
            int_identity__candidate_edges in it.
        decisions_file: the manual decisions; where it cannot be read, the last good ones count.
        most_identifiers: a person with more of them is taken for an error; by default as the seed
            identity_settings says.
        is_whole: look at everything, whatever has changed.

    Returns:
        The figures of this resolution.
    """
    create_tables(con)
    con.execute("begin")
    try:
        most = most_identifiers or configured_most(con)
        found = _resolve(con, decisions_file, most, is_whole)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    return found


def configured_most(con: duckdb.DuckDBPyConnection) -> int:
    """How many identifiers a person may have, as the seed identity_settings says."""
    row = con.execute(
        "select 1 from duckdb_tables() where schema_name = 'seeds'"
        " and table_name = 'identity_settings'"
    ).fetchone()
    told = (
        row
        and con.execute(
            "select setting_value from seeds.identity_settings where setting = 'most_identifiers'"
        ).fetchone()
    )
    return int(told[0]) if told else MOST_IDENTIFIERS


def _resolve(
    con: duckdb.DuckDBPyConnection, file: Path | None, most_identifiers: int, is_whole: bool
) -> Resolution:
    since = None if is_whole else kept.read_progress(con, most_identifiers)
    made, problems = _decisions(con, file)
    touched = kept.read_all(con) if since is None else changes.read(con, since)
    ends = _ends(con, made, touched)
    problems += [
        f"the {each.kind} of line {each.number} waits: {identifier} has not been seen"
        for each in made
        for identifier in (each.one, each.other)
        if identifier not in ends
    ]
    seen_decisions = {
        each: (ends[each.one], ends[each.other]) for each in made if each.pair <= {*ends}
    }
    graph = _graph(con, touched, seen_decisions)
    components = graph.labels
    cuts = _cut(graph, seen_decisions, most_identifiers)
    sequence = _count(con, _NEXT)
    changed = _write(con, graph, touched, components, cuts, sequence)
    rules = rule_changes.note(con, sequence)
    kept.write_progress(con, most_identifiers)
    quarantine = QUARANTINE.format(most_identifiers)
    quarantined = _count(
        con, "select count(*) from identity.graph_refusals where refusal_reason = ?", quarantine
    )
    if quarantined:
        problems.append(f"{quarantine} ({quarantined} links)")
    return Resolution(
        identifiers=_count(con, "select count(*) from identity_graph.identifiers"),
        edges=_count(con, "select count(*) from identity_graph.links"),
        customers=_count(
            con, "select count(*) from identity_graph.identifiers where person = node"
        ),
        changed=changed,
        touched=len(touched.nodes),
        refused=_count(con, "select count(*) from identity.graph_refusals"),
        rules=rules,
        problems=problems,
    )


Cuts = list[tuple[np.ndarray, str]]
Ends = Mapping[Decision, tuple[int, int]]


def _graph(con: duckdb.DuckDBPyConnection, touched: Touched, made: Ends) -> Graph:
    """The links among the touched nodes, by place among them, and the joins after them."""
    nodes = touched.nodes
    with arrays(con, "identity_touched", node=nodes):
        links = con.execute(_LINKS if touched.is_whole else _LINKS + _OF_TOUCHED).fetchnumpy()
    left, right, units = links.values()
    if len(nodes) and nodes[-1] != len(nodes) - 1:
        left = np.searchsorted(nodes, left).astype(np.int32)
        right = np.searchsorted(nodes, right).astype(np.int32)
    joins = np.array(
        [pair for each, pair in made.items() if each.kind == JOIN], dtype=np.int32
    ).reshape(-1, 2)
    return Graph(
        len(nodes),
        np.concatenate([left, joins[:, 0]]),
        np.concatenate([right, joins[:, 1]]),
        np.concatenate([units, np.full(len(joins), JOIN_UNITS, dtype=np.int32)]),
    )


def _named_components(labels: Nodes, persons: Nodes) -> Nodes:
    """Each node's component, called by one of its persons: most components are one person."""
    names = np.empty(int(labels.max()) + 1 if len(labels) else 0, dtype=np.int32)
    # Of several values for one place the last stays.
    names[labels[::-1]] = persons[::-1]
    found: Nodes = names[labels]
    return found


def _cut(graph: Graph, made: Ends, most_identifiers: int) -> Cuts:
    """Part what was decided, where a rule or another decision holds it; then what exploded."""
    found: Cuts = []
    for each, ends in made.items():
        if each.kind == SPLIT and graph.are_together(*ends):
            found.append((graph.part(*ends), f"decision: {each}"))
            graph.label()
    found.append((graph.shrink(most_identifiers), QUARANTINE.format(most_identifiers)))
    return found


def _write(
    con: duckdb.DuckDBPyConnection,
    graph: Graph,
    touched: Touched,
    components: Nodes,
    cuts: Cuts,
    sequence: int,
) -> int:
    """Write what was found; returns how many identifiers have another customer than before."""
    nodes = touched.nodes
    persons = keys.find(con, touched, graph.labels)
    named = _named_components(components, persons.of_nodes)
    changed = bridge.write(con, touched, named, persons, sequence)
    keys.write(con, touched, persons, sequence)
    if touched.is_whole:
        con.execute("delete from identity.graph_refusals")
    else:
        with arrays(con, "identity_touched", node=nodes):
            con.execute(_REFUSED_BEFORE)
    for edges, reason in cuts:
        if not len(edges):
            continue
        columns = {
            "left_node": nodes[graph.left[edges]],
            "right_node": nodes[graph.right[edges]],
            "reason": pa.array([reason] * len(edges), pa.string()),
        }
        with arrays(con, "identity_cut", **columns):
            con.execute(_REFUSALS)
    return changed


def _decisions(
    con: duckdb.DuckDBPyConnection, file: Path | None
) -> tuple[list[Decision], list[str]]:
    """The decisions in force, and what is wrong with their file: then the last good ones are."""
    before = _last_good(con)
    try:
        made, problems = decisions.read(file) if file else [], []
    except DecisionError as error:
        made, problems = before, [f"the last good decisions stay in force: {error}"]
    named = {end for each in (*before, *made) for end in (each.one, each.other)}
    # Nobody named, nobody looked for: the filter keeps the scan away.
    con.execute(
        _DECIDED if named else f"{_DECIDED} and false",
        {"types": [end.type for end in named], "values": [end.value for end in named]},
    )
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
    return made, problems


def _last_good(con: duckdb.DuckDBPyConnection) -> list[Decision]:
    rows = con.execute(
        "select decision, one_type || ':' || one_value, other_type || ':' || other_value,"
        " decided_by, reason, decided_at, line from identity.decisions order by line"
    ).fetchall()
    return [decisions.decision(*row) for row in rows]


def _ends(
    con: duckdb.DuckDBPyConnection, made: Sequence[Decision], touched: Touched
) -> dict[Identifier, int]:
    """The places of the decisions' identifiers among the touched nodes; those that were seen."""
    if not made:
        return {}
    rows = con.execute(_DECIDED_OF_ALL if touched.is_whole else _DECIDED_OF_NAMED).fetchall()
    return {
        Identifier(kind, value): int(np.searchsorted(touched.nodes, node))
        for kind, value, node in rows
    }


def _count(con: duckdb.DuckDBPyConnection, statement: str, *parameters: object) -> int:
    given = parameters[0] if parameters and isinstance(parameters[0], dict) else list(parameters)
    row = con.execute(statement, given).fetchone()
    return int(row[0]) if row else 0
