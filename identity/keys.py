"""Which key a person has, and keeps.

A key is minted once, for the identifier of a person that was seen first, and stays that
identifier's for ever: it is the key's anchor. A person has the oldest key among the anchors they
hold. So a merge keeps the older key and maps the other to it, and a parting gives it back.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from identity.graph import Nodes

DDL = (
    """
    create table if not exists identity.customer_keys (
        customer_id text,
        anchor_identifier_id text,
        minted_seq bigint
    )
    """,
    # Keys that are no person's own at present, and whose they are now.
    """
    create table if not exists identity.customer_merges (
        merged_customer_id text,
        customer_id text,
        merged_seq bigint
    )
    """,
)
NOT_MINTED = np.iinfo(np.int64).max
Ranks = npt.NDArray[np.int64]

# A key is made of its anchor alone: it need not be looked up.
KEY = "md5('customer|' || {})"

# Seen at one moment and of types of one priority: the value decides.
_FIRST_BY_VALUE = """
    select
        tied.component,
        arg_min(tied.node, (touched.identifier_value, touched.identifier_id))
    from identity_tied as tied
    inner join touched on tied.node = touched.node
    group by tied.component
"""
_PERSONS = f"""
    create or replace temp table identity_persons as
    select
        node as person,
        identifier_id,
        minted_seq,
        {KEY.format("identifier_id")} as customer_id
    from touched
    where node in (select person from identity_resolved)
"""
_MINT = """
    insert into identity.customer_keys
    select customer_id, identifier_id, $sequence
    from identity_persons
    where minted_seq is null
"""
_MINTED = """
    update identity_graph.nodes as nodes
    set minted_seq = $sequence
    where nodes.minted_seq is null and nodes.node in (select person from identity_persons)
"""
_MERGED = f"""
    create or replace temp table identity_merged as
    select
        {KEY.format("anchors.identifier_id")} as merged_customer_id,
        persons.customer_id
    from touched as anchors
    inner join identity_resolved as resolved on anchors.node = resolved.node
    inner join identity_persons as persons on resolved.person = persons.person
    where anchors.minted_seq is not null and resolved.person <> anchors.node
"""
# What was merged before keeps its number; what has parted is no merge any more.
_NUMBERED = """
    create or replace temp table identity_new_merges as
    select merged.*, coalesce(known.merged_seq, $sequence) as merged_seq
    from identity_merged as merged
    left join identity.customer_merges as known using (merged_customer_id, customer_id)
"""
_FORGOTTEN = f"""
    delete from identity.customer_merges
    where
        merged_customer_id in (
            select {KEY.format("identifier_id")} from touched where minted_seq is not null
            union all
            select {KEY.format("identifier_id")} from changed_identifiers where is_withdrawn
        )
"""


def survivors(
    con: duckdb.DuckDBPyConnection, labels: Nodes, nodes: Nodes, minted: Ranks, seen: Ranks
) -> Nodes:
    """The node whose key each person has: the oldest key, else the identifier seen first.

    Args:
        con: with the temporary table `touched`.
        labels: each node's person, shape (nodes,), numbered from 0.
        nodes: their numbers.
        minted: when each node's key was minted, NOT_MINTED where it has none.
        seen: rank of the first sight.

    Returns:
        A node per label.
    """
    best = np.flatnonzero(_is_least(labels, minted))
    best = best[_is_least(labels[best], seen[best])]
    found = np.empty(int(labels.max()) + 1 if len(labels) else 0, dtype=np.int32)
    found[labels[best]] = nodes[best]
    is_tied = np.bincount(labels[best], minlength=len(found)) > 1
    if is_tied.any():
        tied = best[is_tied[labels[best]]]
        table = pa.table({"component": labels[tied], "node": nodes[tied]})
        con.register("identity_tied", table)
        first = con.execute(_FIRST_BY_VALUE).fetchnumpy()
        con.unregister("identity_tied")
        component, node = first.values()
        found[component] = node
    return found


def _is_least(labels: Nodes, ranks: Ranks) -> npt.NDArray[np.bool_]:
    """Whether nobody of the same label has a smaller rank."""
    least = np.full(int(labels.max()) + 1 if len(labels) else 0, NOT_MINTED, dtype=np.int64)
    np.minimum.at(least, labels, ranks)
    smallest: npt.NDArray[np.bool_] = ranks == least[labels]
    return smallest


def write(con: duckdb.DuckDBPyConnection, sequence: int, is_whole: bool) -> None:
    """Mint what is missing and note merges; `identity_persons` has each person's key afterwards.

    Args:
        con: within a transaction, with the temporary tables `touched`, `changed_identifiers` and
            `identity_resolved`, and the nodes kept.
        sequence: the number of this resolution.
        is_whole: whether all there is has been resolved.
    """
    row = con.execute(
        "select coalesce(max(minted_seq), 0) + 1 from identity.customer_keys"
    ).fetchone()
    minting = {"sequence": row[0] if row else 1}
    con.execute(_PERSONS)
    con.execute(_MINT, minting)
    con.execute(_MINTED, minting)
    con.execute(_MERGED)
    con.execute(_NUMBERED, {"sequence": sequence})
    con.execute("delete from identity.customer_merges" if is_whole else _FORGOTTEN)
    con.execute("insert into identity.customer_merges by name from identity_new_merges")
    con.execute("drop table identity_merged")
    con.execute("drop table identity_new_merges")


def restore(con: duckdb.DuckDBPyConnection, published: Path) -> int:
    """Take the keys over from a published warehouse where the build file has none.

    So a build file that was deleted and is made anew gives everybody the key they had.

    Args:
        con: the build file, writable, with the identity tables.
        published: the published file; it need not exist, nor hold keys.

    Returns:
        How many keys were taken over.
    """
    row = con.execute("select count(*) from identity.customer_keys").fetchone()
    if (row and row[0]) or not published.exists():
        return 0
    con.execute(f"attach '{published}' as published_keys (read_only)")
    try:
        found = con.execute(
            "select 1 from duckdb_tables() where database_name = 'published_keys'"
            " and schema_name = 'identity' and table_name = 'customer_keys'"
        ).fetchone()
        if not found:
            return 0
        taken = con.execute(
            "insert into identity.customer_keys from published_keys.identity.customer_keys"
        ).fetchone()
        return int(taken[0]) if taken else 0
    finally:
        con.execute("detach published_keys")
