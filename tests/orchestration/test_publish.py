from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import pytest

from orchestration import publish


@pytest.fixture
def build(tmp_path: Path) -> Path:
    path = tmp_path / "build.duckdb"
    write(path, 1)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "published"


def write(build: Path, value: int) -> None:
    with duckdb.connect(str(build)) as con:
        con.execute("create schema if not exists marts")
        con.execute(f"create or replace table marts.answer as select {value} as answer")


def read(folder: Path) -> int:
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as con:
        return con.execute("select answer from marts.answer").fetchall()[0][0]


def test_a_published_file_holds_what_was_built(build: Path, folder: Path) -> None:
    version = publish.publish(build, folder, "2026-01-05")
    assert read(folder) == 1
    assert version.path.name == "warehouse-2026-01-05-000001.duckdb"
    assert publish.current(folder) == version


def test_what_vendors_sent_word_by_word_stays_in_the_build_file(build: Path, folder: Path) -> None:
    with duckdb.connect(str(build)) as con:
        for schema in ("base", "staging", "intermediate", "ops", "identity", "seeds"):
            con.execute(f"create schema {schema}")
            con.execute(f"create table {schema}.kept as select 1.5::decimal(18, 4) as amount")
        con.execute("create view marts.seen as select answer * 2 as twice from marts.answer")
    with duckdb.connect(str(build.rename(build.with_name("warehouse.duckdb")))) as con:
        con.execute("create or replace view marts.named as from warehouse.marts.answer")
    publish.publish(build.with_name("warehouse.duckdb"), folder, "2026-01-05")

    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as con:
        found = con.execute(
            "select table_schema || '.' || table_name from information_schema.tables order by all"
        ).fetchall()
        assert [name for (name,) in found] == [
            "identity.kept",
            "marts.answer",
            "marts.named",
            "marts.seen",
            "seeds.kept",
        ]
        assert con.execute("select twice from marts.seen").fetchall() == [(2,)]
        described = con.execute("describe seeds.kept").fetchall()
        assert [(row[0], row[1]) for row in described] == [("amount", "DECIMAL(18,4)")]


def test_publishing_leaves_nothing_but_versions_behind(build: Path, folder: Path) -> None:
    publish.publish(build, folder, "2026-01-05")
    names = {path.name for path in folder.iterdir()}
    assert names == {".lock", "warehouse.duckdb", "warehouse-2026-01-05-000001.duckdb"}


def test_publishing_again_without_a_change_is_harmless(build: Path, folder: Path) -> None:
    publish.publish(build, folder, "2026-01-05")
    publish.publish(build, folder, "2026-01-05")
    assert read(folder) == 1


def test_the_last_three_versions_are_kept(build: Path, folder: Path) -> None:
    for day in range(1, 6):
        write(build, day)
        publish.publish(build, folder, f"2026-01-0{day}")
    assert [version.number for version in publish.versions(folder)] == [3, 4, 5]
    assert read(folder) == 5


def test_an_open_reader_keeps_its_warehouse_and_a_writer_does_not_shut_readers_out(
    build: Path, folder: Path
) -> None:
    publish.publish(build, folder, "2026-01-01")
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as reader:
        write(build, 2)
        publish.publish(build, folder, "2026-01-02")
        assert reader.execute("select answer from marts.answer").fetchall() == [(1,)]
    with duckdb.connect(str(build)) as writer:
        writer.execute("create or replace table marts.answer as select 3 as answer")
        assert read(folder) == 2


def test_rolling_back_goes_further_back_each_time_and_then_says_so(
    build: Path, folder: Path
) -> None:
    for day in (1, 2, 3):
        write(build, day)
        publish.publish(build, folder, f"2026-01-0{day}")
    assert publish.roll_back(folder).night == "2026-01-02"
    assert read(folder) == 2
    assert publish.roll_back(folder).night == "2026-01-01"
    assert read(folder) == 1
    with pytest.raises(publish.PublishError, match="no older warehouse"):
        publish.roll_back(folder)
    assert read(folder) == 1


