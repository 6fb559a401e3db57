"""The bridge from identifier to customer, and what has changed in it since the last resolution.

Belongs here: writing identity_graph.identifiers, which identity.customer_identifiers shows, and
identity.identifier_changes. Who is whose person has been decided before, in numbers; here the
numbers become names again.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from identity.graph import Nodes
from identity.kept import (
    IDENTIFIERS,
    IDENTIFIERS_COLUMNS,
    NONE,
    NOT_MINTED,
    Persons,
    Touched,
    arrays,
)
from identity.keys import KEY
from identity.published import has_table

_VIEW = f"""
    create or replace view identity.customer_identifiers as
    select
        identifier_id,
        identifier_type,
        identifier_value,
        customer_id,
        first_seen_at,
        last_seen_at
    from {IDENTIFIERS}
"""
DDL = (
    _VIEW,
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

_ALL_CUSTOMERS = f"""
    select {KEY.format("identifier_id")} as customer_id
    from intermediate.int_identity__identifiers
    where rowid in (select person from identity_persons)
    order by rowid
"""
_ALL_ROWS = f"""
    insert into {IDENTIFIERS} by name
    select
        placed.*,
        identifiers.identifier_id,
        identifiers.identifier_type,
        identifiers.identifier_value,
        identifiers.first_seen_at,
        identifiers.last_seen_at
    from intermediate.int_identity__identifiers as identifiers
    inner join identity_placed as placed on identifiers.rowid = placed.node
"""
# Who has another place than before, or has changed otherwise, or is no more; and whose person they
# are now.
_BEFORE = (
    """
    create or replace temp table rewritten as
    select node from identity_placed
    union
    select named.node
    from named
    inner join changed_identifiers as changed on named.identifier_id = changed.identifier_id
    union
    select node from withdrawn
    """,
    f"""
    create or replace temp table before as
    select *
    from {IDENTIFIERS}
    where
        node in (
            select node from rewritten
            union
            select person from identity_placed
        )
    """,
)
_NOW = f"""
    create or replace temp table now as
    with customers as (
        select node as person, {KEY.format("identifier_id")} as customer_id
        from (
            select node, identifier_id from before
            union all
            select node, identifier_id from named where is_new
        )
        where node in (select person from identity_placed)
    ),

    placed as (
        select placed.*, customers.customer_id
        from identity_placed as placed
        inner join customers on placed.person = customers.person
        union all by name
        select node, minted_seq, component, person, customer_id
        from before
        where node not in (select node from identity_placed)
    ),

    described as (
        select
            named.node,
            changed.identifier_id,
            changed.identifier_type,
            changed.identifier_value,
            changed.first_seen_at,
            changed.last_seen_at,
            changed.seen_rank
        from changed_identifiers as changed
        inner join named on changed.identifier_id = named.identifier_id
        union all by name
        select
            node,
            identifier_id,
            identifier_type,
            identifier_value,
            first_seen_at,
            last_seen_at,
            seen_rank
        from before
        where
            node in (select node from rewritten)
            and identifier_id not in (select identifier_id from changed_identifiers)
    )

    select
        described.*,
        placed.minted_seq,
        placed.component,
        placed.person,
        placed.customer_id
    from described
    inner join placed on described.node = placed.node
"""
_WRITE = (
    f"delete from {IDENTIFIERS} where node in (select node from rewritten)",
    f"insert into {IDENTIFIERS} by name from now",
    # From here on it says who was another or is no more.
    "delete from before where node not in (select node from rewritten)",
)
_CHANGES = """
    insert into identity.identifier_changes
    select $sequence, before.identifier_id, before.customer_id, now.customer_id
    from {before} as before
    left join {now} as now using ({key})
    where before.customer_id is distinct from now.customer_id
"""


def take_over_table(con: duckdb.DuckDBPyConnection) -> None:
    """Take over what a build file made before 2027 has as a table; until none has.

    Its identifiers have no numbers, so the next resolution reads everything and says who changed.
    """
    if not has_table(con, "identity", "customer_identifiers"):
        return
    con.execute("begin")
    con.execute(f"insert into {IDENTIFIERS} by name from identity.customer_identifiers")
    con.execute("drop table identity.customer_identifiers")
    con.execute("drop table if exists identity_graph.names")
    con.execute("drop table if exists identity_graph.nodes")
    con.execute("commit")


def write(
    con: duckdb.DuckDBPyConnection,
    touched: Touched,
    components: Nodes,
    persons: Persons,
    sequence: int,
) -> int:
    """Bring the bridge up to date and note what has changed in it.

    Args:
        con: within a transaction. Afterwards, of a night, the temporary tables `before` and `now`
            hold the rows that were taken out and those that were written in their place.
        touched: the nodes that were looked at.
        components: of each of them.
        persons: who they are now.
        sequence: the number of this resolution.

    Returns:
        How many identifiers have another customer than before, or none any more.
    """
    placed = pa.table(
        {
            "node": touched.nodes,
            "minted_seq": pa.array(persons.minted, mask=persons.minted == NOT_MINTED),
            "component": components,
            "person": persons.of_nodes,
        }
    )
    if touched.is_whole:
        placed = placed.append_column("seen_rank", pa.array(touched.seen))
        return _write_all(con, placed, persons, sequence)
    is_placed = (
        (touched.components == NONE)
        | (components != touched.components)
        | (persons.of_nodes != touched.persons)
        | (persons.minted != touched.minted)
    )
    con.register("identity_placed", placed.filter(pa.array(is_placed)))
    for statement in (*_BEFORE, _NOW, *_WRITE):
        con.execute(statement)
    con.unregister("identity_placed")
    return _note_changes(con, "before", "now", "node", sequence)


def _write_all(
    con: duckdb.DuckDBPyConnection, placed: pa.Table, persons: Persons, sequence: int
) -> int:
    # Each customer's name is there once and comes to the identifiers by number, not by a join.
    with arrays(con, "identity_persons", person=persons.anchors):
        ids = con.execute(_ALL_CUSTOMERS).to_arrow_table().column("customer_id").combine_chunks()
    customers = pa.DictionaryArray.from_arrays(persons.labels, ids)
    con.execute(f"alter table {IDENTIFIERS} rename to previous_identifiers")
    con.execute(f"create table {IDENTIFIERS} {IDENTIFIERS_COLUMNS}")
    con.register("identity_placed", placed.append_column("customer_id", customers))
    con.execute(_ALL_ROWS)
    con.unregister("identity_placed")
    # Numbers are others than before, names are not.
    previous = "identity_graph.previous_identifiers"
    changed = _note_changes(con, previous, IDENTIFIERS, "identifier_id", sequence)
    con.execute("drop table identity_graph.previous_identifiers")
    return changed


def _note_changes(
    con: duckdb.DuckDBPyConnection, before: str, now: str, key: str, sequence: int
) -> int:
    # The first time nobody was there before: a join with nobody would all the same read everybody.
    if not con.execute(f"select 1 from {before} limit 1").fetchone():
        return 0
    changes = _CHANGES.format(before=before, now=now, key=key)
    changed = con.execute(changes, {"sequence": sequence}).fetchone()
    return int(changed[0]) if changed else 0
