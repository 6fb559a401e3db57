"""Probabilistic matching at growing numbers of records: time, memory, and how right it is.

People of our own making, whose truth is known: families at one address, twins, sons of their
father's name, records with slips of the pen and with details left out.
"""

from __future__ import annotations

import json
import random
import string
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks import measure
from identity import matching
from identity.labelled import Record, add, build_file


@dataclass(frozen=True)
class Slips:
    """How people err, as shares of all details written down.

    Attributes:
        typo: a letter more, less, another or two swapped.
        missing: left out.
        moved: of a second record, another address.
    """

    typo: float = 0.1
    missing: float = 0.1
    moved: float = 0.1


def people(count: int, seed: int = 1, slips: Slips | None = None) -> list[Record]:
    """Records of about so many; `identifier_id` is person and number of the record.

    One person in three has a second record, one in ten a third.
    """
    draw = random.Random(seed)
    given = [_word(draw) for _ in range(400)]
    surnames = [_word(draw) for _ in range(2000)]
    streets = [f"{_word(draw)} st" for _ in range(3000)]
    cities = [(_word(draw), f"{draw.randrange(10000, 99999)}") for _ in range(150)]
    records: list[Record] = []
    number = 0
    while len(records) < count:
        for person in _family(draw, given, surnames, streets, cities):
            copies = draw.choices((1, 2, 3), (0.6, 0.3, 0.1))[0]
            for copy in range(copies):
                row = person if not copy else _written(draw, person, slips or Slips(), streets)
                records.append({"identifier_id": f"p{number}-{copy}", **row})
            number += 1
    return records


def _word(draw: random.Random) -> str:
    pairs = ("".join(draw.choices("bcdfghklmnprstvw")) + draw.choice("aeiou") for _ in range(3))
    return "".join(pairs) + draw.choice(("", "n", "r", "s"))


def _common(draw: random.Random, words: list[str]) -> str:
    """A few are common, most are rare."""
    return words[int(len(words) * draw.random() ** 3)]


def _family(
    draw: random.Random,
    given: list[str],
    surnames: list[str],
    streets: list[str],
    cities: list[tuple[str, str]],
) -> Iterator[Record]:
    size = draw.choices((1, 2, 3, 4), (0.5, 0.25, 0.15, 0.1))[0]
    surname, (city, postal_code) = _common(draw, surnames), draw.choice(cities)
    street, house = draw.choice(streets), f"{draw.randrange(1, 200)}"
    lot = draw.random()
    is_twins, is_namesake = lot < 0.03, lot > 0.97
    first = _person(draw, _common(draw, given), 1930, 1990)
    for number in range(size):
        person = first if not number else _person(draw, _common(draw, given), 1930, 2008)
        if number == 1 and is_twins:
            person["birth_date"] = first["birth_date"]
        if number == 1 and is_namesake:
            person["given_name"] = first["given_name"]
        yield {
            **person,
            "surname": surname,
            "street": street,
            "house_number": house,
            "address": f"{street} {house}",
            "postal_code": postal_code,
            "city": city,
        }


def _person(draw: random.Random, given_name: str, since: int, until: int) -> Record:
    year, month, day = draw.randrange(since, until), draw.randrange(1, 13), draw.randrange(1, 29)
    return {
        "given_name": given_name,
        "birth_date": f"{year}{month:02}{day:02}",
        "phone": f"+1{draw.randrange(2_000_000_000, 9_999_999_999)}",
        "email": None,
    }


def _written(draw: random.Random, person: Record, slips: Slips, streets: list[str]) -> Record:
    row = dict(person)
    if draw.random() < slips.moved:
        row["street"], row["house_number"] = draw.choice(streets), f"{draw.randrange(1, 200)}"
    for name in ("given_name", "surname", "birth_date", "street", "postal_code", "city", "phone"):
        text = row[name]
        if draw.random() < slips.missing and name not in ("surname",):
            row[name] = None
        elif text and draw.random() < slips.typo:
            row[name] = _slip(draw, text)
    row["address"] = f"{row['street']} {row['house_number']}" if row["street"] else None
    return row


def _slip(draw: random.Random, text: str) -> str:
    place = draw.randrange(len(text) - 1)
    letters = string.digits if text[place].isdigit() else string.ascii_lowercase
    other, is_date = draw.choice(letters), text.isdigit() and len(text) == 8
    slips = (
        text[:place] + other + text[place + 1 :],
        text[:place] + text[place + 1] + text[place] + text[place + 2 :],
        text[:place] + other + text[place:],
        text[:place] + text[place + 1 :],
    )
    return draw.choice(slips[:2] if is_date else slips)


def _rightness(con: duckdb.DuckDBPyConnection) -> tuple[float, float]:
    row = con.execute(
        """
        with

        persons as (
            select
                split_part(identifier_id, '-', 1) as truth,
                coalesce(probable_customer_id, customer_id) as found
            from identity.customer_identifiers
            left join identity.probable_persons using (customer_id)
        ),

        pairs as (
            select
                (select sum(n * (n - 1)) from (select count(*) as n from persons group by truth))
                    as all_true,
                (select sum(n * (n - 1)) from (select count(*) as n from persons group by found))
                    as all_found,
                (select sum(n * (n - 1)) from (
                    select count(*) as n from persons group by truth, found
                )) as right_ones
        )

        select right_ones / greatest(1, all_found), right_ones / greatest(1, all_true) from pairs
        """
    ).fetchone()
    assert row is not None
    return float(row[0]), float(row[1])


def main(*counts: int) -> Path:
    """Match so many records, and then a night of one in a hundred that are new.

    Args:
        counts: numbers of records; 10,000 and 100,000 by default.
    """
    rows, parts = [], {}
    for count in counts or (10_000, 100_000):
        part = measure.run_part("-m", "benchmarks.matching", str(count))
        night, figures = float(part.figures["night_seconds"]), part.figures
        what = f"{count:,} records"
        told = f"precision {figures['precision']:.5f}, recall {figures['recall']:.4f}"
        rows += [
            measure.Row(f"{what}: all of them", part.work_seconds, "s", told),
            measure.Row(
                f"{what}: a night of 1 % new ones",
                night,
                "s",
                f"all of them, {part.work_seconds:.1f} s",
                night / part.work_seconds,
            ),
            measure.Row(f"{what}: peak memory", part.peak_mib, "MiB"),
        ]
        parts[what] = part
    return measure.report("matching", rows, parts)


def _part(count: int) -> dict[str, object]:
    records = people(count)
    split = count - count // 100
    with build_file(records[:split]) as con:
        started = time.monotonic()
        matching.match(con)
        seconds = time.monotonic() - started
        precision, recall = _rightness(con)
        add(con, records[split:])
        started = time.monotonic()
        found = matching.match(con)
        assert found is not None
        return {
            "seconds": seconds,
            "night_seconds": time.monotonic() - started,
            "night_pairs": found.scored,
            "precision": precision,
            "recall": recall,
            "peak_mib": measure.peak_mib(),
        }


if __name__ == "__main__":
    print(json.dumps(_part(int(sys.argv[1]))))