def test_a_publish_after_a_rollback_drops_what_was_rolled_back_from(
    build: Path, folder: Path
) -> None:
    for day in (1, 2):
        write(build, day)
        publish.publish(build, folder, f"2026-01-0{day}")
    publish.roll_back(folder)
    write(build, 3)
    publish.publish(build, folder, "2026-01-03")
    assert read(folder) == 3
    assert publish.roll_back(folder).night == "2026-01-01"


def test_rolling_back_where_nothing_was_published_says_so(folder: Path) -> None:
    folder.mkdir()
    with pytest.raises(publish.PublishError, match="no older warehouse"):
        publish.roll_back(folder)


def test_a_folder_copied_without_its_links_can_still_be_rolled_back(
    build: Path, folder: Path, tmp_path: Path
) -> None:
    for day in (1, 2):
        write(build, day)
        publish.publish(build, folder, f"2026-01-0{day}")
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    assert publish.roll_back(copy).night == "2026-01-01"
    assert read(copy) == 1


def test_a_full_disk_is_told_in_a_sentence_and_leaves_the_old_warehouse(
    build: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish.publish(build, folder, "2026-01-01")
    write(build, 2)

    def full(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("create table half as from range(100000)")
        raise duckdb.IOException(f'Could not write file "x": {os.strerror(errno.ENOSPC)}')

    monkeypatch.setattr(publish, "_copy_tables", full)
    with pytest.raises(publish.PublishError, match=r"disk is full.*old one is untouched"):
        publish.publish(build, folder, "2026-01-02")
    assert read(folder) == 1
    assert not list(folder.glob(".warehouse-*"))


def test_too_little_room_is_known_before_anything_is_copied(
    build: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish.publish(build, folder, "2026-01-01")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1))
    with pytest.raises(publish.PublishError, match="disk is full"):
        publish.publish(build, folder, "2026-01-02")
    assert read(folder) == 1


def test_a_build_file_that_another_process_has_open_is_not_published(
    build: Path, folder: Path
) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import duckdb; c = duckdb.connect({str(build)!r}); print(1, flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    with holder, holder.stdout, holder.stdin:
        holder.stdout.readline()
        with pytest.raises(publish.PublishError, match="cannot be published"):
            publish.publish(build, folder, "2026-01-01")
        holder.stdin.write(b"\n")
    assert not (folder / "warehouse.duckdb").exists()


SEAMS = {
    "in the middle of the copy": (
        "publish._copy_tables = lambda con: (con.execute('create table half as select 1'), die())"
    ),
    "before the version has its name": "pathlib.Path.rename = lambda *a: die()",
    "before the link is made": "os.link = lambda *a: die()",
    "before the link is swapped": "link = os.link; os.link = lambda *a: (link(*a), die())",
    "after the swap": "os.open = lambda *a: die()",
}


@pytest.mark.parametrize("seam", SEAMS)
def test_killed_at_any_seam_either_the_old_or_the_new_is_in_place(
    seam: str, build: Path, folder: Path
) -> None:
    publish.publish(build, folder, "2026-01-01")
    write(build, 2)
    script = f"""
        import contextlib, os, pathlib, shutil, signal
        from orchestration import publish
        die = lambda: os.kill(os.getpid(), signal.SIGKILL)
        build, folder = pathlib.Path({str(build)!r}), pathlib.Path({str(folder)!r})
        publish._folder_lock = lambda _: contextlib.nullcontext()
        {SEAMS[seam]}
        publish.publish(build, folder, "2026-01-02")
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert read(folder) == (2 if seam == "after the swap" else 1)

    publish.publish(build, folder, "2026-01-02")
    assert read(folder) == 2
    assert not list(folder.glob(".warehouse*"))
    assert publish.roll_back(folder).night == (
        "2026-01-02" if seam == "after the swap" else "2026-01-01"
    )


def test_killed_while_copying_a_large_file_the_next_publish_succeeds(
    build: Path, folder: Path
) -> None:
    publish.publish(build, folder, "2026-01-01")
    part = folder / ".warehouse-2026-01-02-000002.duckdb.part"
    part.write_bytes(os.urandom(1000))
    part.with_name(f"{part.name}.wal").write_bytes(os.urandom(1000))
    (part.with_name(f"{part.name}.tmp") / "spilled").mkdir(parents=True)
    publish.clean_up(folder)
    assert not list(folder.glob(".warehouse*"))
    assert read(folder) == 1
