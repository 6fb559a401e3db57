"""Who lives together: an address, a phone or a card that few persons share.

A household is no person and joins nobody; it has a key of its own, which stays as a person's does:
minted once for the household's oldest customer, the oldest of its members' counts. How many may
share what is data (the seed identity_household_rules), what is shared is dbt's
int_households__shared; here is the graph.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from identity.graph import Graph

# Larger than any family: neighbours that a number or an address of somebody else links.
MOST_PERSONS = 12

DDL = (
    "create schema if not exists identity",
    """
    create table if not exists identity.household_keys (
        household_id text,
        anchor_customer_id text,
        minted_seq bigint
    )
    """,
    # Customers who share a household with another person.
    """
    create table if not exists identity.households (
        customer_id text,
        household_id text
    )
    """,
)
# Two customers who are probably one person are one person of a household.
_PERSONS = """
    create or replace temp table household_persons as
    select
        bridge.customer_id,
        coalesce(min(probable.probable_customer_id), bridge.customer_id) as person,
        min(keys.minted_seq) as minted_seq
    from identity.customer_identifiers as bridge
    left join identity.probable_persons as probable using (customer_id)
    left join identity.customer_keys as keys using (customer_id)
    group by bridge.customer_id
"""
_LINKS = """
    with

    shared as (
        select distinct
            shared.share_type,
            shared.shared_key,
            shared.max_persons,
            persons.person
        from intermediate.int_households__shared as shared
        inner join identity.customer_identifiers as bridge using (identifier_id)
        inner join household_persons as persons using (customer_id)
    ),

    counted as (
        select
            person,
            max_persons,
            min(person) over (partition by share_type, shared_key) as first_person,
            count(*) over (partition by share_type, shared_key) as persons
        from shared
    )

    select distinct first_person, person
    from counted
    where persons <= max_persons and first_person <> person
    order by all
"""
_MEMBERS = """
    create or replace temp table household_members as
    select
        found_households.household,
        persons.customer_id,
        persons.minted_seq
    from found_households
    inner join household_persons as persons using (person)
"""
# An anchor that was merged into another customer is where that customer is.
_ANCHORED = """
    create or replace temp table anchored_households as
    select
        members.household,
        keys.household_id,
        keys.minted_seq
    from identity.household_keys as keys
    left join identity.customer_merges as merges
        on keys.anchor_customer_id = merges.merged_customer_id
    inner join household_members as members
        on coalesce(merges.customer_id, keys.anchor_customer_id) = members.customer_id
"""
_MINT = """
    insert into identity.household_keys
    select
        md5('household|' || customer_id),
        customer_id,
        (select coalesce(max(minted_seq), 0) + 1 from identity.household_keys)
    from household_members
    where household not in (select household from anchored_households)
    qualify row_number() over (
        partition by household
        order by minted_seq nulls last, customer_id
    ) = 1
"""
_WRITE = """
    insert into identity.households
    select
        members.customer_id,
        oldest.household_id
    from household_members as members
    inner join (
        select household, arg_min(household_id, (minted_seq, household_id)) as household_id
        from anchored_households
        group by household
    ) as oldest using (household)
"""


@dataclass(frozen=True)
class Households:
    """What one night found.

    Attributes:
        households: of two persons or more.
        persons: in them.
        largest: persons of the largest.
        refused: groups too large to be a household.
    """

    households: int
    persons: int
    largest: int
    refused: int


def find(con: duckdb.DuckDBPyConnection) -> Households:
    """Write who lives together, in one transaction.

    Args:
        con: the build file, writable, resolved and matched, with
            intermediate.int_households__shared.
    """
    for statement in DDL:
        con.execute(statement)
    con.execute("begin")
    try:
        found = _find(con)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    return found


def _find(con: duckdb.DuckDBPyConnection) -> Households:
    con.execute(_PERSONS)
    links = con.execute(_LINKS).fetchall()
    names = sorted({name for link in links for name in link})
    numbers = {name: number for number, name in enumerate(names)}
    ends = np.array([[numbers[name] for name in link] for link in links], dtype=np.int32)
    left, right = ends.reshape(-1, 2).T
    labels = Graph(len(names), left, right, np.ones(len(links), dtype=np.int32)).labels
    sizes = np.bincount(labels, minlength=1)
    is_household = (sizes > 1) & (sizes <= MOST_PERSONS)
    inside = np.flatnonzero(is_household[labels]) if len(names) else np.empty(0, np.int64)
    con.register(
        "found_households",
        pa.table(
            {
                "person": pa.array([names[number] for number in inside], pa.string()),
                "household": pa.array(labels[inside], pa.int32()),
            }
        ),
    )
    con.execute(_MEMBERS)
    con.unregister("found_households")
    con.execute(_ANCHORED)
    con.execute(_MINT)
    con.execute(_ANCHORED)
    con.execute("delete from identity.households")
    con.execute(_WRITE)
    for table in ("household_persons", "household_members", "anchored_households"):
        con.execute(f"drop table {table}")
    return Households(
        int(is_household.sum()),
        len(inside),
        int(sizes[is_household].max(initial=0)),
        int((sizes > MOST_PERSONS).sum()),
    )
