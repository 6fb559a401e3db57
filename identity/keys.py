"""Which key a person has, and keeps.

A key is minted once, for the identifier of a person that was seen first, and stays that
identifier's for ever: it is the key's anchor. A person has the oldest key among the anchors they
hold. So a merge keeps the older key and maps the other to it, and a parting gives it back.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

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

# A component that holds no anchor gets one; minted in one go, they are of one age.
_MINT = """
    insert into identity.customer_keys
    with

    unanchored as (
        select identity_components.component
        from identity_components
        inner join identity_nodes using (node)
        left join identity.customer_keys as keys
            on identity_nodes.identifier_id = keys.anchor_identifier_id
        group by identity_components.component
        having count(keys.customer_id) = 0
    ),

    firsts as (
        select identity_nodes.identifier_id
        from identity_nodes
        inner join identity_components using (node)
        where identity_components.component in (from unanchored)
        qualify row_number() over (
            partition by identity_components.component
            order by
                identity_nodes.first_seen_at,
                identity_nodes.type_priority,
                identity_nodes.identifier_value,
                identity_nodes.identifier_id
        ) = 1
    )

    select
        md5('customer|' || identifier_id),
        identifier_id,
        (select coalesce(max(minted_seq), 0) + 1 from identity.customer_keys)
    from firsts
"""
_ANCHORS = """
    create or replace temp table identity_anchors as
    select
        identity_components.component,
        keys.customer_id,
        first_value(keys.customer_id) over (
            partition by identity_components.component
            order by
                keys.minted_seq,
                identity_nodes.first_seen_at,
                identity_nodes.type_priority,
                identity_nodes.identifier_value,
                identity_nodes.identifier_id
        ) as surviving_customer_id
    from identity.customer_keys as keys
    inner join identity_nodes on keys.anchor_identifier_id = identity_nodes.identifier_id
    inner join identity_components using (node)
"""
_RESOLVED = """
    create or replace temp table identity_resolved as
    select
        identity_nodes.*,
        survivors.surviving_customer_id as customer_id
    from identity_nodes
    inner join identity_components using (node)
    inner join (select distinct component, surviving_customer_id from identity_anchors) as survivors
        using (component)
"""
_MERGED = """
    create or replace temp table identity_merged as
    select
        anchors.customer_id as merged_customer_id,
        anchors.surviving_customer_id as customer_id
    from identity_anchors as anchors
    where anchors.customer_id <> anchors.surviving_customer_id
"""
# What was merged before keeps its number; what has parted is no merge any more.
_MERGES = """
    create or replace temp table identity_new_merges as
    select
        identity_merged.*,
        coalesce(known.merged_seq, (
            select coalesce(max(change_seq), 0) + 1 from identity.identifier_changes
        )) as merged_seq
    from identity_merged
    left join identity.customer_merges as known using (merged_customer_id, customer_id)
"""


def assign(con: duckdb.DuckDBPyConnection) -> None:
    """Give every component its key, as identity_resolved, and note merges.

    Args:
        con: within a transaction, with identity_nodes and identity_components.
    """
    for statement in (_MINT, _ANCHORS, _RESOLVED, _MERGED, _MERGES):
        con.execute(statement)
    con.execute("delete from identity.customer_merges")
    con.execute("insert into identity.customer_merges by name from identity_new_merges")
    for table in ("identity_anchors", "identity_merged", "identity_new_merges"):
        con.execute(f"drop table {table}")


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
