"""Which customers are probably one person, and which links say so.

From scored pairs of records to pairs of customers, to groups of them, to the tables
identity.probable_links and identity.probable_persons. The grouping itself is clusters.py's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa

from identity import clusters, matching_model
from identity.clusters import Pairs
from identity.comparisons import COMPARISONS
from identity.matching_model import Model

TABLES = ("identity.probable_links", "identity.probable_persons")
DDL = (
    "create schema if not exists identity",
    # Pairs of customers that are likelier one person than not, and what became of each.
    """
    create table if not exists identity.probable_links (
        left_identifier_id text,
        right_identifier_id text,
        left_customer_id text,
        right_customer_id text,
        match_probability double,
        match_weight double,
        evidence text,
        is_followed boolean,
        refusal_reason text
    )
    """,
    # Customers who are probably one person with others; who is not in it stands for themselves.
    """
    create table if not exists identity.probable_persons (
        customer_id text,
        probable_customer_id text,
        match_probability double
    )
    """,
)
OTHER_RECORDS = "other records of the two speak against it"

_CUSTOMER_LINKS = """
    create table customer_links as
    select
        least(one.customer_id, other.customer_id) as left_customer_id,
        greatest(one.customer_id, other.customer_id) as right_customer_id,
        max(pairs.bits) as bits,
        arg_max(pairs.evidence, pairs.bits) as evidence,
        arg_max(
            case when one.customer_id < other.customer_id then [one.record_id, other.record_id]
                else [other.record_id, one.record_id] end,
            (pairs.bits, pairs.record_id_l, pairs.record_id_r)
        ) as record_ids
    from pairs
    inner join records as one on pairs.record_id_l = one.record_id
    inner join records as other on pairs.record_id_r = other.record_id
    where one.customer_id <> other.customer_id
    group by all
"""
# All that two customers ever gave, each with each.
_ALL_PAIRS = """
    create table all_pairs as
    with

    members as (
        select records.record_id, records.customer_id, bounded.component
        from bounded
        inner join records using (customer_id)
    )

    select
        least(one.record_id, other.record_id) as join_key_l,
        greatest(one.record_id, other.record_id) as join_key_r
    from members as one
    inner join members as other using (component)
    where one.customer_id < other.customer_id
"""
# Decided apart, or each with a customer number of its own from one and the same issuer.
_FORBIDDEN = """
    with

    numbers as (
        select
            customer_id,
            case when contains(identifier_value, ':') then split_part(identifier_value, ':', 1) end
                as issuer,
            identifier_value
        from identity.customer_identifiers
        where identifier_type = 'customer_number'
    ),

    forbidden as (
        select
            one.customer_id as one,
            other.customer_id as other,
            'decision: split by ' || decisions.decided_by as reason
        from identity.decisions as decisions
        inner join identity.customer_identifiers as one
            on
                decisions.one_type = one.identifier_type
                and decisions.one_value = one.identifier_value
        inner join identity.customer_identifiers as other
            on
                decisions.other_type = other.identifier_type
                and decisions.other_value = other.identifier_value
        where decisions.decision = 'split'
        union all
        select one.customer_id, other.customer_id, 'each has a customer number of its own'
        from numbers as one
        inner join numbers as other on one.issuer is not distinct from other.issuer
        where
            one.identifier_value <> other.identifier_value
            and one.customer_id in (select customer_id from asked)
            and other.customer_id in (select customer_id from asked)
    )

    select
        least(one, other) as left_customer_id,
        greatest(one, other) as right_customer_id,
        min(reason) as reason
    from forbidden
    where one <> other
    group by all
