"""What is looked at every night: figures of who is who that move when something is wrong.

Figures and their limits belong here. Where they are shown belongs to orchestration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from identity import rule_changes
from identity.resolution import Resolution, configured_most

# A family's shared mailbox or a work phone explains a few; more is a bad identifier.
MOST_EMAILS, MOST_PHONES = 10, 10
# So many persons, or so large a share of all, do not change in one night without a reason.
FEW_CHANGES, MOST_CHANGED_SHARE = 100, 0.05
# A share that falls by more than this from one night to the next.
MOST_FALL = 0.1

DDL = """
    create table if not exists identity.figures (
        figure_seq bigint,
        figure text,
        value double
    )
"""
KNOWN = """
    select bridge.customer_id
    from identity.customer_identifiers as bridge
    inner join seeds.identity_types as types
        on bridge.identifier_type = types.identifier_type
    where types.is_known
"""
_COMPONENTS = """
    select coalesce(max(identifiers), 0)
    from (
        select count(*) as identifiers from identity.customer_identifiers group by customer_id
    )
"""
_CROWDED = """
    select customer_id, count(*)
    from identity.customer_identifiers
    where identifier_type = $type
    group by customer_id
    having count(*) > $most
    order by count(*) desc, customer_id
"""
_KNOWN_TOUCHES = f"""
    select coalesce(avg(case when bridge.customer_id in ({KNOWN}) then 1.0 else 0.0 end), 0)
    from intermediate.int_touchpoints as touchpoints
    left join identity.customer_identifiers as bridge
        on touchpoints.identifier_id = bridge.identifier_id
    where not touchpoints.is_withdrawn and not touchpoints.is_machine
"""
# Of what a source has seen of people, the share that leads to somebody known.
_MATCH_RATES = f"""
    select
        edges.source,
        count(distinct edges.left_identifier_id) filter (
            bridge.customer_id in ({KNOWN})
        ) / count(distinct edges.left_identifier_id)
    from intermediate.int_identity__candidate_edges as edges
    left join identity.customer_identifiers as bridge
        on edges.left_identifier_id = bridge.identifier_id
    where not edges.is_withdrawn
    group by edges.source
    order by edges.source
"""
# What was decided last, if it was decided now.
_MERGES = """
    select count(*) from identity.customer_merges
    where merged_seq = (select max(change_seq) from identity.identifier_changes)
"""
_SPLITS = """
    select count(distinct changes.customer_id)
    from identity.identifier_changes as changes
    where
        changes.change_seq = (select max(change_seq) from identity.identifier_changes)
        and changes.customer_id is not null
        and changes.previous_customer_id in (
            select customer_id from identity.customer_identifiers
        )
"""


@dataclass(frozen=True)
class Alarm:
    """One thing that was looked at.

    Attributes:
        name: what, as the check is called.
        figures: name → value.
        wrong: what is wrong, in sentences; none where all is well.
        told: what a person wants to know though nothing is wrong.
    """

    name: str
    figures: dict[str, float]
    wrong: tuple[str, ...] = ()
    told: str = ""


def look(con: duckdb.DuckDBPyConnection, found: Resolution) -> list[Alarm]:
    """Look at tonight's resolution and keep its figures for the next night.

    Args:
        con: the build file, writable, just resolved.
        found: what the resolution found.

    Returns:
        One alarm per name in `identity.ALARMS`, in that order, but
        those of probable persons and of rules.
    """
    con.execute(DDL)
    before = dict(
        con.execute(
            "select figure, arg_max(value, figure_seq) from identity.figures group by figure"
        ).fetchall()
    )
    alarms = [
        _largest(con, found),
        _contacts(con),
        _share("known_touches", {"known_touches": _number(con, _KNOWN_TOUCHES)}, before),
        _changes(con, found),
        _share("match_rates", dict(con.execute(_MATCH_RATES).fetchall()), before),
    ]
    keep(con, {figure: value for alarm in alarms for figure, value in alarm.figures.items()})
    return alarms


def rules(problems: Mapping[str, Sequence[str]]) -> Alarm:
    """Files of rules with errors; what was loaded of them last stays in force.

    Args:
        problems: seed → what is wrong with its file, by line.
    """
    wrong = tuple(
        f"the last good {seed} stay in force: {'; '.join(problems[seed])}" for seed in problems
    )
    return Alarm("rules", {"files_with_errors": float(len(problems))}, wrong)


def keep(con: duckdb.DuckDBPyConnection, figures: dict[str, float]) -> None:
    """Keep a night's figures for the next nights."""
    con.execute(DDL)
    sequence = _number(con, "select coalesce(max(figure_seq), 0) + 1 from identity.figures")
    for figure, value in figures.items():
        con.execute("insert into identity.figures values (?, ?, ?)", [sequence, figure, value])


def _largest(con: duckdb.DuckDBPyConnection, found: Resolution) -> Alarm:
    largest = _number(con, _COMPONENTS)
    wrong = list(found.problems)
    if largest > configured_most(con) / 2:
        wrong.append(f"one person has {largest:,.0f} identifiers: look for what links them")
    figures = {"identifiers_of_largest": largest, "links_refused": float(found.refused)}
    return Alarm("largest_person", figures, tuple(wrong))


def _contacts(con: duckdb.DuckDBPyConnection) -> Alarm:
    figures, wrong = {}, []
    for kind, most in (("email", MOST_EMAILS), ("phone", MOST_PHONES)):
        crowded = con.execute(_CROWDED, {"type": kind, "most": most}).fetchall()
        figures[f"persons_with_over_{most}_{kind}s"] = float(len(crowded))
        if crowded:
            customer, count = crowded[0]
            wrong.append(
                f"{len(crowded)} persons have more than {most} {kind}s, {customer} has {count}"
            )
    return Alarm("emails_and_phones", figures, tuple(wrong))


def _changes(con: duckdb.DuckDBPyConnection, found: Resolution) -> Alarm:
    is_new = found.changed > 0
    figures = {
        "identifiers_changed": float(found.changed),
        "persons_merged": _number(con, _MERGES) if is_new else 0.0,
        "persons_parted": _number(con, _SPLITS) if is_new else 0.0,
        "rules_changed": float(len(found.rules)),
    }
    wrong: tuple[str, ...] = ()
    if found.changed > max(FEW_CHANGES, MOST_CHANGED_SHARE * found.identifiers):
        wrong = (
            f"{found.changed:,} of {found.identifiers:,} identifiers belong to another person than"
            " the night before: did a rule change, or did a source send wrong identifiers?",
        )
    return Alarm("changes", figures, wrong, rule_changes.whom(con, found.rules))


def _share(name: str, shares: dict[str, float], before: dict[str, float]) -> Alarm:
    wrong = tuple(
        f"{figure} fell from {before[figure]:.0%} to {share:.0%}"
        for figure, share in shares.items()
        if figure in before and before[figure] - share > MOST_FALL
    )
    return Alarm(name, shares, wrong)


def _number(con: duckdb.DuckDBPyConnection, query: str) -> float:
    row = con.execute(query).fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0
