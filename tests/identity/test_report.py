"""How right the persons are, on a few whose truth is plain."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from benchmarks.matching import people
from identity import explain, labelled, report
from identity.__main__ import main
from identity.decisions import DecisionError
from tests.identity.conftest import customers, identifier, link, resolve

# Anna is whole. Ben's cookie is taken for another, though a link that was refused shows it. Cleo
# and Dan are one customer. Nobody was ever seen with Eve's two identifiers at once.
PERSONS = {
    "anna": 1,
    "anna's": 1,
    "ben": 2,
    "ben's": 2,
    "cleo": 3,
    "dan": 4,
    "eve": 5,
    "eve's": 5,
    "shared": None,
}


@pytest.fixture
def truth() -> pa.Table:
    rows = [
        {
            "identifier_type": "type",
            "identifier_value": name,
            "person_id": person,
            "persons": 2 if person is None else 1,
        }
        for name, person in PERSONS.items()
    ]
    return pa.Table.from_pylist(rows)


def see(con: Any, one: str, other: str, refused: str | None = None) -> None:
    con.execute("delete from wanted.edges where left_value = ? and right_value = ?", [one, other])
    link(con, one, other, refused=refused)
    con.execute(
        "update wanted.edges set left_type = 'type', left_value = left_identifier_id,"
        " right_type = 'type', right_value = right_identifier_id"
    )


@pytest.fixture
def company(con: Any) -> Any:
    for day, name in enumerate([*PERSONS, "not in the truth"], start=1):
        identifier(con, name, day)
    see(con, "anna", "anna's")
    see(con, "ben", "ben's", refused="a limit")
    see(con, "cleo", "dan")
    see(con, "eve's", "shared")
    resolve(con)
    explain.create_views(con)
    found = customers(con)
    con.execute(
        "insert into identity.probable_persons values (?, ?, 0.95)", [found["ben's"], found["ben"]]
    )
    con.execute(
        "create table intermediate.int_customers__unioned as"
        " select 'eve' as identifier_id, 'Eve' as first_name, null as last_name"
        " union all select 'eve''s', 'Eve', null"
    )
    return con


def test_pairs_are_right_where_both_are_one_persons(company: Any, truth: pa.Table) -> None:
    certain, _ = report.scores(company, truth)
    # Found: Anna's pair and Cleo with Dan.
    assert (certain.pairs, certain.precision) == (2, 0.5)
    # Evidence connects Anna's pair and Ben's; Eve's two were never seen together.
    assert certain.recall == 0.5
    assert certain.f1 == 0.5


def test_every_pair_counts_where_that_is_asked(company: Any, truth: pa.Table) -> None:
    certain, _ = report.scores(company, truth, is_every_pair=True)
    # Anna's pair, Ben's and Eve's.
    assert certain.recall == pytest.approx(1 / 3)
    # Whole: Anna, of Anna, Ben, Cleo, Dan and Eve.
    assert certain.whole_recall == pytest.approx(1 / 5)


def test_a_person_is_whole_who_is_just_one_customer(company: Any, truth: pa.Table) -> None:
    certain, _ = report.scores(company, truth)
    # Whole: Anna and Eve's two halves, which nothing connects. Customers: Anna, Ben twice, Cleo
    # with Dan, Eve twice.
    assert certain.whole_precision == pytest.approx(3 / 6)
    # Persons, as far as evidence reaches: Anna, Ben, Cleo, Dan, Eve twice.
    assert certain.whole_recall == pytest.approx(3 / 6)


def test_probably_one_person_counts_at_that_level_where_records_tell(
    company: Any, truth: pa.Table
) -> None:
    _, probable = report.scores(company, truth)
    # Ben is found now. Eve's two records should have been.
    assert (probable.pairs, probable.precision) == (3, pytest.approx(2 / 3))
    assert probable.recall == pytest.approx(2 / 3)


def test_the_worst_errors_are_named_with_what_says_so(company: Any, truth: pa.Table) -> None:
    certain, probable = report.scores(company, truth)
    [merge] = certain.false_merges
    assert (merge.count, merge.names) == (2, ["type:cleo", "type:dan"])
    assert any("seen together by web" in line for line in merge.why)
    [miss] = certain.misses
    assert (miss.count, miss.names) == (2, ["type:ben", "type:ben's"])
    assert any("(a limit)" in line for line in miss.why)
    assert [miss.names for miss in probable.misses] == [["type:eve", "type:eve's"]]
    told = "\n".join(report.lines([certain, probable]))
    assert "2 persons are one customer: type:cleo, type:dan" in told
    assert "one person is 2 customers: type:ben, type:ben's" in told


def test_persons_who_are_joined_over_what_several_use_are_counted(
    company: Any, truth: pa.Table
) -> None:
    # Eve alone was seen on it.
    assert report.merges_over_shared(company, truth) == 0
    see(company, "dan", "shared")
    resolve(company)
    assert report.merges_over_shared(company, truth) == 1
    see(company, "dan", "shared", refused="shared")
    resolve(company)
    assert report.merges_over_shared(company, truth) == 0


def test_records_of_ones_own_are_matched_and_scored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "people.csv"
    ada = {"given_name": "ada", "surname": "lovelace", "birth_date": "19801210"}
    ada |= {"street": "elm st", "house_number": "12", "postal_code": "10001"}
    tom = {"given_name": "tom", "surname": "smith", "birth_date": "19700101"}
    rows: list[labelled.Record] = [
        {"person_id": "ada", "identifier_id": "a", **ada},
        {"person_id": "ada", "identifier_id": "b", **ada, "surname": "lovelacce"},
        {"person_id": "tom", "identifier_id": "c", **tom, "street": "oak rd"},
        {"person_id": "tom", "identifier_id": "d", **tom, "surname": "jones", "birth_date": None},
    ]
    strangers = [row for row in people(60, seed=9) if f"{row['identifier_id']}".endswith("-0")]
    rows += [{"person_id": row["identifier_id"], **row} for row in strangers]
    with path.open("w", newline="") as file:
        written = csv.DictWriter(file, ["person_id", *labelled.FIELDS])
        written.writeheader()
        written.writerows(rows)
    assert main(["report", "--records", str(path)]) == 0
    told = capsys.readouterr().out
    assert f"people.csv, {len(rows)} records" in told
    # Ada is found, Tom is not: one pair of two.
    [scored] = [line.split() for line in told.splitlines() if line.startswith("probable")]
    assert scored[1:5] == ["1", "1.00000", "0.50000", "0.6667"]
    assert "one person is 2 customers: record:c, record:d" in told


def test_a_record_that_does_not_say_whose_it_is_is_refused_by_line(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("rec_id,given_name\nrec-1-org,ada\n17,ben\n")
    with pytest.raises(DecisionError, match=r"people.csv, line 3: whose record"):
        labelled.read([path])
