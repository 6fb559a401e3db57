"""The drop area as a whole: what is read, when it is read again, and what is held back."""

from __future__ import annotations

import os
import runpy
import shutil
import sys
from pathlib import Path

import fsspec
import pytest

import connectors.files.shape
from connectors.landing import extract
from connectors.stream import ConnectorError
from tests.connectors.files.conftest import HEADER, LINE, DropArea
from tests.connectors.landed import END, START, landed_table


def test_pages_put_together_are_the_file_byte_for_byte(
    drop: DropArea, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connectors.files.shape, "PAGE_BYTES", 200)
    drop.declare()
    text = HEADER + "".join(
        f'{n},2026-01-05 10:00:00,"Mug, ""no. {n}""\r\nsecond line",1,2.5,\r\n' for n in range(50)
    )
    drop.write(text)
    landed = drop.land()
    pages = drop.landed()
    assert "".join(page.page or "" for page in pages) == text
    assert len(pages) > 5
    assert landed.rows == 50
    assert [page.said["header_lines"] for page in pages[:2]] == [1, 0]
    firsts = [page.said["first_row"] for page in pages]
    assert firsts == sorted(firsts)
    assert all((page.page or "").count('"') % 2 == 0 for page in pages)


def test_a_file_is_read_once_whatever_its_time(drop: DropArea) -> None:
    drop.declare()
    old = drop.write(HEADER + LINE, "old.csv")
    os.utime(old, (946684800, 946684800))
    assert drop.land().pages == 1
    assert drop.land().pages == 0
    late = drop.write(HEADER + LINE.replace("1,", "2,", 1), "late.csv")
    os.utime(late, (946684800, 946684800))
    assert drop.land().pages == 1
    assert [page.said["file"] for page in drop.landed()] == ["old.csv", "late.csv"]


def test_a_changed_file_is_read_again_as_a_whole(drop: DropArea) -> None:
    drop.declare()
    file = drop.write(HEADER + LINE)
    drop.land()
    file.write_text(HEADER + LINE + LINE.replace("1,", "2,", 1))
    assert drop.land().rows == 2
    versions = [page.said["version"] for page in drop.landed()]
    assert len(set(versions)) == 2


def test_a_file_that_was_only_touched_is_not_read_again(drop: DropArea) -> None:
    drop.declare()
    file = drop.write(HEADER + LINE)
    drop.land()
    os.utime(file, (946684800, 946684800))
    assert drop.land().pages == 0


def test_another_declaration_reads_the_files_again(drop: DropArea) -> None:
    drop.declare()
    drop.write(HEADER + LINE)
    drop.land()
    drop.declare(time_zone="Europe/Rome")
    assert drop.land().rows == 1


def test_an_extract_that_died_is_as_if_it_had_not_been(drop: DropArea, data: Path) -> None:
    drop.declare()
    drop.write(HEADER + LINE)
    drop.land()
    for record in (data / "landing" / "files" / "_dlt_loads").glob("*.jsonl"):
        record.write_text(record.read_text()[:-20])
    assert drop.land().rows == 1


def test_a_wrong_file_is_held_back_and_the_others_go_on(drop: DropArea) -> None:
    drop.declare()
    drop.write(HEADER + LINE, "a.csv")
    drop.write(HEADER + LINE + "2,2026-01-05", "b.csv")
    drop.write(HEADER + LINE.replace("1,", "3,", 1), "c.csv")
    landed = drop.land()
    assert landed.rows == 2
    (reason,) = drop.reasons()
    assert reason.startswith("line 3: 2 values, not 6")
    assert "Remedy:" in reason
    assert {page.said["file"] for page in drop.landed() if page.page} == {"a.csv", "c.csv"}


def test_a_held_back_file_is_said_again_each_night_until_it_is_right(drop: DropArea) -> None:
    drop.declare()
    file = drop.write("no;at\n")
    drop.land()
    drop.land()
    assert len(drop.reasons()) == 2
    file.write_text(HEADER + LINE)
    assert drop.land().rows == 1
    assert len(drop.reasons()) == 2


def test_a_copy_under_another_name_is_held_back(drop: DropArea) -> None:
    drop.declare()
    drop.write(HEADER + LINE, "sales.csv")
    drop.land()
    drop.write(HEADER + LINE, "sales (1).csv")
    assert drop.land().rows == 0
    (reason,) = drop.reasons()
    assert "exactly what sales.csv held" in reason


def test_a_copy_is_read_where_the_feed_says_that_copies_are_meant(drop: DropArea) -> None:
    drop.declare(accept_copies=True)
    drop.write(HEADER + LINE, "monday.csv")
    drop.write(HEADER + LINE, "tuesday.csv")
    assert drop.land().rows == 2


def test_an_empty_file_is_held_back_and_one_with_a_header_alone_is_not(drop: DropArea) -> None:
    drop.declare()
    drop.write("", "empty.csv")
    drop.write(HEADER, "quiet_day.csv")
    landed = drop.land()
    assert (landed.pages, landed.rows) == (1, 0)
    assert ["the file is empty" in reason for reason in drop.reasons()] == [True]


