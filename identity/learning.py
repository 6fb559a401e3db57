"""Learning the numbers of the model from the records themselves.

How often two records of one person agree, and two of strangers, how many pairs there are of one
person and of one household, and from which probability on a link is right often enough. What the
model does with them is matching_model.py's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from identity.comparisons import COMPARISONS, Comparison
from identity.matching_model import Floats, Model, linker_of, predict, probability, score

# Below so many records there is nothing to learn how people err from.
FEWEST_RECORDS = 500
# What is assumed counts as so many matches, and as so many pairs, beside what was found.
ASSUMED_MATCHES, ASSUMED_PAIRS = 50, 10_000
# Pairs of one household, and of one person, that are taken to be there before any was seen.
ASSUMED_HOUSEHOLDS, ASSUMED_SAME = 3.0, 1.0
RANDOM_PAIRS, TRAINING_PAIRS = 200_000, 1_000_000
SEED = 20260101
# Of what is followed, so much must be right by the model's own account, and each link for itself.
PRECISION, LEAST_PROBABILITY = 0.999, 0.8
# Without birth dates a father may always be his son: what is as sure as it gets is followed.
SURE = 0.998
# Learned by one rule is what the rule does not hold equal.
TRAINING_RULES = (("birth_date",), ("given_name", "surname"))
ROUNDS = 200
# What two of one household have each of their own.
_OF_ONES_OWN = [each.name for each in COMPARISONS if each.levels[0].h is not None]


@dataclass
class Seen:
    """Pairs worth scoring, those alike as one row.

    Attributes:
        weight: bits for one person against two strangers, shape (rows,).
        shift: bits for one household against one person, shape (rows,).
        pairs: how many there are, shape (rows,).
        gammas: comparison of what is of one's own → the level, -1 where it is not known.
    """

    weight: Floats
    shift: Floats
    pairs: Floats
    gammas: dict[str, npt.NDArray[np.int64]]

    def likely(self, same: float, household: float) -> Floats:
        """That each is one person, by the two rates."""
        return probability(self.weight, self.shift, same, household)


def usable(con: duckdb.DuckDBPyConnection) -> list[Comparison]:
    """The comparisons for which at least two records have something."""
    found = []
    for comparison in COMPARISONS:
        own = [name for name in comparison.columns if name in comparison.unknown]
        known = " or ".join(f"{name} is not null" for name in own)
        if _count(con, f"select count(*) from records where {known}") > 1:
            found.append(comparison)
    return found


def learn(con: duckdb.DuckDBPyConnection) -> Model:
    """Learn from the records; where there are few, what is assumed stays as it is.

    Args:
        con: with `records`, their `frequencies` and `candidates`, pairs worth scoring.
    """
    records = _count(con, "select count(*) from records")
    pairs = records * (records - 1) / 2
    settings = _settings(usable(con))
    drawn = _count_random_pairs(con, settings)
    _set_differing(settings, drawn, 0.0)
    is_learned = records >= FEWEST_RECORDS
    if is_learned:
        _learn_same(con, settings)
    same, household, _ = _rated(con, settings, pairs, is_learned)
    # Some of the pairs drawn were of one person after all.
    _set_differing(settings, drawn, same)
    same, household, seen = _rated(con, settings, pairs, is_learned)
    threshold, precision, recall = _threshold(seen.likely(same, household), seen.pairs)
    return Model(settings, same, household, threshold, precision, recall, records, is_learned)


def _rated(
    con: duckdb.DuckDBPyConnection, settings: dict[str, Any], pairs: float, is_learned: bool
) -> tuple[float, float, Seen]:
    """The two rates as the candidates show them, and the candidates.

    Where it is learned how people err, families are taken out of that here: by expectation
    maximisation with the third kind of pairs, which Splink does not know.
    """
    own = {
        each["output_column_name"]: each
        for each in settings["comparisons"]
        if each["output_column_name"] in _OF_ONES_OWN
    }
    unrated = Model(settings, 0.5, 0.4, 0.5, 0.0, 0.0, 0, False)
    score(con, unrated, "candidates", "training_scores")
    gammas = "".join(f", gamma_{name}" for name in own)
    found = con.execute(
        "select round(weight, 1) as weight, round(household_shift, 2) as shift,"
        f" count(*) as pairs{gammas} from training_scores group by all order by all"
    ).fetchnumpy()
    con.execute("drop table training_scores")
    seen = Seen(
        found["weight"],
        found["shift"],
        found["pairs"],
        {name: found[f"gamma_{name}"].astype(np.int64) for name in own},
    )
    same, household = ASSUMED_SAME / pairs, ASSUMED_HOUSEHOLDS / pairs
    for _ in range(ROUNDS):
        likely = seen.likely(same, household)
        living = likely * household / same * np.exp2(seen.shift)
        same = min(0.4, (float((likely * seen.pairs).sum()) + ASSUMED_SAME) / pairs)
        household = min(0.4, (float((living * seen.pairs).sum()) + ASSUMED_HOUSEHOLDS) / pairs)
        # One alone cannot tell families from people who err.
        if is_learned and len(own) == len(_OF_ONES_OWN):
            for name, comparison in own.items():
                _learn_own(seen, name, comparison, likely)
    return same, household, seen


def _learn_own(seen: Seen, name: str, comparison: dict[str, Any], likely: Floats) -> None:
    """How often each level of a comparison holds for one person, families aside."""
    levels = comparison["comparison_levels"][1:]
    assumed = next(each for each in COMPARISONS if each.name == name)
    before = np.array([level["m_probability"] for level in levels])
    at, is_known = seen.gammas[name], seen.gammas[name] >= 0
    counts = np.bincount(at[is_known], (likely * seen.pairs)[is_known], minlength=len(levels))
    for level, start in zip(levels, assumed.levels, strict=True):
        level["m_probability"] = start.m
    _blend(comparison, "m_probability", dict(enumerate(counts.tolist())), ASSUMED_MATCHES)
    gained = np.log2(np.array([level["m_probability"] for level in levels]) / before)
    numbers = {level.words: number for number, level in enumerate(assumed.levels)}
    says = [numbers[level.like or level.words] for level in assumed.levels]
    weighs = [
        says[number] if level.is_slip_of_both else number
        for number, level in enumerate(assumed.levels)
    ]
    seen.weight += np.where(is_known, gained[weighs][::-1][at], 0.0)
    seen.shift -= np.where(is_known, gained[says][::-1][at], 0.0)


def _settings(comparisons: Sequence[Comparison]) -> dict[str, Any]:
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_id",
        "comparisons": [comparison.as_settings() for comparison in comparisons],
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
        "linker_uid": "matching",
    }


def _count_random_pairs(
    con: duckdb.DuckDBPyConnection, settings: dict[str, Any]
) -> dict[str, dict[int, float]]:
    """How many pairs of two customers, drawn at random, are at each level of each comparison."""
    ids = con.execute("select record_id from records order by record_id").fetchnumpy()["record_id"]
    draw = np.random.default_rng(SEED).integers(0, len(ids), size=(2, RANDOM_PAIRS))
    lower, upper = np.sort(draw[:, draw[0] != draw[1]], axis=0)
    left, right = np.divmod(np.unique(lower * len(ids) + upper), len(ids))
    con.register(
        "drawn", pa.table({"join_key_l": pa.array(ids[left]), "join_key_r": pa.array(ids[right])})
    )
    con.execute(
        "create or replace table random_pairs as select drawn.* from drawn"
        " inner join records as one on drawn.join_key_l = one.record_id"
        " inner join records as other on drawn.join_key_r = other.record_id"
        " where one.customer_id <> other.customer_id"
    )
    con.unregister("drawn")
    predicted = predict(con, settings, "random_pairs")
    found = {}
    for comparison in settings["comparisons"]:
        name = comparison["output_column_name"]
        rows = con.execute(
            f"select gamma_{name}, count(*) from {predicted} where gamma_{name} >= 0 group by all"
        )
        found[name] = {int(level): float(count) for level, count in rows.fetchall()}
    con.execute(f"drop table {predicted}")
    con.execute("drop table random_pairs")
    return found


def _set_differing(
    settings: dict[str, Any], drawn: dict[str, dict[int, float]], same: float
) -> None:
    """How often each level holds for two persons: as drawn, less those that are one person."""
    assumed = {each.name: each for each in COMPARISONS}
    for comparison in settings["comparisons"]:
        name = comparison["output_column_name"]
        total = sum(drawn[name].values())
        levels = comparison["comparison_levels"][1:]
        counts = {
            number: drawn[name].get(number, 0.0) - same * total * level["m_probability"]
            for number, level in enumerate(reversed(levels))
        }
        for level, start in zip(levels, assumed[name].levels, strict=True):
            level["u_probability"] = start.u
        _blend(comparison, "u_probability", counts, ASSUMED_PAIRS)


def _learn_same(con: duckdb.DuckDBPyConnection, settings: dict[str, Any]) -> None:
    """How often each level holds for one person: by expectation maximisation."""
    from splink import block_on

    known = {each["output_column_name"] for each in settings["comparisons"]}
    found: dict[str, list[tuple[dict[int, float], float]]] = {name: [] for name in known}
    for rule in TRAINING_RULES:
        keys = ", ".join(rule)
        pairs = min(
            TRAINING_PAIRS,
            _count(
                con,
                "select coalesce(sum(records * (records - 1) / 2), 0) from (select count(*) as"
                f" records from records where {' and '.join(f'{key} is not null' for key in rule)}"
                f" group by {keys})",
            ),
        )
        if not known.issuperset(rule) or pairs < FEWEST_RECORDS / 10:
            continue
        linker, _ = linker_of(con, settings)
        session = linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*rule),
            estimate_without_term_frequencies=True,
            max_pairs=TRAINING_PAIRS,
            record_sample_proportion=1.0,
        )
        learned = session.core_model_settings
        matches = learned.probability_two_random_records_match * pairs
        for comparison in learned.comparisons:
            levels = comparison._comparison_levels_excluding_null
            found[comparison.output_column_name].append(
                ({each.comparison_vector_value: _number(each) for each in levels}, matches)
            )
    for comparison in settings["comparisons"]:
        counts: dict[int, float] = {}
        for shares, matches in found[comparison["output_column_name"]]:
            for level, share in shares.items():
                counts[level] = counts.get(level, 0.0) + share * matches
        if counts and not comparison["comparison_levels"][-1]["fix_m_probability"]:
            _blend(comparison, "m_probability", counts, ASSUMED_MATCHES)


def _number(level: Any) -> float:
    """What was learned of a level; where it was never seen, that is words and not a number."""
    return float(level.m_probability) if isinstance(level.m_probability, int | float) else 0.0


def _blend(comparison: dict[str, Any], name: str, counts: dict[int, float], assumed: float) -> None:
    """What was counted, with what was assumed as if it had been counted so many times."""
    levels = comparison["comparison_levels"][1:]
    total = sum(max(0.0, count) for count in counts.values()) + assumed
    for number, level in enumerate(reversed(levels)):
        counted = max(0.0, counts.get(number, 0.0))
        level[name] = round((counted + assumed * level[name]) / total, 9)


def _threshold(likely: Floats, pairs: Floats) -> tuple[float, float, float]:
    """From which probability on links are followed, and how right and complete that is.

    As low as the links above it are right as often as wished; a link that is for itself, always.
    """
    if not len(likely):
        return PRECISION, 1.0, 0.0
    order = np.argsort(-likely)
    right, taken = np.cumsum((likely * pairs)[order]), np.cumsum(pairs[order])
    good = np.flatnonzero((right / taken >= PRECISION) & (likely[order] >= LEAST_PROBABILITY))
    last = int(good[-1]) if len(good) else -1
    # Halfway to the first pair that is not good enough, or as low as is ever followed.
    above = likely[order][last] if last >= 0 else 1.0
    below = likely[order][last + 1] if last + 1 < len(order) else 0.0
    threshold = float(np.clip((above + below) / 2, LEAST_PROBABILITY, SURE))
    followed = likely >= threshold
    if not followed.any():
        return threshold, 1.0, 0.0
    found = float((likely * pairs)[followed].sum())
    return threshold, found / float(pairs[followed].sum()), found / float(right[-1])


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0
