"""The graph as it is kept from night to night: nodes and links by number, in `identity_graph`.

Belongs here: reading what the models changed since the last resolution into the kept tables, and
saying which nodes that touches. What is made of the graph belongs to resolution.py and keys.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

DDL = (
    "create schema if not exists identity_graph",
    # component: what links and joins connect, before anything is cut. person: the node whose key
    # the person has. seen_rank: moment of the first sight and priority of the type, in one number.
    """
    create table if not exists identity_graph.nodes (
        node integer,
        identifier_id text,
        seen_rank bigint,
        minted_seq bigint,
        component integer,
        person integer
    )
    """,
    # One row per pair: left_node < right_node.
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
UNITS = 1000

# First sights that nobody knows come last, below the number that stands for no rank at all.
_NEVER = 9_000_000_000_000_000_000
_SEEN_RANK = f"coalesce(epoch_us(first_seen_at) * 100, {_NEVER}) + type_priority"
_UNITS = f"cast(greatest(1, round(sum(edges.strength) * {UNITS})) as integer)"
_COUNTS = "edges.refusal_reason is null and edges.is_person_link and not edges.is_withdrawn"

# What the steps after it need of a node is carried along: names are looked up once.
_ALL_TOUCHED = f"""
    create or replace temp table touched as
    select
        cast(row_number() over () - 1 as integer) as node,
        identifiers.identifier_id,
        {_SEEN_RANK} as seen_rank,
        keys.minted_seq,
        identifiers.identifier_type,
        identifiers.identifier_value,
        identifiers.first_seen_at,
        identifiers.last_seen_at
    from intermediate.int_identity__identifiers as identifiers
    left join identity.customer_keys as keys
        on identifiers.identifier_id = keys.anchor_identifier_id
    where not identifiers.is_withdrawn
"""
_ALL_NODES = """
    create or replace table identity_graph.nodes as
    select
        touched.node,
        touched.identifier_id,
        touched.seen_rank,
        touched.minted_seq,
        resolved.component,
        resolved.person
    from touched
    inner join identity_resolved as resolved on touched.node = resolved.node
"""
_ALL_LINKS = f"""
    create or replace table identity_graph.links as
    select
        least(left_ends.node, right_ends.node) as left_node,
        greatest(left_ends.node, right_ends.node) as right_node,
        {_UNITS} as units
    from intermediate.int_identity__candidate_edges as edges
    inner join touched as left_ends on edges.left_identifier_id = left_ends.identifier_id
    inner join touched as right_ends on edges.right_identifier_id = right_ends.identifier_id
    where {_COUNTS}
    group by 1, 2
"""
_PLACES = """
    update identity_graph.nodes as nodes
    set component = resolved.component, person = resolved.person
    from identity_resolved as resolved
    where
        nodes.node = resolved.node
        and (
            nodes.component is distinct from resolved.component
            or nodes.person is distinct from resolved.person
        )
"""
_CHANGED_IDENTIFIERS = f"""
    create or replace temp table changed_identifiers as
    select
        identifiers.identifier_id,
        {_SEEN_RANK} as seen_rank,
        identifiers.is_withdrawn,
        nodes.node,
        nodes.component
    from intermediate.int_identity__identifiers as identifiers
    left join identity_graph.nodes as nodes on identifiers.identifier_id = nodes.identifier_id
    where identifiers.batch_seq > $identifiers_batch
"""
_CHANGED_PAIRS = """
    create or replace temp table changed_pairs as
    select distinct left_identifier_id, right_identifier_id
    from intermediate.int_identity__candidate_edges
    where batch_seq > $edges_batch and right_identifier_id is not null
"""
_CHANGED_ENDS = """
    create or replace temp table changed_ends as
    select nodes.identifier_id, nodes.node, nodes.component
    from identity_graph.nodes as nodes
    where nodes.identifier_id in (
        select left_identifier_id from changed_pairs
        union
        select right_identifier_id from changed_pairs
    )
"""
_CHANGED_LINKS = """
    create or replace temp table changed_links as
    select distinct
        least(left_ends.node, right_ends.node) as left_node,
        greatest(left_ends.node, right_ends.node) as right_node
    from changed_pairs
    inner join changed_ends as left_ends
        on changed_pairs.left_identifier_id = left_ends.identifier_id
    inner join changed_ends as right_ends
        on changed_pairs.right_identifier_id = right_ends.identifier_id
