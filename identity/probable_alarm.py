"""The night's probabilistic matching, and what is looked at of it.

What fails here stops nobody: who is certainly one person is published all the same, with the last
probable persons there were. Figures and limits belong here, matching itself to matching.py.
"""

from __future__ import annotations

import duckdb

from identity import alarms, matching
from identity.alarms import Alarm

NAME = "probable_persons"
# A person of more customers than this is looked at.
MOST_CUSTOMERS = 20


def look(con: duckdb.DuckDBPyConnection) -> Alarm:
    """Match, and keep the figures for the next night.

    Args:
        con: the build file, writable, just resolved.
    """
    try:
        found = matching.match(con)
    except Exception as error:
        why = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        return Alarm(
            NAME,
            {},
            (
                f"matching failed ({why}); the last probable persons stay in force. Run the night"
                " again; where it fails again, the error says which step.",
            ),
        )
    if found is None:
        return Alarm(NAME, {"records": 0.0})
    figures = _figures(con, found)
    alarms.keep(con, figures)
    return Alarm(NAME, figures, _wrong(found, figures))


def _figures(con: duckdb.DuckDBPyConnection, found: matching.Matching) -> dict[str, float]:
    certain, probable, largest = con.execute(
        """
        with

        known as (
            select distinct customer_id
            from identity.customer_identifiers
            inner join intermediate.int_matching__records using (identifier_id)
        ),

        persons as (
            select
                coalesce(persons.probable_customer_id, known.customer_id) as person,
                count(*) as customers
            from known
            left join identity.probable_persons as persons using (customer_id)
            group by person
        )

        select coalesce(sum(customers), 0), count(*), coalesce(max(customers), 0) from persons
        """
    ).fetchone() or (0, 0, 0)
    refused = found.persons.refused
    return {
        "records": float(found.records),
        "pairs_scored": float(found.scored),
        "crowded_keys": float(sum(found.crowded_keys.values())),
        "probable_links_followed": float(found.persons.followed),
        "probable_links_refused": float(sum(refused.values())),
        "persons_certain": float(certain),
        "persons_probable": float(probable),
        "customers_of_largest": float(largest),
        "expected_precision": found.model.precision,
        "expected_recall": found.model.recall,
        "threshold": found.model.threshold,
        "model_is_new": float(found.is_new_model),
        "model_is_learned": float(found.model.is_learned),
    }


def _wrong(found: matching.Matching, figures: dict[str, float]) -> tuple[str, ...]:
    wrong = []
    quarantined = sum(
        count for reason, count in found.persons.refused.items() if reason.startswith("quarantine")
    )
    if quarantined:
        wrong.append(f"{quarantined} links would make a probable person of too many customers")
    if figures["customers_of_largest"] > MOST_CUSTOMERS:
        wrong.append(
            f"one probable person is {figures['customers_of_largest']:.0f} customers: look for what"
            " links them in identity.probable_links"
        )
    return tuple(wrong)
