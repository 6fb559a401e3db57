"""What the command says where it cannot do what it is asked: one sentence, and no traceback."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from identity.__main__ import main

PAIR = ["email:ada@example.com", "phone:+4930123"]
DECISION = [*PAIR, "--by", "Ann", "--why", "two sisters"]
TRUTH = pa.table(
    {"identifier_type": ["email"], "identifier_value": ["a"], "person_id": [1], "persons": [1]}
)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("THROUGHLINE_DATA", str(tmp_path))
    (tmp_path / "build").mkdir()
    (tmp_path / "published").mkdir()
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main([*arguments]) == 1
    sentence = capsys.readouterr().err.strip()
    assert "\n" not in sentence
    return sentence


def test_what_has_not_been_made_yet_is_told_with_what_makes_it(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pq.write_table(TRUTH, data / "truth.parquet")
    truth = ["report", "--truth", str(data / "truth.parquet")]
    assert "run make nightly first" in refused(capsys, *truth)
    assert "run make nightly first" in refused(capsys, "explain", *PAIR)


def test_a_damaged_warehouse_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pq.write_table(TRUTH, data / "truth.parquet")
    truth = ["report", "--truth", str(data / "truth.parquet")]
    for folder, arguments in (("build", truth), ("published", ["explain", *PAIR])):
        file = data / folder / "warehouse.duckdb"
        file.write_bytes(b"not a database" * 1000)
        assert f"{file} cannot be opened" in refused(capsys, *arguments)


def test_a_warehouse_without_what_is_asked_for_is_named(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pq.write_table(TRUTH, data / "truth.parquet")
    truth = ["report", "--truth", str(data / "truth.parquet")]
    for folder, arguments in (("build", truth), ("published", ["explain", *PAIR])):
        file = data / folder / "warehouse.duckdb"
        duckdb.connect(str(file)).close()
        sentence = refused(capsys, *arguments)
        assert f"{file} " in sentence
        assert "run make nightly" in sentence


@pytest.mark.parametrize("name", ["text", "other"])
def test_a_truth_that_is_none_is_named_with_what_it_needs(
    name: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    duckdb.connect(str(data / "build" / "warehouse.duckdb")).close()
    truth = data / name
    if name == "text":
        truth.write_text("identifier_type,identifier_value\n")
    else:
        pq.write_table(pa.table({"person_id": [1]}), truth)
    sentence = refused(capsys, "report", "--truth", str(truth))
    assert f"{truth}" in sentence
    assert "identifier_type" in sentence


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"# People\n\nAda lives here\n", "whose record is this"),
        (b"rec_id,given_name\nrec-1-org,ada,36\n", "line 2: more values than columns"),
        (b"rec_id,given_name\nrec-1-org,J\xfcrgen\n", "UTF-8"),
        (b"rec_id,given_name\nrec-1-org,ada\nrec-1-org,ada\n", "rec-1-org stands there twice"),
        (b"", "no record"),
        (b"rec_id,given_name\n", "no record"),
    ],
)
def test_records_that_cannot_be_read_are_named(
    content: bytes, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(content)
    sentence = refused(capsys, "report", "--records", str(file))
    assert f"{file}" in sentence
    assert says in sentence


def test_a_folder_is_no_file_of_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"{tmp_path}" in refused(capsys, "report", "--records", str(tmp_path))


def test_a_decision_that_cannot_be_kept_names_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("THROUGHLINE_DATA", str(tmp_path / "file" / "data"))
    sentence = refused(capsys, "split", *DECISION)
    assert f"{tmp_path}/file/data/identity/decisions.csv cannot be written" in sentence


def test_decisions_that_are_no_text_are_named(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = data / "identity" / "decisions.csv"
    file.parent.mkdir()
    file.write_bytes(b"\xff\xfe\x00\x01")
    assert f"{file}" in refused(capsys, "join", *DECISION)
    assert file.read_bytes() == b"\xff\xfe\x00\x01"