"""
# Several sources may show a pair of which one has changed: all of them count again.
_NEW_LINKS = f"""
    insert into identity_graph.links
    select
        least(left_ends.node, right_ends.node),
        greatest(left_ends.node, right_ends.node),
        {_UNITS}
    from intermediate.int_identity__candidate_edges as edges
    inner join changed_ends as left_ends on edges.left_identifier_id = left_ends.identifier_id
    inner join changed_ends as right_ends on edges.right_identifier_id = right_ends.identifier_id
    where
        {_COUNTS}
        and (least(left_ends.node, right_ends.node), greatest(left_ends.node, right_ends.node))
        in (select (left_node, right_node) from changed_links)
    group by 1, 2
"""
_TOUCHED = (
    """
    create or replace temp table touched_components as
    select distinct component
    from (
        select component from changed_identifiers
        union all
        select component from changed_ends
        union all
        select nodes.component
        from identity_graph.nodes as nodes
        inner join decided on nodes.identifier_id = decided.identifier_id
    )
    where component is not null
    """,
    """
    create or replace temp table touched as
    select
        nodes.node,
        nodes.identifier_id,
        nodes.seen_rank,
        nodes.minted_seq,
        identifiers.identifier_type,
        identifiers.identifier_value,
        identifiers.first_seen_at,
        identifiers.last_seen_at
    from identity_graph.nodes as nodes
    inner join intermediate.int_identity__identifiers as identifiers
        on nodes.identifier_id = identifiers.identifier_id
    where
        nodes.component is null
        or nodes.component in (select component from touched_components)
    """,
)
_APPLIED = (
    """
    delete from identity_graph.links
    where
        left_node in (select node from changed_identifiers where is_withdrawn)
        or right_node in (select node from changed_identifiers where is_withdrawn)
    """,
    """
    delete from identity_graph.nodes
    where node in (select node from changed_identifiers where is_withdrawn)
    """,
    """
    update identity_graph.nodes as nodes
    set seen_rank = changed_identifiers.seen_rank
    from changed_identifiers
    where
        nodes.node = changed_identifiers.node
        and nodes.seen_rank is distinct from changed_identifiers.seen_rank
    """,
    """
    insert into identity_graph.nodes
    select
        cast(
            (select coalesce(max(node), -1) from identity_graph.nodes) + row_number() over ()
            as integer
        ),
        changed_identifiers.identifier_id,
        changed_identifiers.seen_rank,
        keys.minted_seq,
        null,
        null
    from changed_identifiers
    left join identity.customer_keys as keys
        on changed_identifiers.identifier_id = keys.anchor_identifier_id
    where changed_identifiers.node is null and not changed_identifiers.is_withdrawn
    """,
)


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


def read_progress(con: duckdb.DuckDBPyConnection, most_identifiers: int) -> Progress | None:
    """How far the models were read last time.

    Returns:
        None where everything is to be read: the first time, after a model was made anew, or where
        a person may have another number of identifiers.
    """
    row = con.execute("from identity_graph.progress").fetchone()
    if row is None or row[2] != most_identifiers:
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
        " (select coalesce(max(batch_seq), 0) from intermediate.int_identity__identifiers), ?",
        [most_identifiers],
    )


def read_all(con: duckdb.DuckDBPyConnection) -> None:
    """Number every identifier and make the links anew; every node is touched."""
    con.execute(_ALL_TOUCHED)
    con.execute(_ALL_LINKS)
    con.execute(
        "create or replace temp table changed_identifiers as"
        " select null::text as identifier_id, false as is_withdrawn where false"
    )


def write_places(con: duckdb.DuckDBPyConnection, is_whole: bool) -> None:
    """Keep each touched node's component and person, from `identity_resolved`."""
    con.execute(_ALL_NODES if is_whole else _PLACES)


def read_changes(con: duckdb.DuckDBPyConnection, since: Progress) -> None:
    """Take what changed since into nodes and links; `touched` holds what that may change.

    Args:
        con: within a transaction, with the temporary table `decided` of identifiers that decisions
            name or named.
        since: how far the models had been read.
    """
    con.execute(_CHANGED_IDENTIFIERS, {"identifiers_batch": since.identifiers_batch})
    con.execute(_CHANGED_PAIRS, {"edges_batch": since.edges_batch})
    for statement in _APPLIED:
        con.execute(statement)
    con.execute(_CHANGED_ENDS)
    con.execute(_CHANGED_LINKS)
    con.execute(
        "delete from identity_graph.links"
        " where (left_node, right_node) in (select (left_node, right_node) from changed_links)"
    )
    con.execute(_NEW_LINKS)
    for statement in _TOUCHED:
        con.execute(statement)