"""


@dataclass
class Found:
    """What the pairs made of customers.

    Attributes:
        links: rows of identity.probable_links.
        groups: customer → the first of their group; only customers with links.
        weakest: group → the least probability of a link in it.
        followed: how many links were followed.
        refused: refusal reason → how many were not.
    """

    links: list[tuple[object, ...]] = field(default_factory=list)
    groups: dict[str, str] = field(default_factory=dict)
    weakest: dict[str, float] = field(default_factory=dict)
    followed: int = 0
    refused: dict[str, int] = field(default_factory=dict)


def find(con: duckdb.DuckDBPyConnection, bench: duckdb.DuckDBPyConnection, model: Model) -> Found:
    """Group the customers.

    Args:
        con: the build file, for what is decided and known of customers.
        bench: with `records`, `pairs` and `frequencies`.
        model: by which all records of two customers are compared.
    """
    least = float(np.log2(model.threshold) - np.log2(max(1e-12, 1 - model.threshold)))
    bench.execute(_CUSTOMER_LINKS)
    rows = bench.execute(
        "select left_customer_id, right_customer_id, bits, evidence, record_ids"
        " from customer_links order by all"
    ).fetchall()
    strong = [row for row in rows if row[2] >= least]
    names = sorted({name for row in strong for name in row[:2]})
    numbers = {name: number for number, name in enumerate(names)}
    bounded = clusters.bounded_components(len(names), _pairs(numbers, strong, {}))
    complete = _complete(bench, model, names, bounded)
    forbidden = _forbidden(con, names)
    grouped = clusters.cluster(len(names), _pairs(numbers, complete, forbidden), least)
    refused = {
        (names[one], names[other]): reason
        for reasons in (grouped.refused, bounded.refused)
        for (one, other), reason in reasons.items()
    }
    groups = {name: names[int(grouped.labels[number])] for name, number in numbers.items()}
    bits = {(row[0], row[1]): row[2] for row in complete}
    return _told(rows, bits, groups, refused, model, least)


def _pairs(
    numbers: dict[str, int],
    rows: list[tuple[str, str, float, str, list[str]]] | list[tuple[str, str, float, bool]],
    forbidden: dict[tuple[str, str], str],
) -> Pairs:
    return Pairs(
        np.array([numbers[row[0]] for row in rows], dtype=np.int32),
        np.array([numbers[row[1]] for row in rows], dtype=np.int32),
        np.array([row[2] for row in rows], dtype=np.float64),
        [forbidden.get((row[0], row[1]), "") for row in rows],
        np.array([row[3] is True for row in rows], dtype=np.bool_),
    )


def _complete(
    bench: duckdb.DuckDBPyConnection, model: Model, names: list[str], bounded: clusters.Clusters
) -> list[tuple[str, str, float, bool]]:
    """Every pair of customers who hang together, by all their records.

    A record that leaves something out agrees with anybody: where the two have both said it
    elsewhere, and it differs, the pair counts no more than those records.
    """
    bench.register("bounded", pa.table({"customer_id": names, "component": bounded.labels}))
    bench.execute(_ALL_PAIRS)
    bench.unregister("bounded")
    matching_model.score(bench, model, "all_pairs", "all_scores")
    bench.execute(
        "create or replace table together as select * replace (-log2("
        f" {model.household_rate / model.same_rate:.17e} * pow(2, household_shift)"
        " + pow(2, -weight)) as bits) from all_scores"
    )
    told = [
        f"gamma_{each.name} >= 0"
        for each in COMPARISONS
        if each.levels[0].h is not None and each.name in model.compared
    ]
    own = [
        f"case when max(gamma_{each.name}) = 0 then max(bits) filter (gamma_{each.name} = 0) end"
        for each in COMPARISONS
        if each.levels[0].h is not None and each.name in model.compared
    ]
    return bench.execute(
        f"""
        select
            least(one.customer_id, other.customer_id) as left_customer_id,
            greatest(one.customer_id, other.customer_id) as right_customer_id,
            least({", ".join(["max(bits)", *own])}) as bits,
            bool_or({" and ".join(told) or "true"}) as is_informed
        from together
        inner join records as one on together.record_id_l = one.record_id
        inner join records as other on together.record_id_r = other.record_id
        group by left_customer_id, right_customer_id
        order by all
        """
    ).fetchall()


def _forbidden(con: duckdb.DuckDBPyConnection, names: list[str]) -> dict[tuple[str, str], str]:
    con.register("asked", pa.table({"customer_id": pa.array(names, pa.string())}))
    try:
        return {(one, other): reason for one, other, reason in con.execute(_FORBIDDEN).fetchall()}
    finally:
        con.unregister("asked")


def _told(
    rows: list[tuple[str, str, float, str, list[str]]],
    bits: dict[tuple[str, str], float],
    groups: dict[str, str],
    refused: dict[tuple[str, str], str],
    model: Model,
    least: float,
) -> Found:
    found = Found(groups=groups)
    for one, other, record_bits, evidence, (left, right) in rows:
        all_bits = min(record_bits, bits.get((one, other), record_bits))
        probability = 1 / (1 + 2.0**-record_bits)
        is_followed = all_bits >= least and groups.get(one, one) == groups.get(other, other)
        reason = None
        if is_followed:
            found.followed += 1
            group = groups[one]
            found.weakest[group] = min(found.weakest.get(group, 1.0), probability)
        else:
            reason = refused.get((one, other)) or (
                OTHER_RECORDS
                if record_bits >= least
                else f"less likely than {model.threshold:.1%}, from which on links are followed"
            )
            found.refused[reason] = found.refused.get(reason, 0) + 1
        found.links.append(
            (left, right, one, other, probability, record_bits, evidence, is_followed, reason)
        )
    return found


def write(con: duckdb.DuckDBPyConnection, found: Found) -> None:
    """Replace the tables; the oldest key of a group stands for it.

    Args:
        con: the build file, within a transaction.
        found: what to write.
    """
    for table in TABLES:
        con.execute(f"delete from {table}")
    columns = [row[0] for row in con.execute("describe identity.probable_links").fetchall()]
    rows = [dict(zip(columns, link, strict=True)) for link in found.links]
    if rows:
        con.register("told", pa.Table.from_pylist(rows))
        con.execute("insert into identity.probable_links by name select * from told")
        con.unregister("told")
    members = [
        {"customer_id": name, "group_name": group, "probability": found.weakest[group]}
        for name, group in found.groups.items()
        if group in found.weakest
    ]
    if members:
        con.register("members", pa.Table.from_pylist(members))
        con.execute(
            """
            insert into identity.probable_persons
            select
                members.customer_id,
                first_value(members.customer_id) over (
                    partition by members.group_name
                    order by keys.minted_seq nulls last, seen.first_seen_at, members.customer_id
                ),
                members.probability
            from members
            left join identity.customer_keys as keys using (customer_id)
            left join (
                select customer_id, min(first_seen_at) as first_seen_at
                from identity.customer_identifiers
                group by customer_id
            ) as seen using (customer_id)
            """
        )
        con.unregister("members")


def told(con: duckdb.DuckDBPyConnection, one: str, other: str) -> list[str]:
    """Whether two customers are probably one person, and what says so or keeps them apart.

    Args:
        con: a file with the identity tables; one of an older version may not have these.
        one: a customer_id.
        other: another.

    Returns:
        Lines to read, none where nothing was found.
    """
    is_there = con.execute(
        "select 1 from duckdb_tables() where schema_name = 'identity'"
        " and table_name = 'probable_links' and database_name = current_database()"
    ).fetchone()
    if not is_there:
        return []
    links = con.execute(
        "select match_probability, evidence, refusal_reason from identity.probable_links"
        " where left_customer_id = least($one, $other)"
        " and right_customer_id = greatest($one, $other)",
        {"one": one, "other": other},
    ).fetchall()
    lines = [
        f"  {probability:.2%}: {evidence}" + (f" (not followed: {reason})" if reason else "")
        for probability, evidence, reason in links
    ]
    person = con.execute(
        "select one.probable_customer_id from identity.probable_persons as one"
        " inner join identity.probable_persons as other using (probable_customer_id)"
        " where one.customer_id = ? and other.customer_id = ?",
        [one, other],
    ).fetchone()
    if person:
        return [f"They are probably one person, {person[0]}:", *lines]
    return ["They may be one person:", *lines] if lines else []
