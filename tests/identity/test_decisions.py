"""What people decide: written, read, refused with the line that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from identity.decisions import COLUMNS, DecisionError, Identifier, add, decision, read

HEADER = ",".join(COLUMNS) + "\n"


def test_what_was_decided_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "identity" / "decisions.csv"
    add(path, decision("split", "email:a@b.org", "cookie:c 1", "Ann", "two sisters, one tablet"))
    add(path, decision("join", "email:x@y.org", "phone:+49", "Ben", 'said "it is me", by phone'))
    first, second = read(path)
    assert (first.kind, f"{first.one}", f"{first.other}") == (
        "split",
        "email:a@b.org",
        "cookie:c 1",
    )
    assert (second.decided_by, second.reason) == ("Ben", 'said "it is me", by phone')
    assert [first.number, second.number] == [2, 3]


def test_the_newest_decision_on_a_pair_counts(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    add(path, decision("split", "email:a", "phone:1", "Ann", "first thought"))
    add(path, decision("join", "phone:1", "email:a", "Ann", "second thought"))
    (only,) = read(path)
    assert only.kind == "join"


def test_without_a_file_nothing_is_decided(tmp_path: Path) -> None:
    assert read(tmp_path / "none.csv") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n", "line 1: its columns are decided_at"),
        (HEADER + "2026-01-01,Ann,split,email:a,phone:1\n", "line 2: 5 values, not 6"),
        (HEADER + "\n2026-01-01,Ann,cut,email:a,phone:1,why\n", "line 3: 'cut' is no decision"),
        (HEADER + "yesterday,Ann,join,email:a,phone:1,why\n", "line 2: 'yesterday' is no time"),
        (HEADER + "2026-01-01,Ann,join,a@b,phone:1,why\n", "line 2: 'a@b' is no identifier"),
        (HEADER + "2026-01-01,Ann,join,email:a,email:a,why\n", "line 2: email:a is one"),
        (HEADER + "2026-01-01,,join,email:a,phone:1,why\n", "line 2: say who decides"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "decisions.csv"
    path.write_text(text)
    with pytest.raises(DecisionError, match=r"decisions\.csv") as caught:
        read(path)
    assert message in str(caught.value)


def test_nothing_is_added_to_what_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    path.write_text("broken\n")
    with pytest.raises(DecisionError):
        add(path, decision("join", "email:a", "phone:1", "Ann", "why"))
    assert path.read_text() == "broken\n"


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("email: Ada@Example.COM ", "email:ada@example.com"),
        ("phone:+1 (212) 555-0100", "phone:+12125550100"),
        ("phone:0049 30 123456", "phone:+4930123456"),
        ("email_sha256:" + "AB" * 32, "email_sha256:" + "ab" * 32),
        ("cookie:Keeps-Its-Case", "cookie:Keeps-Its-Case"),
    ],
)
def test_an_identifier_is_written_as_the_models_write_it(written: str, seen: str) -> None:
    assert f"{Identifier.read(written)}" == seen


def test_a_file_that_a_spreadsheet_saved_is_read_or_named(tmp_path: Path) -> None:
    """A line that is read here would be one decision more for the next night."""
    path = tmp_path / "decisions.csv"
    line = "2026-01-31T12:00:00Z,Jürgen,split,email:a@b.org,phone:+49,two sisters\n"
    path.write_text(HEADER + line, encoding="utf-8-sig")
    add(path, decision("join", "email:x@y.org", "phone:+49", "Ben", "by phone"))
    assert [each.decided_by for each in read(path)] == ["Jürgen", "Ben"]
    path.write_bytes((HEADER + line).encode("cp1252"))
    with pytest.raises(DecisionError, match="is not UTF-8"):
        read(path)
