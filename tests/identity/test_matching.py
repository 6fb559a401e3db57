"""Who is probably one person, who is not, and that a night of new records finds what all would."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import duckdb
import pytest

from benchmarks.matching import Slips, people
from identity import ALARMS, matching, probable_alarm, probable_persons
from identity.labelled import Record, add, build_file
from tests.identity import records

Con = duckdb.DuckDBPyConnection
ADA: Record = {
    "given_name": "ada",
    "surname": "lovelace",
    "birth_date": "19801210",
    "street": "elm st",
    "house_number": "12",
    "address": "elm st 12",
    "postal_code": "10001",
    "city": "new york",
}
SON = {"given_name": "tom", "surname": "smith", "street": "oak rd", "house_number": "3"}
SON |= {"address": "oak rd 3", "postal_code": "02108", "city": "boston"}


@cache
def strangers() -> list[Record]:
    return [row for row in people(60, seed=9) if f"{row['identifier_id']}".endswith("-0")]


def match(*rows: Record) -> Con:
    """Match these among strangers: too few of them to learn from."""
    con = build_file(
        [row | {"identifier_id": f"r{number}"} for number, row in enumerate(rows)] + strangers()
    )
    assert matching.match(con) is not None
    return con


@pytest.fixture(scope="module")
def _slip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Views hold the name of the database they were made in.
    path = tmp_path_factory.mktemp("slip") / "memory.duckdb"
    with match(ADA, ADA | {"surname": "lovelacce"}) as con:
        con.execute(f"attach '{path}' as kept")
        con.execute("copy from database memory to kept")
    return path


@pytest.fixture
def slip(_slip: Path, tmp_path: Path) -> Iterator[Con]:
    """Ada and a slip of her pen, matched: each test has a copy of its own."""
    with duckdb.connect(shutil.copy(_slip, tmp_path / _slip.name)) as con:
        yield con


def are_one(con: Con, one: str = "r0", other: str = "r1") -> bool:
    found = records.persons(con)
    return found[one] == found[other]


def reasons(con: Con) -> dict[tuple[str, str], str]:
    rows = con.execute(
        "select left_identifier_id, right_identifier_id, refusal_reason from"
        " identity.probable_links where not is_followed"
    )
    return {(one, other): reason for one, other, reason in rows.fetchall()}


def test_who_left_the_name_out_may_be_one_and_an_address_alone_is_nobodys() -> None:
    nameless = ADA | {"given_name": None, "surname": None}
    with match(ADA, nameless) as con:
        assert list(reasons(con)) == [("r0", "r1")]
    with match(ADA, nameless | {"birth_date": None}) as con:
        assert not are_one(con)
        assert not reasons(con)
    with match(ADA, ADA | {"given_name": "tom"}, nameless) as con:
        assert not are_one(con, "r0", "r2")


def test_a_slip_of_the_pen_is_found_and_told_in_words() -> None:
    with match(ADA, ADA | {"surname": "lovelacce", "street": "elm stt", "city": None}) as con:
        assert are_one(con)
        assert con.execute(
            "select evidence, is_followed from identity.probable_links"
        ).fetchall() == [
            (
                "same given name; similar surname; same birth date; "
                "similar street, same house number; same postal code",
                True,
            )
        ]


@pytest.mark.parametrize(
    ("other", "who"),
    [
        ({"given_name": "grace"}, "a twin"),
        ({"birth_date": "20050301"}, "a daughter of her mother's name"),
        ({"given_name": "grace", "birth_date": "19790302"}, "a sister"),
        ({"given_name": None, "birth_date": None}, "somebody of the family"),
        (
            {"street": None, "house_number": None, "address": None, "birth_date": "19610701"},
            "somebody of the name in town",
        ),
    ],
)
def test_a_household_is_not_a_person(other: Record, who: str) -> None:
    with match(ADA, ADA | other) as con:
        assert not are_one(con), who


@pytest.mark.parametrize("left_out", ["birth_date", "given_name"])
def test_what_others_of_the_two_tell_is_not_forgotten(left_out: str) -> None:
    other = {"birth_date": "20050301"} if left_out == "birth_date" else {"given_name": "grace"}
    unsure = ADA | {left_out: None, "surname": "lovelacce"}
    with match(ADA, ADA | {"street": "elm stt"}, unsure, ADA | other) as con:
        assert are_one(con, "r0", "r1")
        assert not are_one(con, "r0", "r3")
        assert not are_one(con, "r2", "r3")


@pytest.mark.parametrize(
    "swapped",
    [
        {"given_name": "lovelace", "surname": "ada", "birth_date": "20050301"},
        {"given_name": "lovelace", "surname": "grace"},
    ],
)
def test_swapped_names_make_no_family_one_person(swapped: Record) -> None:
    with match(ADA, ADA | swapped) as con:
        assert not are_one(con)
    with match(ADA, ADA | {"given_name": "lovelace", "surname": "ada"}) as con:
        assert are_one(con)


def test_swapped_names_of_many_say_little_and_of_few_much() -> None:
    swapped = ADA | {"given_name": "lovelace", "surname": "ada", "birth_date": None}
    moved = {"street": None, "house_number": None, "address": None}
    with match(ADA | moved, swapped | moved) as con:
        first = con.execute("select match_weight from identity.probable_links").fetchone()
    namesakes = [
        {**ADA, "birth_date": f"19{year}0101", "street": f"way {year}", "city": f"town {year}"}
        for year in range(40, 70)
    ]
    with match(ADA | moved, swapped | moved, *namesakes) as con:
        second = con.execute(
            "select match_weight from identity.probable_links"
            " where left_identifier_id = 'r0' and right_identifier_id = 'r1'"
        ).fetchone()
    assert first is not None
    assert second is None or second[0] < first[0]


def test_a_record_that_fits_father_and_son_is_neither() -> None:
    father, son = SON | {"birth_date": "19500101"}, SON | {"birth_date": "19800607"}
    with match(father, son, SON | {"birth_date": None}) as con:
        found = records.persons(con)
        assert len({found["r0"], found["r1"], found["r2"]}) == 3


def test_what_a_person_left_out_in_one_record_counts_from_another() -> None:
    with match(
        SON | {"birth_date": "19500101", "customer_id": "father"},
        SON | {"birth_date": None, "customer_id": "father"},
        SON | {"birth_date": "19800607"},
    ) as con:
        assert not are_one(con, "r1", "r2")


def test_a_decision_to_split_wins(slip: Con) -> None:
    assert are_one(slip)
    slip.execute(
        "insert into identity.decisions values (2, 'split', 'record', 'r0', 'record', 'r1',"
        " now(), 'me', 'they are cousins')"
    )
    matching.match(slip)
    assert not are_one(slip)
    assert reasons(slip) == {("r0", "r1"): "decision: split by me"}


def test_two_customer_numbers_of_one_issuer_are_two_persons(slip: Con) -> None:
    for number, customer in (("shop:1", "r0"), ("till:1", "r1")):
        slip.execute(
            "insert into identity_graph.identifiers by name select ? as identifier_id,"
            " 'customer_number' as identifier_type, ? as identifier_value, ? as customer_id,"
            " timestamp '2026-01-01' as first_seen_at",
            [number, number, customer],
        )
    matching.match(slip)
    assert are_one(slip)
    slip.execute(
        "update identity_graph.identifiers set identifier_value = 'shop:2'"
        " where identifier_id = 'till:1'"
    )
    matching.match(slip)
    assert reasons(slip) == {("r0", "r1"): "each has a customer number of its own"}


def test_the_oldest_key_stands_for_a_probable_person(slip: Con) -> None:
    slip.execute("insert into identity.customer_keys values ('r1', 'r1', 1), ('r0', 'r0', 2)")
    matching.match(slip)
    assert records.persons(slip)["r0"] == "r1"


@pytest.mark.parametrize("rows", [[], [ADA], [ADA, {"city": "boston"}]])
def test_nothing_to_compare_is_no_error(rows: list[Record]) -> None:
    with build_file([row | {"identifier_id": f"r{n}"} for n, row in enumerate(rows)]) as con:
        assert matching.match(con) is None
        assert con.execute("select count(*) from identity.probable_persons").fetchone() == (0,)


def test_columns_that_nobody_fills_are_not_compared() -> None:
    names = [{"given_name": row["given_name"], "surname": row["surname"]} for row in people(50)]
    with build_file([row | {"identifier_id": f"r{n}"} for n, row in enumerate(names)]) as con:
        found = matching.match(con)
        assert found is not None
        assert found.model.compared == ("given_name", "surname")


def truth(rows: list[Record]) -> dict[str, str]:
    return {f"{row['identifier_id']}": f"{row['identifier_id']}".split("-")[0] for row in rows}


@pytest.mark.parametrize(
    ("seed", "slips", "recall"),
    [(2, Slips(), 0.75), (3, Slips(typo=0.25, missing=0.05), 0.75), (4, Slips(0.05, 0.05), 0.85)],
)
def test_families_twins_and_namesakes_stay_apart(seed: int, slips: Slips, recall: float) -> None:
    rows = people(2500, seed, slips)
    with build_file(rows) as con:
        matching.match(con)
        right = records.rightness(con, truth(rows))
        print(right)
        assert right.precision >= 0.995
        assert right.recall >= recall


def test_a_night_finds_what_all_would_by_the_same_model() -> None:
    rows = people(1500, seed=5)
    with build_file(rows[:1450]) as con, build_file(rows) as whole:
        first = matching.match(con)
        add(con, rows[1450:])
        con.execute("delete from intermediate.int_matching__records where identifier_id = 'p3-0'")
        whole.execute("delete from intermediate.int_matching__records where identifier_id = 'p3-0'")
        night = matching.match(con)
        assert first is not None
        assert night is not None
        assert night.model == first.model
        assert not night.is_new_model
        frequencies = con.execute("from matching.frequencies").to_arrow_table()
        whole.register("known", frequencies)
        whole.execute("insert into matching.frequencies select * from known")
        all_of_them = matching.match(whole, first.model)
        assert all_of_them is not None
        assert night.scored < all_of_them.scored / 5
        for table in ("identity.probable_links", "identity.probable_persons"):
            query = f"select * from {table} order by all"
            assert con.execute(query).fetchall() == whole.execute(query).fetchall()


def test_the_same_records_give_the_same_persons() -> None:
    rows = people(800, seed=6)
    found = []
    for order in (rows, rows[::-1]):
        with build_file(order) as con:
            matching.match(con)
            found.append(records.persons(con))
    assert found[0] == found[1]


def test_a_night_that_fails_leaves_the_last_persons(
    slip: Con, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = records.persons(slip)
    add(slip, [ADA | {"identifier_id": "new"}])
    monkeypatch.setattr("identity.probable_persons.write", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        matching.match(slip)
    assert records.persons(slip) == before | {"new": "new"}


def test_explain_tells_of_probable_persons_and_of_links_not_followed() -> None:
    with match(ADA, ADA | {"surname": "lovelacce"}, ADA | {"given_name": "grace"}) as con:
        probable = probable_persons.told(con, "r1", "r0")
        assert probable[0] == "They are probably one person, r0:"
        assert "similar surname; same birth date" in probable[1]
        assert probable_persons.told(con, "r0", "p0-0") == []


def test_matching_is_looked_at_every_night(slip: Con) -> None:
    alarm = probable_alarm.look(slip)
    assert alarm.name in ALARMS
    assert alarm.wrong == ()
    assert alarm.figures["probable_links_followed"] == 1
    assert alarm.figures["persons_certain"] - alarm.figures["persons_probable"] == 1
    kept = slip.execute(
        "select value from identity.figures where figure = 'probable_links_followed'"
    ).fetchall()
    assert kept == [(1.0,)]


def test_matching_that_fails_says_so_and_stops_nobody(slip: Con) -> None:
    before = records.persons(slip)
    slip.execute("drop table intermediate.int_matching__records")
    alarm = probable_alarm.look(slip)
    assert "int_matching__records" in alarm.wrong[0]
    assert records.persons(slip) == before
