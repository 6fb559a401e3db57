"""Who is one person: connected components over the identifier edges, written as the bridge.

Belongs here: the one step of identity that is not SQL, from intermediate.int_identity__edges to
identity.customer_identifiers, on a connection it is handed. What links and what is refused is
decided in dbt's int_identity__* models; following a merge is the facts' own business.

Deterministic: a person's key is the hash of the identifier of theirs that was seen first (ties: the
type's priority, then the value). So the older key survives a merge, and an edge that goes away
gives each part its own key back.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

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
)

_NODES = """
    create or replace temp table identity_nodes as
    select row_number() over (order by identifier_id) - 1 as node, *
    from intermediate.int_identity__identifiers
"""
_LINKS = """
    select left_node.node as left_node, right_node.node as right_node
    from intermediate.int_identity__edges as edges
    inner join identity_nodes as left_node on edges.left_identifier_id = left_node.identifier_id
    inner join identity_nodes as right_node on edges.right_identifier_id = right_node.identifier_id
"""
_RESOLVED = """
    create or replace temp table identity_resolved as
    select
        identity_nodes.*,
        md5('customer|' || first_value(identity_nodes.identifier_id) over (
            partition by identity_components.component
            order by
                identity_nodes.first_seen_at,
                identity_nodes.type_priority,
                identity_nodes.identifier_value,
                identity_nodes.identifier_id
        )) as customer_id
    from identity_nodes
    inner join identity_components on identity_nodes.node = identity_components.node
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


@dataclass(frozen=True)
class Resolution:
    """What one resolution found.

    Attributes:
        identifiers: rows of the bridge.
        edges: links between them that counted.
        customers: distinct persons, known and anonymous.
        changed: identifiers whose person is another one than before, or none any more.
    """

    identifiers: int
    edges: int
    customers: int
    changed: int


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the identity tables where they are missing, so that the marts can be built without."""
    for statement in DDL:
        con.execute(statement)


def resolve(con: duckdb.DuckDBPyConnection) -> Resolution:
    """Rewrite the bridge from identifier to customer, in one transaction.

    Args:
        con: the build file, writable, with intermediate.int_identity__identifiers and
            int_identity__edges in it.

    Returns:
        The figures of this resolution.
    """
    create_tables(con)
    con.execute("begin")
    try:
        con.execute(_NODES)
        links = con.execute(_LINKS).to_arrow_table()
        node_count = _count(con, "select count(*) from identity_nodes")
        con.register("identity_components", _components(links, node_count))
        con.execute(_RESOLVED)
        con.unregister("identity_components")
        changed = _inserted(con, _CHANGES)
        con.execute("delete from identity.customer_identifiers")
        con.execute(_BRIDGE)
        customers = _count(con, "select count(distinct customer_id) from identity_resolved")
        con.execute("drop table identity_nodes")
        con.execute("drop table identity_resolved")
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    return Resolution(node_count, links.num_rows, customers, changed)


def _components(links: pa.Table, node_count: int) -> pa.Table:
    left = links.column("left_node").to_numpy()
    right = links.column("right_node").to_numpy()
    graph = coo_array(
        (np.ones(len(left), dtype=np.int8), (left, right)), shape=(node_count, node_count)
    )
    labels = (
        connected_components(graph, directed=False)[1]
        if node_count
        else np.empty(0, dtype=np.int32)
    )
    return pa.table({"node": np.arange(node_count, dtype=np.int64), "component": labels})


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0


def _inserted(con: duckdb.DuckDBPyConnection, statement: str) -> int:
    row = con.execute(statement).fetchone()
    return int(row[0]) if row else 0
