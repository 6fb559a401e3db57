"""The night's probable persons and households, and what is looked at of them.

What fails here stops nobody: who is certainly one person is published all the same, with the last
probable persons and households there were. Figures and limits belong here, the finding itself to
matching.py and households.py.
"""

from __future__ import annotations

import duckdb

from identity import alarms, households, matching
from identity.alarms import Alarm

NAME, HOUSEHOLDS = "probable_persons", "households"
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
        return _failed(NAME, "the last probable persons", error)
    if found is None:
        return Alarm(NAME, {"records": 0.0})
    figures = _figures(con, found)
    alarms.keep(con, figures)
    return Alarm(NAME, figures, _wrong(found, figures))


def look_at_households(con: duckdb.DuckDBPyConnection) -> Alarm:
    """Find who lives together, and keep the figures for the next night.

    Args:
        con: the build file, writable, resolved and matched.
    """
    try:
        found = households.find(con)
    except Exception as error:
        return _failed(HOUSEHOLDS, "the last households", error)
    figures = {
        "households": float(found.households),
        "persons_in_households": float(found.persons),
        "persons_of_largest_household": float(found.largest),
        "households_refused": float(found.refused),
    }
    alarms.keep(con, figures)
    wrong: tuple[str, ...] = ()
    if found.refused:
        wrong = (
            f"{found.refused} groups of more than {households.MOST_PERSONS} persons hang together"
            " by what they share and are no households",
        )
    return Alarm(HOUSEHOLDS, figures, wrong)


def _failed(name: str, what: str, error: Exception) -> Alarm:
    why = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    told = (
        f"it failed ({why}); {what} stay in force. Run the night again; where it fails again, the"
        " error says at what."
    )
    return Alarm(name, {}, (told,))


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
