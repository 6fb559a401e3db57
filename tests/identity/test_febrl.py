"""Against FEBRL's records of made-up persons, whose truth others made; no identifier is used.

The data lies beside the checkout. The settings are the product's: only columns are given its names.
"""

from __future__ import annotations

import pytest

from connectors.settings import REPOSITORY
from identity import labelled, matching
from identity.labelled import Record
from tests.identity import records

FOLDER = REPOSITORY.parent / "shared" / "datasets" / "febrl"
pytestmark = pytest.mark.skipif(
    not FOLDER.exists(), reason="FEBRL's data is not beside the checkout"
)


def read(*names: str) -> list[Record]:
    return labelled.read(FOLDER / f"{name}.csv" for name in names)


def match(rows: list[Record]) -> records.Rightness:
    with labelled.build_file(rows) as con:
        found = matching.match(con)
        assert found is not None
        truth = {f"{row['identifier_id']}": f"{row['person_id']}" for row in rows}
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
    # Some leave both names out.
    assert right.recall >= 0.99
    assert right.cluster_f1 >= 0.99
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
