"""How right the persons are, held against a list of who is who.

Belongs here: scores, pairwise and per person, and the worst errors. The truth is the caller's: rows
of identifiers with the person each is of. Where the list comes from does not belong here.

Pairs are of identifiers. Recall counts the pairs that any evidence connects: what one person's
identifiers were seen with, whether or not a rule refused it. At the probable level the records
of a person count as connected too, for they tell names and addresses. Of persons that no evidence
connects to themselves, each part counts as a whole person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa

from identity import explain
from identity.graph import Graph

# Level → the column that says whom an identifier is taken for.
LEVELS = {"certain": "customer_id", "probable": "probable_customer_id"}
MOST_SHOWN = 5

# Identifiers that the warehouse knows and that are one person's, with whom they are taken for.
_SCORED = """
    create or replace temp table scored as
    select
        row_number() over (order by bridge.identifier_id) - 1 as node,
        bridge.identifier_id,
        bridge.identifier_type || ':' || bridge.identifier_value as name,
        truth.person_id,
        bridge.customer_id,
        coalesce(probable.probable_customer_id, bridge.customer_id) as probable_customer_id
    from identity.customer_identifiers as bridge
    inner join truth using (identifier_type, identifier_value)
    left join identity.probable_persons as probable using (customer_id)
    where truth.person_id is not null
"""
_EVIDENCE = """
    select one.node as left_node, other.node as right_node
    from intermediate.int_identity__candidate_edges as edges
    inner join scored as one on edges.left_identifier_id = one.identifier_id
    inner join scored as other on edges.right_identifier_id = other.identifier_id
    where not edges.is_withdrawn and one.person_id = other.person_id
"""
# Each record beside the next of the same person.
_RECORDS = """
    select left_node, right_node
    from (
        select
            scored.node as left_node,
            lead(scored.node) over (partition by scored.person_id order by scored.node)
                as right_node
        from scored
        where scored.identifier_id in (
            select identifier_id from intermediate.int_customers__unioned
            where first_name is not null or last_name is not null
        )
    )
    where right_node is not null
"""
_COUNTS = """
    with
    pairs as (
        select
            (select coalesce(sum(n * (n - 1) / 2), 0)
                from (select count(*) as n from scored group by {found})) as found,
            (select coalesce(sum(n * (n - 1) / 2), 0)
                from (select count(*) as n from scored group by {found}, person_id)) as right_ones,
            (select coalesce(sum(n * (n - 1) / 2), 0)
                from (select count(*) as n from reachable group by component)) as reachable,
            (select coalesce(sum(n * (n - 1) / 2), 0) from (
                select count(*) as n from scored inner join reachable using (node)
                group by component, {found}
            )) as reached
    ),
    -- A person is whole where they are taken for one customer, whom nobody else is taken for.
    customers as (
        select {found} as customer, count(*) as n, count(distinct person_id) as persons,
            count(distinct component) as components
        from scored inner join reachable using (node) group by all
    ),
    persons as (
        select component, count(*) as n, count(distinct {found}) as customers,
            any_value({found}) as customer
        from scored inner join reachable using (node) group by component
    )
    select
        pairs.*,
        (select count(*) from customers),
        (select count(*) from persons),
        (select count(*) from persons inner join customers using (customer)
            where persons.customers = 1 and customers.components = 1)
    from pairs
"""
# The worst, each with some names and two identifiers that show what went wrong.
_WORST = """
    select {group}, count(distinct {parts}) as n, list_sort(list(distinct name))[:6],
        list_sort(list(distinct example))[:2]
    from (
        select scored.*, component,
            first_value(identifier_id) over (partition by {group}, {parts} order by name)
                as example
        from scored inner join reachable using (node)
    )
    group by {group}
    having n > 1
    order by n desc, count(*) desc, {group}
    limit $most
"""
# What several use and whose links that count lead to more than one of them.
_MERGED_OVER_SHARED = """
    with
    shared as (
        select identifier_id
        from truth
        inner join identity.customer_identifiers using (identifier_type, identifier_value)
        where truth.persons > 1
    ),
    links as (
        select left_identifier_id as one, right_identifier_id as other, is_person_link
        from identity.identity_edges
        union all
        select right_identifier_id, left_identifier_id, is_person_link
        from identity.identity_edges
    )
    select count(*)
    from (
        select links.one
        from links
        inner join shared on links.one = shared.identifier_id
        inner join scored on links.other = scored.identifier_id
        where links.is_person_link
        group by links.one
        having count(distinct scored.person_id) > 1
    )
