"""Which rules are others than at the resolution before, and whom that changed.

Belongs here: comparing the seeds `identity_*` with those of last time. What a changed rule does to
links is dbt's business, which makes their models anew; what that does to persons is the bridge's.
"""

from __future__ import annotations

import duckdb

DDL = (
    # Every rule's lines, as they were at the last resolution.
    """
    create table if not exists identity.rule_states (
        rule text,
        content text
    )
    """,
    """
    create table if not exists identity.rule_changes (
        change_seq bigint,
        rule text
    )
    """,
    # Of a night that brought new evidence as well, all who changed are in it.
    """
    create or replace view identity.changed_with_rules as
    select
        rules.change_seq,
        rules.rules,
        changes.identifier_id,
        bridge.identifier_type,
        bridge.identifier_value,
        changes.previous_customer_id,
        changes.customer_id
    from identity.identifier_changes as changes
    inner join (
        select change_seq, string_agg(rule, ', ' order by rule) as rules
        from identity.rule_changes
        group by change_seq
    ) as rules
        on changes.change_seq = rules.change_seq
    left join identity.customer_identifiers as bridge
        on changes.identifier_id = bridge.identifier_id
    """,
)
_RULES = """
    select table_name from duckdb_tables()
    where database_name = current_database() and schema_name = 'seeds'
        and starts_with(table_name, 'identity_')
    order by table_name
"""
_CONTENT = "select coalesce(string_agg(line::text, chr(10) order by line::text), '') from {} line"
_WHOM = """
    select
        count(*),
        count(distinct previous_customer_id),
        min_by(
            struct_pack(identifier_id, previous_customer_id, customer_id),
            (customer_id is null, identifier_id)
        )
    from identity.changed_with_rules
    where change_seq = ?
"""


def note(con: duckdb.DuckDBPyConnection, sequence: int) -> tuple[str, ...]:
    """Keep which rules have changed, within the transaction of the resolution that follows them.

    Args:
        con: the build file; rules are the tables of schema seeds named `identity_*`.
        sequence: the number of this resolution.

    Returns:
        The rules that are others than before; none at the first resolution.
    """
    before = dict(con.execute("from identity.rule_states").fetchall())
    now = {rule: _content(con, rule) for (rule,) in con.execute(_RULES).fetchall()}
    changed = tuple(sorted(r for r in {*before, *now} if before.get(r) != now.get(r)))
    if not changed:
        return ()
    con.execute("delete from identity.rule_states")
    for state in now.items():
        con.execute("insert into identity.rule_states values (?, ?)", state)
    if not before:
        return ()
    for rule in changed:
        con.execute("insert into identity.rule_changes values (?, ?)", [sequence, rule])
    return changed


def whom(con: duckdb.DuckDBPyConnection, rules: tuple[str, ...]) -> str:
    """Whom the rules that have just changed changed, in a sentence; empty where none has."""
    if not rules:
        return ""
    (sequence,) = con.execute("select max(change_seq) from identity.rule_changes").fetchone() or ()
    identifiers, persons, one = con.execute(_WHOM, [sequence]).fetchone() or (0, 0, None)
    changed = f"changed: {', '.join(rules)}"
    if not identifiers:
        return f"{changed}; nobody is another person by it"
    return (
        f"{changed}; {identifiers:,} identifiers of {persons:,} persons belong to another than"
        f" before, as {one['identifier_id']}: {one['previous_customer_id']} is now"
        f" {one['customer_id'] or 'nobody'} (identity.changed_with_rules)"
    )


def _content(con: duckdb.DuckDBPyConnection, rule: str) -> str:
    (content,) = con.execute(_CONTENT.format(f'seeds."{rule}"')).fetchone() or ("",)
    return str(content)
