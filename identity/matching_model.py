"""How likely two records are one person: what the model is, and scoring pairs with Splink.

On a connection of its own that holds the table `records`. How its numbers are learned is
learning.py's, which pairs are scored blocking.py's, what is compared comparisons.py's, what
follows from a score probable_persons.py's.

Splink knows two kinds of pairs, of one person and of two. A household is a third: it shares
surname, address and phone, so that a twin or a son of his father's name looks like one person with
a mistake in one field. How many pairs of a household there are is learned beside how many of one
person; where there are few of the first, a differing field is a mistake, where there are many, it
is another person.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from identity.comparisons import COMPARISONS, SIMILAR, Comparison

Floats = npt.NDArray[np.float64]

# Twins have different names: in bits, how much rarer both are than either alone would make it.
NAMESAKE_TWINS = 7.0


@dataclass(frozen=True)
class Model:
    """What was learned.

    Attributes:
        settings: Splink's, with the probability of each level.
        same_rate: the share of all pairs that are of one person.
        household_rate: the share that are of two persons of one household.
        threshold: links of at least this probability are followed.
        precision: the share of these that are right, by the model's account.
        recall: the share of all pairs of one person that these are, by the same account.
        records: how many there were to learn from.
        is_learned: whether there were enough of them.
    """

    settings: dict[str, Any]
    same_rate: float
    household_rate: float
    threshold: float
    precision: float
    recall: float
    records: int
    is_learned: bool

    @property
    def compared(self) -> tuple[str, ...]:
        """The names of what is compared."""
        return tuple(each["output_column_name"] for each in self.settings["comparisons"])

    def as_json(self) -> str:
        """The model as text."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Model:
        """The model that was written so."""
        return cls(**json.loads(text))


def score(con: duckdb.DuckDBPyConnection, model: Model, pairs: str, scores: str) -> None:
    """Score pairs of records into a new table.

    Args:
        con: with `records` and `frequencies`.
        model: by which.
        pairs: a table of join_key_l and join_key_r.
        scores: the table to make: record_id_l, record_id_r, gamma_… per comparison, weight (bits
            for one person against two strangers), household_shift (bits for one household against
            one person) and bits (for one person against anything else, all told).
    """
    predicted = predict(con, model.settings, pairs)
    gammas = ", ".join(f"gamma_{name}" for name in model.compared)
    same, household, rest = (
        _literal(rate)
        for rate in (
            model.same_rate,
            model.household_rate,
            1 - model.same_rate - model.household_rate,
        )
    )
    con.execute(
        f"create or replace table {scores} as select record_id_l, record_id_r, {gammas},"
        f" {_weight(model.settings)} as weight, {_household_shift(model.settings)} as"
        f" household_shift, log2({same}) - log2({household} * pow(2, household_shift)"
        f" + {rest} * pow(2, -weight)) as bits from {predicted}"
    )
    con.execute(f"drop table {predicted}")


def probability(weight: Floats, shift: Floats, same: float, household: float) -> Floats:
    """That a pair is one person.

    Args:
        weight: bits for one person against two strangers, shape (pairs,).
        shift: bits for one household against one person, shape (pairs,).
        same: the share of all pairs that are of one person.
        household: the share that are of one household.
    """
    likely: Floats = same / (
        same + household * np.exp2(shift) + (1 - same - household) * np.exp2(-weight)
    )
    return likely


def linker_of(con: duckdb.DuckDBPyConnection, settings: dict[str, Any]) -> tuple[Any, Any]:
    """Splink over the records, with frequencies that do not move with each night.

    Args:
        con: with `records` and `frequencies`.
        settings: Splink's.

    Returns:
        Splink's linker and its database.
    """
    from splink import Linker
    from splink.backends.duckdb import DuckDBAPI

    # It warns of levels that nobody is at, which is no news: what is assumed of them stays.
    logging.getLogger("splink").setLevel(logging.ERROR)
    database = DuckDBAPI(con)
    # Nor does it look through the settings: ours are the same each night, and it takes long.
    linker = Linker(database.register("records"), settings, log_level=None, validate_settings=False)
    for column in sorted(_frequency_columns(settings)):
        con.execute(
            f"create or replace table frequencies_of_{column} as select value as {column},"
            f" frequency as tf_{column} from frequencies where column_name = '{column}'"
        )
        table = database.register(f"frequencies_of_{column}")
        linker.table_management.register_term_frequency_lookup(table, column)
    return linker, database


