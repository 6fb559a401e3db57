from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import fsspec
import pytest

from data_quality import loads
from data_quality.landed_files import find_finished
from tests.data_quality.conftest import START as DAY
from tests.data_quality.conftest import Night, event_page, event_rows, midnight


def test_a_finished_load_is_entered_with_what_its_files_say(night: Night) -> None:
    load_id = night.land("klaviyo", "events", [event_page(event_rows(DAY)), None])

    (load,) = night.register()

    assert (load.load_id, load.vendor, load.stream) == (load_id, "klaviyo", "events")
    assert (load.window_start, load.window_end) == (midnight(DAY), datetime(2026, 1, 6))
    assert load.pulled_at == datetime(2026, 1, 6, 3)
    assert load.page_count == 1
    assert load.status == "landed"
    assert [Path(file).exists() for file in load.files] == [True]


def test_a_data_folder_can_be_moved(night: Night, tmp_path: Path) -> None:
    night.land("klaviyo", "events", ["{}"])
    night.register()
    (stored,) = night.con.execute("select files from ops.loads").fetchone() or ((),)
    assert [Path(file).parent for file in stored] == [Path("klaviyo/events")]
    night.folder = (night.folder / "landing").rename(tmp_path / "new").parent
    shutil.move(tmp_path / "new", tmp_path / "there" / "landing")

    loads.register(night.con, (tmp_path / "there" / "landing").as_uri())

    (load,) = loads.find(night.con)
    assert [Path(file).exists() for file in load.files] == [True]


@pytest.mark.parametrize("was_moved", [False, True])
def test_full_paths_of_an_older_register_are_taken_down_to_the_landing(
    night: Night, was_moved: bool
) -> None:
    night.land("klaviyo", "events", ["{}"])
    (load,) = night.register()
    where = "/nowhere/any/more" if was_moved else f"{night.folder}/landing"
    older = [file.replace(f"{night.folder}/landing", where) for file in load.files]
    night.con.execute("update ops.loads set files = ?", [older])

    night.register()

    (again,) = loads.find(night.con)
    assert again.files == load.files
    assert night.con.execute("select files from ops.loads").fetchone() != (load.files,)


def test_a_landing_that_moved_without_its_older_files_still_knows_them(
    night: Night, tmp_path: Path
) -> None:
    night.land("klaviyo", "events", ["{}"])
    (load,) = night.register()
    night.con.execute("update ops.loads set files = ?", [load.files])
    night.con.execute("delete from ops.landing")

    loads.register(night.con, (tmp_path / "another").as_uri())

    assert loads.find(night.con)[0].files == load.files


def test_registering_twice_enters_nothing_twice(night: Night) -> None:
    night.land("klaviyo", "events", ["{}"])

    assert len(night.register()) == 1
    assert night.register() == []


def test_files_of_an_extract_that_was_killed_are_ignored(night: Night) -> None:
    night.land("klaviyo", "events", ["{}"], record=False)

    assert night.register() == []


def test_a_record_that_was_cut_off_is_no_finished_load(night: Night) -> None:
    load_id = night.land("klaviyo", "events", ["{}"])
    record = night.record("klaviyo", "events", load_id)
    record.write_text(record.read_text()[:-9])

    assert night.register() == []


def test_several_objects_in_one_record_need_no_line_feed_between_them(night: Night) -> None:
    first, second = (night.land("klaviyo", "events", ["{}"], record=False) for _ in range(2))
    texts = [night.record("klaviyo", "events", load_id).read_text() for load_id in (first, second)]
    night.record("klaviyo", "events", second).unlink()
    night.record("klaviyo", "events", first).write_text("".join(texts))

    assert [load.load_id for load in night.register()] == [first, second]


def test_a_load_that_dlt_says_has_failed_is_ignored(night: Night) -> None:
    load_id = night.land("klaviyo", "events", ["{}"])
    record = night.record("klaviyo", "events", load_id)
    record.write_text(record.read_text().replace('"status": 0', '"status": 1'))

    assert night.register() == []


