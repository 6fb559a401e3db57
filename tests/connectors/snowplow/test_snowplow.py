"""Snowplow's connector over folders of files, the sandbox's and some made here."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import pytest

import connectors.snowplow
import sandbox
from connectors.landing import extract
from connectors.stream import ConnectorError
from tests.connectors.landed import END, START, landed_table

DAY = datetime(2026, 1, 10, tzinfo=UTC)
NIGHT = DAY, DAY + timedelta(days=1)


def test_every_event_lands_once(vendor_side: sandbox.Running) -> None:
    landed = extract("snowplow", "enriched_events", START, END)
    pages = landed_table("snowplow", "enriched_events")["page"].to_pylist()
    lines = [line for page in pages for line in page.splitlines()]
    assert {line.count("\t") for line in lines} == {130}
    found = [line.split("\t")[6] for line in lines]
    end = END.replace(tzinfo=None)
    truth = [row for row in vendor_side.truth("web_event").to_pylist() if row["collected_at"] < end]
    assert sorted(found) == sorted(row["event_id"] for row in truth)
    assert landed.rows == len(found) > 1000


class TestFolders:
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = tmp_path / "enriched"
        self.root.mkdir()
        monkeypatch.setenv("SOURCES__SNOWPLOW__URL", str(self.root))

    def write(self, name: str, content: bytes) -> None:
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)

    def pages(self) -> list[str | None]:
        extract("snowplow", "enriched_events", *NIGHT)
        return landed_table("snowplow", "enriched_events")["page"].to_pylist()

    def test_only_runs_of_the_window_are_read_in_order(self) -> None:
        self.write("run=2026-01-09-23-59-59/part-0.tsv", b"before\n")
        self.write("run=2026-01-10-06-00-00/part-1.tsv.gz", gzip.compress(b"third\n"))
        self.write("run=2026-01-10-06-00-00/part-0.tsv", b"second\n")
        self.write("run=2026-01-10-00-00-00/part-0.tsv.gz", gzip.compress(b"first\n"))
        self.write("run=2026-01-11-00-00-00/part-0.tsv", b"after\n")
        assert self.pages() == ["first\n", "second\n", "third\n"]

    def test_markers_and_other_folders_are_passed_over(self) -> None:
        self.write("run=2026-01-10-00-00-00/_SUCCESS", b"")
        self.write("run=2026-01-10-00-00-00/.part-0.tsv.crc", b"crc")
        self.write("run=2026-01-10-00-00-00/part-0.tsv", b"data\n")
        self.write("archive/part-0.tsv", b"other\n")
        self.write("readme.txt", b"text")
        assert self.pages() == ["data\n"]

    def test_a_window_without_runs_is_still_a_load(self) -> None:
        assert self.pages() == [None]

    def test_a_long_file_is_cut_between_lines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(connectors.snowplow, "BYTES_PER_PAGE", 10)
        text = b"one\ttwo\nthree\tfour five six seven\neight\nnine"
        self.write("run=2026-01-10-00-00-00/part-0.tsv.gz", gzip.compress(text))
        pages = self.pages()
        assert len(pages) > 1
        assert all(page.endswith("\n") for page in pages[:-1] if page)
        assert "".join(page or "" for page in pages).encode() == text

    def test_a_repeat_lands_the_same(self) -> None:
        self.write("run=2026-01-10-00-00-00/part-0.tsv", b"data\n")
        for _ in range(2):
            extract("snowplow", "enriched_events", *NIGHT)
        first, second = landed_table("snowplow", "enriched_events").to_pylist()
        assert first == second
        assert first["pulled_at"] == NIGHT[1]
        assert first["request"] == "READ run=2026-01-10-00-00-00/part-0.tsv"

    @pytest.mark.parametrize("damage", [slice(None, -9), slice(None, 20)])
    def test_a_file_that_is_cut_off_is_named(self, damage: slice) -> None:
        content = gzip.compress(b"a line of some length\n" * 50)
        self.write("run=2026-01-10-00-00-00/part-0.tsv.gz", content[damage])
        with pytest.raises(ConnectorError, match=r"run=2026-01-10-00-00-00/part-0.tsv.gz is cut"):
            self.pages()

    def test_a_file_that_is_not_text_is_named(self) -> None:
        self.write("run=2026-01-10-00-00-00/part-0.tsv", b"caf\xe9\n")
        with pytest.raises(ConnectorError, match=r"part-0.tsv is not UTF-8"):
            self.pages()

    def test_a_folder_that_is_not_there_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOURCES__SNOWPLOW__URL", str(self.root / "nowhere"))
        with pytest.raises(ConnectorError, match=r"there is no folder .*nowhere"):
            self.pages()


def test_any_fsspec_url_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = fsspec.filesystem("memory")
    storage.pipe("/bucket/enriched/run=2026-01-10-12-00-00/part-0.tsv.gz", gzip.compress(b"x\n"))
    monkeypatch.setenv("SOURCES__SNOWPLOW__URL", "memory://bucket/enriched")
    try:
        extract("snowplow", "enriched_events", *NIGHT)
    finally:
        storage.rm("/bucket", recursive=True)
    assert landed_table("snowplow", "enriched_events")["page"].to_pylist() == ["x\n"]
