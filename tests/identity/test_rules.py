"""Rules that somebody edits: what is wrong is named by file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from identity import rules


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in (*rules.SEEDS.glob("identity_*.csv"), rules.SEEDS / "attribute_priorities.csv"):
        shutil.copy(path, tmp_path)
    return tmp_path


def test_the_rules_as_they_are_shipped_are_right(folder: Path) -> None:
    assert rules.problems(folder) == {}
    assert {f"{name}.csv" for name in rules.FILES} == {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("seed", "line", "message"),
    [
        ("limits", "cookie,fax,1", "linked_type 'fax' is no type of identity_types"),
        ("limits", "cookie,phone,many", "max_linked is no whole number: 'many'"),
        ("limits", "cookie,phone", "2 values, not 3"),
        ("limits", "cookie,email_sha256,2", "says again what line 2 says of cookie, email_sha256"),
        ("blocked_patterns", "email,^(info@,office", "value_pattern is no regular expression"),
        ("blocked_patterns", "email,^(?=info)@,office", "value_pattern is no regular expression"),
        ("blocked_patterns", "*,x,y", "identifier_type '*' is no type"),
        ("blocked_values", "phone,,placeholder", "identifier_value is empty"),
        ("types", "fax,3,2.5,true,true,false,", "strength is not between 0 and 1: '2.5'"),
        ("types", "fax,3,0.5,yes,true,false,", "is_person_link is neither true nor false: 'yes'"),
        ("settings", "most_identifiers,12", "says again what line 2 says of most_identifiers"),
        ("shared_values", 'cookie,"x', "cannot be read"),
    ],
)
def test_an_error_is_named_by_file_and_line(
    folder: Path, seed: str, line: str, message: str
) -> None:
    path = folder / f"identity_{seed}.csv"
    number = len(path.read_text().splitlines()) + 1
    path.write_text(f"{path.read_text()}{line}\n")
    ((name, (problem, *_)),) = rules.problems(folder).items()
    assert name == f"identity_{seed}"
    assert message in problem
    if "cannot be read" not in message:
        assert problem.startswith(f"identity_{seed}.csv line {number}: ")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "email,klavyio_profile,1",
            "source 'klavyio_profile' is none of files_order, files_",
        ),
        ("city,square_customer,1", "attribute 'city' is none of address, birth_date"),
        ("email,klaviyo_profile,2", "says again what line 2 says of email, klaviyo_profile"),
        ("phone,square_customer,first", "priority is no whole number: 'first'"),
    ],
)
def test_a_wrong_priority_is_named_by_file_and_line(folder: Path, line: str, message: str) -> None:
    path = folder / "attribute_priorities.csv"
    number = len(path.read_text().splitlines()) + 1
    path.write_text(f"{path.read_text()}{line}\n")
    ((problem,),) = rules.problems(folder).values()
    assert problem.startswith(f"attribute_priorities.csv line {number}: ")
    assert message in problem


def test_every_model_of_records_names_one_source() -> None:
    models = {
        path.stem
        for path in (rules.SEEDS.parent / "models/intermediate/customers").glob("*.sql")
        if path.stem not in {"int_customers__unioned", "int_customers__attribute_values"}
    }
    assert len(rules.sources()) == len(models)


def test_an_unknown_column_is_named(folder: Path) -> None:
    path = folder / "identity_limits.csv"
    path.write_text(path.read_text().replace("max_linked", "most"))
    assert rules.problems(folder) == {
        "identity_limits": [
            "identity_limits.csv line 1: its columns are identifier_type, linked_type, max_linked"
        ]
    }


def test_a_file_that_is_gone_is_named(folder: Path) -> None:
    (folder / "identity_settings.csv").unlink()
    assert rules.problems(folder)["identity_settings"][0].startswith(
        "identity_settings.csv: cannot"
    )