"""


@dataclass(frozen=True)
class Wrong:
    """A false merge or a miss.

    Attributes:
        count: how many persons one customer is, or how many customers one person is.
        names: some of the identifiers.
        why: what says so of two of them: links on the way, or what keeps them apart.
    """

    count: int
    names: list[str]
    why: list[str]


@dataclass(frozen=True)
class Score:
    """How right one level is.

    Attributes:
        level: `certain` or `probable`.
        pairs: pairs of identifiers that are taken for one person.
        precision: share of these that are.
        recall: share of the pairs any evidence connects that are taken for one person.
        whole_precision: share of customers that are just one whole person.
        whole_recall: share of persons that are just one customer.
        false_merges: the worst.
        misses: the worst.
    """

    level: str
    pairs: int
    precision: float
    recall: float
    whole_precision: float
    whole_recall: float
    false_merges: list[Wrong] = field(default_factory=list)
    misses: list[Wrong] = field(default_factory=list)

    @property
    def f1(self) -> float:
        """Pairwise, the harmonic mean of precision and recall."""
        return _mean(self.precision, self.recall)

    @property
    def whole_f1(self) -> float:
        """Of whole persons."""
        return _mean(self.whole_precision, self.whole_recall)


def _mean(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def scores(
    con: duckdb.DuckDBPyConnection, truth: pa.Table, is_every_pair: bool = False
) -> list[Score]:
    """Score a build file at both levels.

    Args:
        con: the build file, with the models of identity and the bridge.
        truth: `identifier_type`, `identifier_value`, `person_id` (null where it is nobody's own)
            and `persons`, how many use it.
        is_every_pair: count every pair of a person for recall, whatever connects it.

    Returns:
        One score per level, the certain one first.
    """
    con.register("truth", truth)
    con.execute(_SCORED)
    return [_score(con, level, found, is_every_pair) for level, found in LEVELS.items()]


def merges_over_shared(con: duckdb.DuckDBPyConnection, truth: pa.Table) -> int:
    """How many devices, numbers or hashes of several persons were taken to join some of them."""
    con.register("truth", truth)
    con.execute(_SCORED)
    row = con.execute(_MERGED_OVER_SHARED).fetchone()
    return int(row[0]) if row else 0


def _score(con: duckdb.DuckDBPyConnection, level: str, found: str, is_every_pair: bool) -> Score:
    if is_every_pair:
        con.execute(
            "create or replace temp table reachable as"
            " select node, dense_rank() over (order by person_id) as component from scored"
        )
    else:
        _reach(con, with_records=level == "probable")
    row = con.execute(_COUNTS.format(found=found)).fetchone()
    assert row is not None
    pairs, right, reachable, reached, customers, persons, whole = (int(each) for each in row)
    return Score(
        level,
        pairs,
        right / pairs if pairs else 1.0,
        reached / reachable if reachable else 1.0,
        whole / customers if customers else 1.0,
        whole / persons if persons else 1.0,
        _worst(con, found, "person_id"),
        _worst(con, "component", found),
    )


def _worst(con: duckdb.DuckDBPyConnection, group: str, parts: str) -> list[Wrong]:
    rows = con.execute(_WORST.format(group=group, parts=parts), {"most": MOST_SHOWN}).fetchall()
    return [
        Wrong(count, names, explain.explain(con, *examples)) for _, count, names, examples in rows
    ]


def _reach(con: duckdb.DuckDBPyConnection, with_records: bool) -> None:
    """Number what evidence connects, as the table `reachable`: node and component."""
    query = f"{_EVIDENCE} union all {_RECORDS}" if with_records else _EVIDENCE
    links = con.execute(query).to_arrow_table()
    row = con.execute("select count(*) from scored").fetchone()
    nodes = int(row[0]) if row else 0
    left, right = (
        links.column(name).to_numpy().astype(np.int32) for name in ("left_node", "right_node")
    )
    graph = Graph(nodes, left, right, np.ones(len(left), dtype=np.int32))
    con.register("reached", pa.table({"node": np.arange(nodes), "component": graph.labels}))
    con.execute("create or replace temp table reachable as from reached")
    con.unregister("reached")


def lines(found: Iterable[Score]) -> list[str]:
    """The scores as lines to read, and the worst errors."""
    scored = list(found)
    told = [
        "level      pairs        precision  recall   F1      whole persons: precision  recall   F1"
    ]
    for score in scored:
        told.append(
            f"{score.level:<10} {score.pairs:>11,}  {score.precision:<9.5f}  {score.recall:<7.5f}"
            f"  {score.f1:.4f}  {'':<14} {score.whole_precision:<9.5f}"
            f"  {score.whole_recall:<7.5f}  {score.whole_f1:.4f}"
        )
    for score in scored:
        told += _errors(score)
    return told


def _errors(score: Score) -> list[str]:
    told = [f"worst false merges, {score.level}:"]
    for wrong in score.false_merges:
        told += [f"  {wrong.count} persons are one customer: {', '.join(wrong.names)}"]
        told += [f"    {line}" for line in wrong.why]
    told += [] if score.false_merges else ["  none"]
    told += [f"worst misses, {score.level}:"]
    for wrong in score.misses:
        told += [f"  one person is {wrong.count} customers: {', '.join(wrong.names)}"]
        told += [f"    {line}" for line in wrong.why]
    return told + ([] if score.misses else ["  none"])
