"""The graph as it is kept from night to night, by number, in `identity_graph`.

Belongs here: reading what the models changed since the last resolution into the kept tables, and
saying which nodes that touches. What is made of the graph belongs to resolution.py, keys.py and
bridge.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from identity.graph import Nodes

Ranks = npt.NDArray[np.int64]

# Text takes longer to compress than to write; what is published is compressed all the same.
IDENTIFIERS = "identity_graph.identifiers"
IDENTIFIERS_COLUMNS = """(
    node integer,
    identifier_id text using compression uncompressed,
    identifier_type text using compression uncompressed,
    identifier_value text using compression uncompressed,
    customer_id text using compression uncompressed,
    first_seen_at timestamp,
    last_seen_at timestamp,
    seen_rank bigint,
    minted_seq bigint,
    component integer,
    person integer
)"""
DDL = (
    "create schema if not exists identity_graph",
    # seen_rank: moment of the first sight and priority of the type, in one number. person: the node
    # whose key the person has. component: one of the persons that links and joins connect, before
    # anything is cut.
    f"create table if not exists {IDENTIFIERS} {IDENTIFIERS_COLUMNS}",
    # One row per pair: left_node <= right_node.
    """
    create table if not exists identity_graph.links (
        left_node integer,
        right_node integer,
        units integer
    )
    """,
    # How far the models have been read.
    """
    create table if not exists identity_graph.progress (
        edges_batch bigint,
        identifiers_batch bigint,
        most_identifiers bigint
    )
    """,
)
# A strength of 1.0 is so many units: flows are whole numbers.
UNIT = 1000
# A node that was not there before has no component, no person and no key yet.
NONE = -1
NOT_MINTED = np.iinfo(np.int64).max

# First sights that nobody knows come last, below the number that stands for no rank at all.
_NEVER = 9_000_000_000_000_000_000
SEEN_RANK = f"coalesce(epoch_us(first_seen_at) * 100, {_NEVER}) + type_priority"
UNITS = f"cast(greatest(1, round(sum(strength) * {UNIT})) as integer)"
COUNTS = "refusal_reason is null and is_person_link and not is_withdrawn"

# Where all is read anew, a node's number is its row among the models' identifiers.
_ALL_NODES = f"""
    select cast(rowid as integer) as node, {SEEN_RANK} as seen_rank
    from intermediate.int_identity__identifiers
    where not is_withdrawn
    order by node
"""
_ALL_LINKS = f"""
    create or replace table identity_graph.links as
    with numbered as (
        select cast(rowid as integer) as node, identifier_id
        from intermediate.int_identity__identifiers
        where not is_withdrawn
    )

    select
        least(left_ends.node, right_ends.node) as left_node,
        greatest(left_ends.node, right_ends.node) as right_node,
        {UNITS} as units
    from intermediate.int_identity__candidate_edges as edges
    inner join numbered as left_ends on edges.left_identifier_id = left_ends.identifier_id
    inner join numbered as right_ends on edges.right_identifier_id = right_ends.identifier_id
    where {COUNTS}
    group by 1, 2
"""
_ALL_MINTED = """
    select cast(identifiers.rowid as integer) as node, keys.minted_seq
    from intermediate.int_identity__identifiers as identifiers
    inner join identity.customer_keys as keys
        on identifiers.identifier_id = keys.anchor_identifier_id
    where not identifiers.is_withdrawn
"""


@dataclass(frozen=True)
class Progress:
    """How far the models had been read.

    Attributes:
        edges_batch: of int_identity__candidate_edges.
        identifiers_batch: of int_identity__identifiers.
        most_identifiers: what a person might have at most.
    """

    edges_batch: int
    identifiers_batch: int
    most_identifiers: int


@dataclass(frozen=True)
class Touched:
    """The nodes that are looked at, one place of each array per node.

    Attributes:
        nodes: their numbers, ascending.
        seen: rank of the first sight.
        minted: when the key was minted, NOT_MINTED where there is none.
        components: as they were, NONE where a node is new.
        persons: the same of the persons.
        is_whole: whether they are all there are, read anew.
    """

    nodes: Nodes
    seen: Ranks
    minted: Ranks
    components: Nodes
    persons: Nodes
    is_whole: bool = False


@dataclass(frozen=True)
class Persons:
    """Whose person each touched node is now.

    Attributes:
        labels: each node's person, numbered from 0.
        anchors: the node whose key each of the persons has, one place per label, ascending.
        of_nodes: the same, one place per node.
        minted: when each node's key was minted, NOT_MINTED where it has none.
    """

    labels: Nodes
    anchors: Nodes
    of_nodes: Nodes
    minted: Ranks


@contextmanager
def arrays(con: duckdb.DuckDBPyConnection, name: str, **columns: Any) -> Iterator[None]:
    """Let SQL read arrays of one length as a table."""
    con.register(name, pa.table(columns))
    try:
        yield
    finally:
        con.unregister(name)


def read_progress(con: duckdb.DuckDBPyConnection, most_identifiers: int) -> Progress | None:
    """How far the models were read last time.

    Returns:
        None where everything is to be read: the first time, after a model was made anew, or where
        a person may have another number of identifiers.
    """
    row = con.execute("from identity_graph.progress").fetchone()
    numbered = con.execute(f"select 1 from {IDENTIFIERS} where node is not null limit 1").fetchone()
    if row is None or numbered is None or row[2] != most_identifiers:
        return None
    kept = Progress(*row)
    for model, last in (
        ("candidate_edges", kept.edges_batch),
        ("identifiers", kept.identifiers_batch),
    ):
        oldest = con.execute(
            f"select min(batch_seq) from intermediate.int_identity__{model}"
        ).fetchone()
        # A model made anew numbers all its rows anew; one that is empty now may have lost rows.
        if last and (oldest is None or oldest[0] is None or oldest[0] > last):
            return None
    return kept


def write_progress(con: duckdb.DuckDBPyConnection, most_identifiers: int) -> None:
    """Note that everything the models hold now has been read."""
    con.execute("delete from identity_graph.progress")
    con.execute(
        "insert into identity_graph.progress select"
        " (select coalesce(max(batch_seq), 0) from intermediate.int_identity__candidate_edges),"
        " (select coalesce(max(batch_seq), 0) from intermediate.int_identity__identifiers),"
        f" {most_identifiers}"
    )


def read_all(con: duckdb.DuckDBPyConnection) -> Touched:
    """Number every identifier and make the links anew; every node is touched."""
    con.execute(_ALL_LINKS)
    nodes, seen = con.execute(_ALL_NODES).fetchnumpy().values()
    minted = np.full(len(nodes), NOT_MINTED, dtype=np.int64)
    anchors, sequences = con.execute(_ALL_MINTED).fetchnumpy().values()
    minted[np.searchsorted(nodes, anchors)] = sequences
    none = np.full(len(nodes), NONE, dtype=np.int32)
    return Touched(nodes, seen, minted, none, none, is_whole=True)
