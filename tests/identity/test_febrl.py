"""Against FEBRL's records of made-up persons, whose truth others made; no identifier is used.

The data lies beside the checkout. The settings are the product's: only columns are given its names.
"""

from __future__ import annotations

import csv

import pytest

from benchmarks.matching import Record, build_file
from connectors.settings import REPOSITORY
from identity import matching
from tests.identity import records

FOLDER = REPOSITORY.parent / "shared" / "datasets" / "febrl"
COLUMNS = {
    "given_name": "given_name",
    "surname": "surname",
    "date_of_birth": "birth_date",
    "address_1": "street",
    "street_number": "house_number",
    "postcode": "postal_code",
    "suburb": "city",
}

pytestmark = pytest.mark.skipif(
    not FOLDER.exists(), reason="FEBRL's data is not beside the checkout"
)


def read(*names: str) -> list[Record]:
    found: list[Record] = []
    for name in names:
        with (FOLDER / f"{name}.csv").open(newline="") as file:
            for row in csv.DictReader(file, skipinitialspace=True):
                fields = {COLUMNS[key]: (row[key] or "").strip() or None for key in COLUMNS}
                address = " ".join(
                    filter(
                        None,
                        (fields["street"], fields["house_number"] if fields["street"] else None),
                    )
                )
                found.append({"identifier_id": row["rec_id"], "address": address or None, **fields})
    return found


def match(rows: list[Record]) -> records.Rightness:
    with build_file(rows) as con:
        found = matching.match(con)
        assert found is not None
        truth = {f"{row['identifier_id']}": f"{row['identifier_id']}".split("-")[1] for row in rows}
        right = records.rightness(con, truth)
        print(f"{right}; by the model precision {found.model.precision:.5f}")
        return right


def test_febrl_4_two_lists_of_the_same_persons() -> None:
    right = match(read("dataset4a", "dataset4b"))
    assert right.f1 >= 0.99
    assert right.precision >= 0.999


def test_febrl_3_up_to_five_duplicates_of_a_person() -> None:
    right = match(read("dataset3"))
    assert right.f1 >= 0.99
    assert right.cluster_f1 >= 0.98
    assert right.precision >= 0.999


def test_febrl_2_few_duplicates_among_many() -> None:
    right = match(read("dataset2"))
    assert right.f1 >= 0.99
    assert right.precision >= 0.999


@pytest.mark.parametrize("dropped", ["birth_date", "street", "postal_code"])
def test_a_column_that_is_missing_costs_recall_and_not_precision(dropped: str) -> None:
    rows = [row | {dropped: None} for row in read("dataset1")]
    right = match(rows)
    assert right.precision >= 0.99
    assert right.recall >= 0.6