def _frequency_columns(settings: dict[str, Any]) -> set[str]:
    return {
        level["tf_adjustment_column"]
        for comparison in settings["comparisons"]
        for level in comparison["comparison_levels"]
        if "tf_adjustment_column" in level
    }


def count_frequencies(con: duckdb.DuckDBPyConnection) -> None:
    """How common each value is among the records, into `frequencies`."""
    con.execute(
        "create or replace table frequencies (column_name text, value text, frequency double)"
    )
    columns = {level.frequency_of for each in COMPARISONS for level in each.levels} - {""}
    for column in sorted(columns):
        other = "surname" if column == "birth_date" else "birth_date"
        persons = f"count(distinct coalesce({other}, record_id))"
        con.execute(
            f"insert into frequencies select '{column}', {column},"
            f" {persons} / sum({persons}) over () from records where {column} is not null"
            f" group by {column}"
        )


def predict(con: duckdb.DuckDBPyConnection, settings: dict[str, Any], pairs: str) -> str:
    """Let Splink score pairs.

    Args:
        con: with `records` and `frequencies`.
        settings: Splink's.
        pairs: a table of join_key_l and join_key_r.

    Returns:
        The name of the table it made.
    """
    linker, database = linker_of(con, settings)
    con.execute(
        f"create or replace table pairs_to_score as select '0' as match_key, * from {pairs}"
    )
    linker.table_management.register_blocked_pairs_for_predict(database.register("pairs_to_score"))
    predicted = linker.inference.predict(warning_mode="never")
    return str(predicted.physical_name)


def _weight(settings: dict[str, Any]) -> str:
    parts = []
    for comparison in settings["comparisons"]:
        parts.append(f"mw_{comparison['output_column_name']}")
        if any("tf_adjustment_column" in level for level in comparison["comparison_levels"]):
            parts.append(f"mw_tf_adj_{comparison['output_column_name']}")
    return " + ".join([*parts, *_slips_of_both(settings)])


def _slips_of_both(settings: dict[str, Any]) -> list[str]:
    """A slip that strangers make as often as one person, such as names swapped, says nothing."""
    cases = []
    for comparison in COMPARISONS:
        learned = _levels(settings, comparison.name)
        chances = {
            level.words: float(own["m_probability"])
            for level, own in zip(comparison.levels, learned, strict=bool(learned))
        }
        cases += [
            f"(case gamma_{comparison.name} when {len(learned) - 1 - number} then"
            f" {_literal(np.log2(chances[level.like] / chances[level.words]))} else 0e0 end)"
            for number, level in enumerate(comparison.levels)
            if learned and level.is_slip_of_both
        ]
    return cases


def _household_shift(settings: dict[str, Any]) -> str:
    """Two of a household differ from one person in what each has of their own: name and birth."""
    parts = ["0e0"]
    for comparison in COMPARISONS:
        learned = _levels(settings, comparison.name)
        if not learned or comparison.levels[0].h is None:
            continue
        shifts = _shifts(comparison, learned)
        cases = "".join(
            f" when {len(learned) - 1 - number} then {_literal(shifts[level.like or level.words])}"
            for number, level in enumerate(comparison.levels)
        )
        parts.append(f"(case gamma_{comparison.name}{cases} else 0e0 end)")
    if _levels(settings, "given_name") and _levels(settings, "birth_date"):
        # Swapped is the second level: the same names all the same.
        swapped = len(_levels(settings, "given_name")) - 2
        parts.append(
            f"(case when gamma_given_name >= {swapped} and gamma_birth_date >= {SIMILAR}"
            f" then {_literal(-NAMESAKE_TWINS)} else 0e0 end)"
        )
    return " + ".join(parts)


def _shifts(comparison: Comparison, learned: list[dict[str, Any]]) -> dict[str, float]:
    """In bits, how much likelier each level is of two of a household than of one person."""
    return {
        level.words: float(np.log2(level.h / float(own["m_probability"])))
        for level, own in zip(comparison.levels, learned, strict=True)
        if level.h is not None
    }


def _literal(number: float) -> str:
    """A number for SQL; without an exponent it would be a decimal, which overflows."""
    return f"{number:.17e}"


def _levels(settings: dict[str, Any], name: str) -> list[dict[str, Any]]:
    for comparison in settings["comparisons"]:
        if comparison["output_column_name"] == name:
            return list(comparison["comparison_levels"][1:])
    return []
