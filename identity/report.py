"""How right the persons are, held against a list of who is who.

Belongs here: scores, pairwise and per person, and the worst errors. The truth is the caller's: rows
of identifiers with the person each is of. Where the list comes from does not belong here.

Pairs are of identifiers. Recall counts the pairs that any evidence connects: what one person's
identifiers were seen with, whether or not a rule refused it. At the probable level the records
of a person count as connected too, for they tell names and addresses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa

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
_FALSE_MERGES = """
    select {found}, count(distinct person_id),
        list_sort(list(distinct name))[:6]
    from scored group by {found}
    having count(distinct person_id) > 1
    order by count(distinct person_id) desc, count(*) desc, {found}
    limit $most
"""
_MISSES = """
    select component, count(distinct {found}), list_sort(list(distinct name))[:6]
    from scored inner join reachable using (node)
    group by component
    having count(distinct {found}) > 1
    order by count(distinct {found}) desc, count(*) desc, component
    limit $most
"""
_OVER_SHARED = """
    select count(*)
    from intermediate.int_identity__candidate_edges as edges
    inner join truth
        on (edges.left_type, edges.left_value) = (truth.identifier_type, truth.identifier_value)
        or (edges.right_type, edges.right_value) = (truth.identifier_type, truth.identifier_value)
    where
        not edges.is_withdrawn
        and edges.refusal_reason is null
        and edges.right_value is not null
        and edges.is_person_link
        and truth.persons > 1
"""


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
        false_merges: the worst, as (customer, persons, some identifiers).
        misses: the worst, as (customers, some identifiers).
    """

    level: str
    pairs: int
    precision: float
    recall: float
    whole_precision: float
    whole_recall: float
    false_merges: list[tuple[str, int, list[str]]] = field(default_factory=list)
    misses: list[tuple[int, list[str]]] = field(default_factory=list)

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


def scores(con: duckdb.DuckDBPyConnection, truth: pa.Table) -> list[Score]:
    """Score a build file at both levels.

    Args:
        con: the build file, with the models of identity and the bridge.
        truth: `identifier_type`, `identifier_value`, `person_id` (null where it is nobody's own)
            and `persons`, how many use it.

    Returns:
        One score per level, the certain one first.
    """
    con.register("truth", truth)
    con.execute(_SCORED)
    return [_score(con, level, found) for level, found in LEVELS.items()]


def links_over_shared(con: duckdb.DuckDBPyConnection, truth: pa.Table) -> int:
    """How many accepted links touch an identifier that several persons use."""
    con.register("truth", truth)
    row = con.execute(_OVER_SHARED).fetchone()
    return int(row[0]) if row else 0


def _score(con: duckdb.DuckDBPyConnection, level: str, found: str) -> Score:
    _reach(con, with_records=level == "probable")
    row = con.execute(_COUNTS.format(found=found)).fetchone()
    assert row is not None
    pairs, right, reachable, reached, customers, persons, whole = (int(each) for each in row)
    most = {"most": MOST_SHOWN}
    return Score(
        level,
        pairs,
        right / pairs if pairs else 1.0,
        reached / reachable if reachable else 1.0,
        whole / customers if customers else 1.0,
        whole / persons if persons else 1.0,
        con.execute(_FALSE_MERGES.format(found=found), most).fetchall(),
        [
            (count, names)
            for _, count, names in con.execute(_MISSES.format(found=found), most).fetchall()
        ],
    )


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
    con.register("reachable", pa.table({"node": np.arange(nodes), "component": graph.labels}))


def lines(found: Iterable[Score], shared: int) -> list[str]:
    """The scores as lines to read."""
    told = [
        "level      pairs        precision  recall   F1      whole persons: precision  recall   F1"
    ]
    for score in found:
        told.append(
            f"{score.level:<10} {score.pairs:>11,}  {score.precision:<9.5f}  {score.recall:<7.5f}"
            f"  {score.f1:.4f}  {'':<14} {score.whole_precision:<9.5f}"
            f"  {score.whole_recall:<7.5f}  {score.whole_f1:.4f}"
        )
    told.append(f"accepted links over an identifier that several persons use: {shared}")
    for score in found:
        told += _errors(score)
    return told


def _errors(score: Score) -> list[str]:
    told = [f"worst false merges, {score.level}:"]
    told += [
        f"  {customer}: {persons} persons, {', '.join(names)}"
        for customer, persons, names in score.false_merges
    ] or ["  none"]
    told.append(f"worst misses, {score.level}:")
    told += [
        f"  one person is {customers} customers: {', '.join(names)}"
        for customers, names in score.misses
    ] or ["  none"]
    return told
