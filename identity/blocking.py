"""Which pairs of records are worth scoring: those that have something rare in common.

Rules and their bounds belong here. A key that too many records have (a birthday of a million
people, the commonest name of a city) says little and costs much: it is left out, and counted; the
tighter rules find its pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

# A key of so many records makes some four hundred pairs.
MOST_PER_KEY = 30

# Either name, for people write the one in the place of the other.
_NAMES = "unnest(list_distinct([given_name, surname]))"
_STREET = "replace(street, ' ', '')"
# Name → the key, in SQL over a record; null where the record has none.
RULES = {
    "names": "least(given_name, surname) || '|' || greatest(given_name, surname)",
    "birth date": "birth_date",
    "birth date and initial": "birth_date || '|' || left(given_name, 1)",
    "birth date and surname": "birth_date || '|' || left(surname, 1)",
    "address": f"{_STREET} || '|' || house_number",
    "street and postal code": f"{_STREET} || '|' || postal_code",
    "house and postal code": "house_number || '|' || postal_code",
    "name and postal code": f"{_NAMES} || '|' || postal_code",
    "name and place": f"{_NAMES} || '|' || city",
    "name and house": f"{_NAMES} || '|' || house_number",
    "place and house": "city || '|' || house_number",
    "phone": "phone",
    "e-mail": "email",
}


@dataclass(frozen=True)
class Blocked:
    """What one rule found.

    Attributes:
        pairs: of records of two customers, before other rules' pairs are taken off.
        crowded_keys: keys left out, for too many records have them.
    """

    rule: str
    pairs: int
    crowded_keys: int


def block(con: duckdb.DuckDBPyConnection) -> list[Blocked]:
    """Collect the pairs to score into `candidates`, each once.

    Args:
        con: with `records`, and in `changed` the record_id of those that are compared with all;
            records that are not changed are not compared with one another.

    Returns:
        What each rule found.
    """
    con.execute("create or replace table found_pairs (join_key_l text, join_key_r text)")
    found = [_apply(con, rule, key) for rule, key in RULES.items()]
    con.execute("create or replace table candidates as select distinct * from found_pairs")
    con.execute("drop table found_pairs")
    return found


def _apply(con: duckdb.DuckDBPyConnection, rule: str, key: str) -> Blocked:
    con.execute(
        "create or replace temp table keyed as select *,"
        " count(*) over (partition by key) as sharing,"
        " record_id in (select record_id from changed) as is_changed"
        f" from (select record_id, customer_id, {key} as key from records) where key is not null"
    )
    pairs = con.execute(
        f"""
        insert into found_pairs
        select least(one.record_id, other.record_id), greatest(one.record_id, other.record_id)
        from keyed as one
        inner join keyed as other using (key)
        where
            one.is_changed
            and one.sharing <= {MOST_PER_KEY}
            and one.customer_id <> other.customer_id
            and (one.record_id < other.record_id or not other.is_changed)
        """
    ).fetchone()
    crowded = con.execute(
        f"select count(distinct key) from keyed where sharing > {MOST_PER_KEY}"
    ).fetchone()
    con.execute("drop table keyed")
    return Blocked(rule, int(pairs[0]) if pairs else 0, int(crowded[0]) if crowded else 0)