def test_links_are_followed_and_broken_ones_are_said(drop: DropArea, tmp_path: Path) -> None:
    drop.declare()
    (tmp_path / "elsewhere.csv").write_text(HEADER + LINE)
    (drop.folder / "shop" / "a.csv").symlink_to(tmp_path / "elsewhere.csv")
    (drop.folder / "shop" / "b.csv").symlink_to(tmp_path / "nowhere.csv")
    assert drop.land().rows == 1
    assert ["it cannot be read" in reason for reason in drop.reasons()] == [True]
    assert drop.land().rows == 0


@pytest.mark.parametrize("name", ["a.csv.part", ".a.csv", "_a.csv", "a.csv.tmp", "a.csv~"])
def test_what_is_still_being_copied_is_left_alone(drop: DropArea, name: str) -> None:
    drop.declare()
    drop.write(HEADER + LINE, name)
    drop.land()
    assert drop.landed() == []


def test_a_file_written_this_moment_is_given_time_to_settle(
    drop: DropArea, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setenv("SOURCES__FILES__SETTLE_SECONDS", "2")
    monkeypatch.setattr("connectors.files.drop.time.sleep", waits.append)
    drop.declare()
    drop.write(HEADER + LINE, "new.csv")
    old = drop.write(HEADER + LINE + LINE, "old.csv")
    os.utime(old, (946684800, 946684800))
    drop.land()
    assert len(waits) == 1
    assert 0 < waits[0] <= 2


def test_a_file_that_grows_while_it_is_read_waits_for_the_next_night(
    drop: DropArea, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop.declare()
    file = drop.write(HEADER + LINE)
    read = connectors.files.drop.read_pieces

    def growing(*arguments: object) -> object:
        with file.open("a") as more:
            more.write(LINE)
        return read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("connectors.files.drop.read_pieces", growing)
    drop.land()
    assert ["changed while it was read" in reason for reason in drop.reasons()] == [True]
    monkeypatch.setattr("connectors.files.drop.read_pieces", read)
    assert drop.land().rows == 2


def test_a_name_that_does_not_fit_is_held_back_and_not_passed_by(drop: DropArea) -> None:
    drop.declare(files="sales_*.csv")
    drop.write(HEADER + LINE, "sales_01.csv")
    drop.write(HEADER + LINE, "stock.csv")
    assert drop.land().rows == 1
    assert ["its name is not like sales_*.csv" in reason for reason in drop.reasons()] == [True]


def test_a_folder_without_a_declaration_and_a_stray_file_are_said(drop: DropArea) -> None:
    drop.write(HEADER + LINE, "a.csv", feed="new_shop")
    (drop.folder / "lost.csv").write_text("x")
    drop.land()
    said = {(notice.said["feed"], notice.said["file"]): notice.reason for notice in drop.landed()}
    assert set(said) == {("", "lost.csv"), ("new_shop", "feed.yml")}
    assert all("connectors/files/templates" in reason for reason in said.values())


def test_a_broken_declaration_stops_its_own_feed_only(drop: DropArea) -> None:
    drop.declare("good")
    drop.write(HEADER + LINE, feed="good")
    drop.declare("bad", format="xlsx")
    drop.write(HEADER + LINE, feed="bad")
    assert drop.land().rows == 1
    assert len(drop.reasons()) == 1
    drop.land("offline_activity")
    assert drop.reasons("offline_activity") == []


def test_no_drop_area_is_no_fault_but_a_wrong_setting_is(
    drop: DropArea, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert drop.land().pages == 0
    monkeypatch.setenv("SOURCES__FILES__URL", str(drop.folder / "nowhere"))
    with pytest.raises(ConnectorError, match=r"there is no folder .*nowhere.*SOURCES__FILES__URL"):
        drop.land()


def test_the_drop_area_may_be_any_url(drop: DropArea, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = fsspec.filesystem("memory")
    drop.declare()
    drop.write(HEADER + LINE)
    memory.pipe("/bucket/drop/shop/feed.yml", (drop.folder / "shop/feed.yml").read_bytes())
    memory.pipe("/bucket/drop/shop/a.csv", (drop.folder / "shop/a.csv").read_bytes())
    shutil.rmtree(drop.folder)
    monkeypatch.setenv("SOURCES__FILES__URL", "memory://bucket/drop")
    assert extract("files", "orders", START, END).rows == 1
    assert landed_table("files", "orders")["page"].to_pylist() == [HEADER + LINE]
    memory.rm("/bucket", recursive=True)


def test_the_command_says_what_lies_there_and_lands_nothing(
    drop: DropArea,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    drop.declare()
    drop.write(HEADER + LINE, "a.csv")
    drop.write("no\n", "b.csv")
    monkeypatch.setattr(sys, "argv", ["files", "check"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("connectors.files", run_name="__main__")
    said = capsys.readouterr().out
    assert ended.value.code == 1
    assert "shop/a.csv: fine, 1 records" in said
    assert "shop/b.csv: line 1: the header" in said
    assert not (data / "landing").exists()