def test_a_stream_with_an_underscore_in_its_name_is_told_from_its_vendor(night: Night) -> None:
    night.land("meta_ads", "ad_performance", ["{}"])

    (load,) = night.register()

    assert (load.vendor, load.stream) == ("meta_ads", "ad_performance")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "cannot be read"),
        (lambda path: path.write_bytes(b""), "cannot be read"),
        (lambda path: path.unlink(), "holds no file of it"),
    ],
    ids=["cut off", "empty", "missing"],
)
def test_a_damaged_load_is_held_by_name_and_the_others_go_on(night: Night, damage, said) -> None:
    bad = night.land("klaviyo", "events", ["{}"])
    good = night.land("klaviyo", "profiles", ["{}"])
    (path,) = (night.folder / "landing/klaviyo/events").glob("*.parquet")
    damage(path)

    night.register()

    assert night.status(good) == "landed"
    (held,) = loads.held(night.con)
    assert held.load_id == bad
    assert said in (held.reason or "")
    assert "klaviyo/events" in (held.reason or "")
    assert held.files == []


def test_damage_inside_a_page_is_found_before_any_model_reads_it(night: Night) -> None:
    night.land("klaviyo", "events", ["x" * 5000 + str(number) for number in range(500)])
    (path,) = (night.folder / "landing/klaviyo/events").glob("*.parquet")
    body = bytearray(path.read_bytes())
    body[100:160] = bytes(60)
    path.write_bytes(body)

    night.register()

    assert len(loads.held(night.con)) == 1


def test_a_load_of_several_files_of_which_one_is_gone_is_held(night: Night) -> None:
    load_id = night.land("klaviyo", "events", ["{}"] * 4)
    (path,) = (night.folder / "landing/klaviyo/events").glob("*.parquet")
    other = path.with_name(path.name.replace("0a1b", "ffff"))
    with duckdb.connect() as con:
        con.execute(f"copy (from '{path}' where page_index in (0, 3)) to '{other}'")
    shutil.move(other, path)

    night.register()

    (held,) = loads.held(night.con)
    assert held.load_id == load_id
    assert "a file is missing" in (held.reason or "")


def test_an_empty_pull_is_a_load_like_any_other(night: Night) -> None:
    night.land("klaviyo", "events", [None])

    (load,) = night.register()

    assert (load.status, load.page_count) == ("landed", 0)


def test_a_landing_that_is_not_there_yet_has_no_loads(night: Night) -> None:
    assert night.register() == []


def test_records_and_folders_of_known_loads_are_not_opened(night: Night, monkeypatch) -> None:
    night.land("klaviyo", "events", ["{}"])
    night.register()
    opened: list[str] = []
    local = type(fsspec.filesystem("file"))

    def watch(name: str) -> None:
        original = getattr(local, name)

        def watched(self, path, *arguments, **options):
            opened.append(path)
            return original(self, path, *arguments, **options)

        monkeypatch.setattr(local, name, watched)

    watch("cat_file")
    watch("ls")

    found = find_finished(night.url, {night.load_ids[0]})

    assert len(found) == 0
    assert opened
    assert not [path for path in opened if path.endswith((".jsonl", "/events"))]


def test_a_landing_on_another_filesystem_is_read_through_fsspec(night: Night) -> None:
    night.land("klaviyo", "events", [event_page(event_rows(DAY))])
    memory = fsspec.filesystem("memory")
    for path in (night.folder / "landing").rglob("*.*"):
        if path.is_file():
            memory.pipe_file(f"/bucket/{path.relative_to(night.folder)}", path.read_bytes())
    try:
        (load,) = loads.register(night.con, "memory://bucket/landing")
    finally:
        memory.rm("/bucket", recursive=True)

    assert load.page_count == 1
    assert load.files[0].startswith("memory://")
