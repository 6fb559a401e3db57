"""What changed in the models since the last resolution, brought into the kept graph.

Belongs here: which names, nodes and links are new, other or gone, and which components that
touches. Reading everything, and where the graph is kept, belongs to kept.py.
"""

from __future__ import annotations

import duckdb

from identity.kept import (
    COUNTS,
    IDENTIFIERS,
    NONE,
    NOT_MINTED,
    SEEN_RANK,
    UNITS,
    Progress,
    Touched,
)

_CHANGED_IDENTIFIERS = f"""
    create or replace temp table changed_identifiers as
    select
        identifier_id,
        identifier_type,
        identifier_value,
        first_seen_at,
        last_seen_at,
        {SEEN_RANK} as seen_rank,
        is_withdrawn
    from intermediate.int_identity__identifiers
    where batch_seq > $identifiers_batch
"""
# Of several rows that show a pair, those that changed: strength is null where none counts.
_CHANGED_EDGES = f"""
    create or replace temp table changed_edges as
    select
        least(left_identifier_id, right_identifier_id) as one_id,
        greatest(left_identifier_id, right_identifier_id) as other_id,
        sum(strength) filter ({COUNTS}) as strength
    from intermediate.int_identity__candidate_edges
    where batch_seq > $edges_batch and right_identifier_id is not null
    group by 1, 2
"""
# All that was named in a change, with its node as it was; what goes and what is new among them.
_NAMED = (
    f"""
    create or replace temp table named as
    select node, identifier_id, seen_rank, minted_seq, component, person, false as is_new
    from {IDENTIFIERS}
    where
        identifier_id in (
            select identifier_id from changed_identifiers
            union
            select one_id from changed_edges
            union
            select other_id from changed_edges
            union
            select identifier_id from decided
        )
    """,
    """
    create or replace temp table withdrawn as
    select named.*
    from named
    inner join changed_identifiers as changed on named.identifier_id = changed.identifier_id
    where changed.is_withdrawn
    """,
    "delete from named where node in (select node from withdrawn)",
    f"""
    insert into named
    with new as (
        select identifier_id, seen_rank
        from changed_identifiers
        where not is_withdrawn and identifier_id not in (select identifier_id from named)
    ),

    minted as (
        select anchor_identifier_id, minted_seq
        from identity.customer_keys
        where anchor_identifier_id in (select identifier_id from new)
    )

    select
        cast(
            (select coalesce(max(node), -1) from {IDENTIFIERS}) + row_number() over () as integer
        ),
        new.identifier_id,
        new.seen_rank,
        minted.minted_seq,
        null,
        null,
        true
    from new
    left join minted on new.identifier_id = minted.anchor_identifier_id
    """,
    """
    create or replace temp table seen_otherwise as
    select named.node, named.component, changed.seen_rank
    from named
    inner join changed_identifiers as changed on named.identifier_id = changed.identifier_id
    where named.seen_rank <> changed.seen_rank
    """,
    """
    delete from identity_graph.links
    where
        left_node in (select node from withdrawn) or right_node in (select node from withdrawn)
    """,
)
# What counts has both its ends among the identifiers. So a pair without a link has no older row
# that counts, and only where there is a link other rows than the changed ones are looked for.
_PAIRS = """
    create or replace temp table changed_pairs as
    select
        edges.one_id,
        edges.other_id,
        edges.strength,
        least(one.node, other.node) as left_node,
        greatest(one.node, other.node) as right_node,
        links.units
    from changed_edges as edges
    inner join named as one on edges.one_id = one.identifier_id
    inner join named as other on edges.other_id = other.identifier_id
    left join identity_graph.links as links
        on
            least(one.node, other.node) = links.left_node
            and greatest(one.node, other.node) = links.right_node
"""
_LINKS = f"""
    create or replace temp table changed_links as
    with counting as (
        select left_node, right_node, strength from changed_pairs where strength is not null
        union all
        select pairs.left_node, pairs.right_node, edges.strength
        from intermediate.int_identity__candidate_edges as edges
        inner join changed_pairs as pairs
            on
                least(edges.left_identifier_id, edges.right_identifier_id) = pairs.one_id
                and greatest(edges.left_identifier_id, edges.right_identifier_id) = pairs.other_id
        where {COUNTS} and edges.batch_seq <= $edges_batch and pairs.units is not null
    ),

    counted as (
        select left_node, right_node, {UNITS} as units
        from counting
        group by left_node, right_node
    )

    select pairs.left_node, pairs.right_node, counted.units
    from changed_pairs as pairs
    left join counted
        on pairs.left_node = counted.left_node and pairs.right_node = counted.right_node
    where counted.units is distinct from pairs.units
"""
_NEW_LINKS = (
    """
    delete from identity_graph.links
    where (left_node, right_node) in (select (left_node, right_node) from changed_links)
    """,
    "insert into identity_graph.links from changed_links where units is not null",
)
# What is new has no component yet.
_TOUCHED_COMPONENTS = """
    create or replace temp table touched_components as
    select component from withdrawn
    union
    select component from seen_otherwise
    union
    select component from named where identifier_id in (select identifier_id from decided)
    union
    select component
    from named
    where
        node in (
            select left_node from changed_links
            union all
            select right_node from changed_links
        )
"""
_TOUCHED = f"""
    select
        known.node,
        coalesce(otherwise.seen_rank, known.seen_rank) as seen,
        coalesce(known.minted_seq, {NOT_MINTED}) as minted,
        coalesce(known.component, {NONE}) as component,
        coalesce(known.person, {NONE}) as person
    from (
        select node, seen_rank, minted_seq, component, person
        from {IDENTIFIERS}
        where
            component in (select component from touched_components)
            and node not in (select node from withdrawn)
        union all
        select node, seen_rank, minted_seq, component, person from named where is_new
    ) as known
    left join seen_otherwise as otherwise on known.node = otherwise.node
    order by known.node
"""


def read(con: duckdb.DuckDBPyConnection, since: Progress) -> Touched:
    """Take what changed since into the links, and say whom that touches.

    Args:
        con: within a transaction, with the temporary table `decided` of identifiers that decisions
            name or named. Afterwards `changed_identifiers`, `named` and `withdrawn` are there.
        since: how far the models had been read.
    """
    con.execute(_CHANGED_IDENTIFIERS, {"identifiers_batch": since.identifiers_batch})
    con.execute(_CHANGED_EDGES, {"edges_batch": since.edges_batch})
    for statement in (*_NAMED, _PAIRS):
        con.execute(statement)
    con.execute(_LINKS, {"edges_batch": since.edges_batch})
    for statement in (*_NEW_LINKS, _TOUCHED_COMPONENTS):
        con.execute(statement)
    nodes, seen, minted, components, persons = con.execute(_TOUCHED).fetchnumpy().values()
    return Touched(nodes, seen, minted, components, persons)
