"""The bridge from identifier to customer, and what has changed in it since the last resolution.

Belongs here: writing identity.customer_identifiers and identity.identifier_changes. Who is whose
person has been decided before, in numbers; here the numbers become names again.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from identity.kept import Persons, Touched, arrays
from identity.keys import KEY

# Text takes longer to compress than to write; what is published is compressed all the same.
_COLUMNS = """(
    identifier_id text using compression uncompressed,
    identifier_type text,
    identifier_value text using compression uncompressed,
    customer_id text using compression uncompressed,
    first_seen_at timestamp,
    last_seen_at timestamp
)"""
DDL = (
    f"create table if not exists identity.customer_identifiers {_COLUMNS}",
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

# Who has another person than before, or has changed otherwise. All their names, and those of their
# persons, are looked up at once.
_REWRITTEN = (
    """
    create or replace temp table renumbered as
    select node, person from identity_moved
    union all
    select node, person from named where node not in (select node from identity_moved)
    """,
    """
    create or replace temp table spelled as
    select node, identifier_id
    from identity_graph.names
    where
        node in (
            select node from renumbered
            union
            select person from renumbered
        )
    """,
    """
    create or replace temp table rewritten as
    select renumbered.node, renumbered.person, spelled.identifier_id
    from renumbered
    inner join spelled on renumbered.node = spelled.node
    """,
)
_CUSTOMERS = f"""
    create or replace temp table identity_customers as
    select
        node as person,
        identifier_id as anchor_identifier_id,
        {KEY.format("identifier_id")} as customer_id
    from {{names}}
    where node in (select person from {{persons}})
"""
_ALL_IDS = """
    select customers.customer_id
    from identity_customers as customers
    inner join identity_persons as persons on customers.person = persons.person
    order by persons.label
"""
_ALL_ROWS = """
    insert into identity.customer_identifiers
    select
        identifiers.identifier_id,
        identifiers.identifier_type,
        identifiers.identifier_value,
        placed.customer_id,
        identifiers.first_seen_at,
        identifiers.last_seen_at
    from intermediate.int_identity__identifiers as identifiers
    inner join identity_placed as placed on identifiers.rowid = placed.node
"""
_ROWS = """
    insert into identity.customer_identifiers by name
    select described.*, customers.customer_id
    from (
        select * exclude (seen_rank, is_withdrawn) from changed_identifiers
        union all by name
        select * exclude (place, customer_id)
        from before
        where identifier_id not in (select identifier_id from changed_identifiers)
    ) as described
    inner join rewritten on described.identifier_id = rewritten.identifier_id
    inner join identity_customers as customers on rewritten.person = customers.person
"""
_BEFORE = """
    create or replace temp table before as
    select rowid as place, *
    from identity.customer_identifiers
    where
        identifier_id in (
            select identifier_id from rewritten
            union all
            select identifier_id from withdrawn
        )
"""
_CHANGES = """
    insert into identity.identifier_changes
    select $sequence, before.identifier_id, before.customer_id, now.customer_id
    from {before} as before
    left join {now} as now on before.identifier_id = now.identifier_id
    where before.customer_id is distinct from now.customer_id
"""
_NOW = """(
    select rewritten.identifier_id, customers.customer_id
    from rewritten
    inner join identity_customers as customers on rewritten.person = customers.person
)"""


def name_customers(con: duckdb.DuckDBPyConnection, touched: Touched, persons: Persons) -> None:
    """Name the customers that are to be written, in the temporary table `identity_customers`.

    Args:
        con: within a transaction, with the nodes kept as they are now.
        touched: the nodes that were looked at.
        persons: who they are now.
    """
    if touched.is_whole:
        with arrays(con, "identity_persons", person=persons.anchors):
            names = "identity_graph.names"
            con.execute(_CUSTOMERS.format(names=names, persons="identity_persons"))
        return
    is_moved = persons.of_nodes != touched.persons
    moved = {"node": touched.nodes[is_moved], "person": persons.of_nodes[is_moved]}
    with arrays(con, "identity_moved", **moved):
        for statement in _REWRITTEN:
            con.execute(statement)
    con.execute(_CUSTOMERS.format(names="spelled", persons="rewritten"))


def write(con: duckdb.DuckDBPyConnection, touched: Touched, persons: Persons, sequence: int) -> int:
    """Bring the bridge up to date and note what has changed in it.

    Args:
        con: within a transaction, after `name_customers`.
        touched: the nodes that were looked at.
        persons: who they are now.
        sequence: the number of this resolution.

    Returns:
        How many identifiers have another customer than before, or none any more.
    """
    if touched.is_whole:
        return _write_all(con, touched, persons, sequence)
    con.execute(_BEFORE)
    con.execute(
        "delete from identity.customer_identifiers where rowid in (select place from before)"
    )
    con.execute(_ROWS)
    return _note_changes(con, "before", _NOW, sequence)


def _write_all(
    con: duckdb.DuckDBPyConnection, touched: Touched, persons: Persons, sequence: int
) -> int:
    con.execute("alter table identity.customer_identifiers rename to previous_identifiers")
    con.execute(f"create table identity.customer_identifiers {_COLUMNS}")
    # Each customer's name is there once and comes to the identifiers by number, not by a join.
    labels = np.arange(len(persons.anchors))
    with arrays(con, "identity_persons", person=persons.anchors, label=labels):
        ids = con.execute(_ALL_IDS).to_arrow_table().column("customer_id").combine_chunks()
    customers = pa.DictionaryArray.from_arrays(persons.labels, ids)
    with arrays(con, "identity_placed", node=touched.nodes, customer_id=customers):
        con.execute(_ALL_ROWS)
    return _note_changes(
        con, "identity.previous_identifiers", "identity.customer_identifiers", sequence
    )


def _note_changes(con: duckdb.DuckDBPyConnection, before: str, now: str, sequence: int) -> int:
    changed: tuple[int] | None = None
    # The first time nobody was there before: a join with nobody would all the same read everybody.
    if con.execute(f"select 1 from {before} limit 1").fetchone():
        changes = _CHANGES.format(before=before, now=now)
        changed = con.execute(changes, {"sequence": sequence}).fetchone()
    con.execute(f"drop table {before}")
    return changed[0] if changed else 0
