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

from identity.graph import Nodes
from identity.kept import IDENTIFIERS, NOT_MINTED, Persons, Ranks, Touched, arrays
from identity.published import NAME, attached, has_table

# Hashes take longer to compress than to write.
DDL = (
    """
    create table if not exists identity.customer_keys (
        customer_id text using compression uncompressed,
        anchor_identifier_id text using compression uncompressed,
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

# A key is made of its anchor alone: it need not be looked up.
KEY = "md5('customer|' || {})"

# Seen at one moment and of types of one priority: the value decides.
_FIRST_BY_VALUE = """
    select
        tied.label,
        arg_min(tied.place, (described.identifier_value, described.identifier_id))
    from identity_tied as tied
    inner join {described} as described on tied.node = described.node
    group by tied.label
"""
_ALL_DESCRIBED = """(
    select rowid as node, identifier_id, identifier_value
    from intermediate.int_identity__identifiers
)"""
_DESCRIBED = f"""(
    select node, identifier_id, identifier_value
    from {IDENTIFIERS}
    union all
    select named.node, named.identifier_id, changed.identifier_value
    from named
    inner join changed_identifiers as changed on named.identifier_id = changed.identifier_id
    where named.is_new
)"""
_MINT = """
    insert into identity.customer_keys
    select customer_id, identifier_id, minted_seq
    from {written}
    where minted_seq = $minted
"""
# What was merged before keeps its number; what has parted is no merge any more.
_MERGED = f"""
    create or replace temp table identity_merged as
    with merged as (
        select {KEY.format("identifier_id")} as merged_customer_id, customer_id
        from {{written}}
        where minted_seq is not null and person <> node
    )

    select merged.*, coalesce(known.merged_seq, $sequence) as merged_seq
    from merged
    left join identity.customer_merges as known
        on
            merged.merged_customer_id = known.merged_customer_id
            and merged.customer_id = known.customer_id
"""
_FORGOTTEN = f"""
    delete from identity.customer_merges
    where
        merged_customer_id in (
            select {KEY.format("identifier_id")}
            from before
            where minted_seq is not null and person <> node
        )
"""


def find(con: duckdb.DuckDBPyConnection, touched: Touched, labels: Nodes) -> Persons:
    """Say whose key each person has: the oldest key's, else that of who was seen first.

    Args:
        con: with the models and, of a night, what changed in them.
        touched: the nodes that are looked at.
        labels: each one's person, numbered from 0.
    """
    best = np.flatnonzero(_is_least(labels, touched.minted))
    best = best[_is_least(labels[best], touched.seen[best])]
    places = np.empty(int(labels.max()) + 1 if len(labels) else 0, dtype=np.int64)
    places[labels[best]] = best
    is_tied = np.bincount(labels[best], minlength=len(places)) > 1
    if is_tied.any():
        tied = best[is_tied[labels[best]]]
        columns = {"label": labels[tied], "node": touched.nodes[tied], "place": tied}
        with arrays(con, "identity_tied", **columns):
            described = _ALL_DESCRIBED if touched.is_whole else _DESCRIBED
            first = con.execute(_FIRST_BY_VALUE.format(described=described))
            label, place = first.fetchnumpy().values()
        places[label] = place
    row = con.execute("select max(minted_seq) from identity.customer_keys").fetchone()
    minted = touched.minted.copy()
    minted[places[minted[places] == NOT_MINTED]] = 1 + (row[0] or 0 if row else 0)
    order = np.argsort(places)
    numbers = np.empty(len(places), dtype=np.int32)
    numbers[order] = np.arange(len(places), dtype=np.int32)
    labels = numbers[labels]
    anchors = touched.nodes[places[order]]
    return Persons(labels, anchors, anchors[labels], minted)


def _is_least(labels: Nodes, ranks: Ranks) -> npt.NDArray[np.bool_]:
    """Whether nobody of the same label has a smaller rank."""
    least = np.full(int(labels.max()) + 1 if len(labels) else 0, NOT_MINTED, dtype=np.int64)
    np.minimum.at(least, labels, ranks)
    smallest: npt.NDArray[np.bool_] = ranks == least[labels]
    return smallest


def write(
    con: duckdb.DuckDBPyConnection, touched: Touched, persons: Persons, sequence: int
) -> None:
    """Write the keys that were minted, note merges and forget those that have parted.

    Args:
        con: within a transaction, after the bridge was written.
        touched: the nodes that were looked at, as they were.
        persons: who they are now.
        sequence: the number of this resolution.
    """
    written = IDENTIFIERS if touched.is_whole else "now"
    # All that are new have one number, and nobody had it before.
    minted = persons.minted[persons.minted != touched.minted]
    if len(minted):
        con.execute(_MINT.format(written=written), {"minted": int(minted[0])})
    con.execute(_MERGED.format(written=written), {"sequence": sequence})
    con.execute("delete from identity.customer_merges" if touched.is_whole else _FORGOTTEN)
    con.execute("insert into identity.customer_merges by name from identity_merged")
    con.execute("drop table identity_merged")


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
    with attached(con, published):
        if not has_table(con, "identity", "customer_keys", NAME):
            return 0
        taken = con.execute(
            f"insert into identity.customer_keys from {NAME}.identity.customer_keys"
        ).fetchone()
        return int(taken[0]) if taken else 0
