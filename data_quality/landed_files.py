"""Finding finished loads in the landing and reading what they say about themselves.

A load is finished once dlt has written it down in `_dlt_loads`; files of other load ids belong to
extracts that were killed. Here belongs where files lie and whether they can be read; what becomes
of a load belongs in loads.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb
from fsspec.implementations.local import LocalFileSystem

from connectors import places

_RECORD_NAME = re.compile(r"__(?P<load_id>\d+\.\d+)\.jsonl$")
_FILE_NAME = re.compile(r"(?P<load_id>\d+\.\d+)\.[^/]+\.parquet$")


class UnreadableLoadError(Exception):
    """A finished load whose files are missing or damaged; the message names the file."""


@dataclass(frozen=True)
class FinishedLoad:
    """A load that dlt recorded as done, and its files as full paths or URLs."""

    load_id: str
    vendor: str
    stream: str
    files: list[str]
    folder: str


@dataclass(frozen=True)
class LoadFacts:
    """What a load's files say: naive UTC times, and the pages that have a body."""

    window_start: datetime
    window_end: datetime
    pulled_at: datetime
    page_count: int


@dataclass
class FinishedLoads:
    """New finished loads, and the filesystem they lie on."""

    filesystem: Any
    loads: list[FinishedLoad] = field(default_factory=list)

    def __iter__(self) -> Iterator[FinishedLoad]:
        return iter(self.loads)

    def __len__(self) -> int:
        return len(self.loads)

    def share_filesystem(self, con: duckdb.DuckDBPyConnection) -> None:
        """Let DuckDB read where these files lie, if that is not a local disk."""
        share_filesystem(con, self.filesystem)


def share_filesystem(con: duckdb.DuckDBPyConnection, filesystem: Any) -> None:
    """Let DuckDB read through an fsspec filesystem; a local disk it reads by itself."""
    if not isinstance(filesystem, LocalFileSystem):
        protocol = filesystem.protocol
        name = protocol if isinstance(protocol, str) else protocol[0]
        if name not in con.list_filesystems():
            con.register_filesystem(filesystem)


def share_landing(con: duckdb.DuckDBPyConnection, files: list[str]) -> None:
    """Let DuckDB read these files of a load, wherever they lie."""
    if files:
        share_filesystem(con, places.opened(files[0])[0])


def root_of(landing_url: str) -> str:
    """The landing as the names of its files begin: a local path, else a URL."""
    filesystem, root = places.opened(landing_url)
    local = isinstance(filesystem, LocalFileSystem)
    return str(root if local else filesystem.unstrip_protocol(root)).rstrip("/")


def find_finished(landing_url: str, known: set[str]) -> FinishedLoads:
    """The finished loads that are not known yet, in the order of their ids.

    Records of known loads are not opened, and a stream's folder is listed only for a new one.

    Args:
        landing_url: any fsspec URL; may not exist yet.
        known: load ids to leave out.
    """
    filesystem, root = places.opened(landing_url)
    filesystem.invalidate_cache()
    found = FinishedLoads(filesystem)
    if not filesystem.isdir(root):
        return found
    listings: dict[str, dict[str, list[str]]] = {}
    for vendor, record in _records(filesystem, root):
        named = _RECORD_NAME.search(record)
        if named and named["load_id"] in known:
            continue
        for load_id, stream in _read_record(filesystem, record, vendor):
            if load_id in known:
                continue
            folder = f"{root}/{vendor}/{stream}"
            if folder not in listings:
                listings[folder] = _list_files(filesystem, folder)
            files = listings[folder].get(load_id, [])
            found.loads.append(FinishedLoad(load_id, vendor, stream, files, folder))
            known = known | {load_id}
    found.loads.sort(key=lambda load: load.load_id)
    return found


def _records(filesystem: Any, root: str) -> Iterator[tuple[str, str]]:
    """Vendor and path of each record file; a glob would list every landed page file as well."""
    for folder in sorted(filesystem.ls(root, detail=False)):
        records = f"{folder.rstrip('/')}/{places.RECORDS}"
        if filesystem.isdir(records):
            for record in sorted(filesystem.ls(records, detail=False)):
                if record.endswith(".jsonl"):
                    yield folder.rstrip("/").rsplit("/", 1)[-1], record


def _read_record(filesystem: Any, record: str, vendor: str) -> Iterator[tuple[str, str]]:
    """Load id and stream of each finished load in one record file.

    dlt appends objects without a line feed between them. A record that is cut off was being
    written when the extract died: that load is not finished.
    """
    text = filesystem.cat_file(record).decode("utf-8", errors="replace").strip()
    decoder = json.JSONDecoder()
    while text:
        try:
            entry, end = decoder.raw_decode(text)
        except json.JSONDecodeError:
            return
        text = text[end:].lstrip()
        # dlt makes one underscore of the two between vendor and stream.
        schema = str(entry.get("schema_name", ""))
        if entry.get("status") == 0 and schema.startswith(f"{vendor}_"):
            yield str(entry["load_id"]), schema.removeprefix(vendor).lstrip("_")


def _list_files(filesystem: Any, folder: str) -> dict[str, list[str]]:
    """The files of each load in a stream's folder."""
    files: dict[str, list[str]] = {}
    if filesystem.isdir(folder):
        local = isinstance(filesystem, LocalFileSystem)
        for path in sorted(filesystem.ls(folder, detail=False)):
            if named := _FILE_NAME.search(path):
                full = path if local else filesystem.unstrip_protocol(path)
                files.setdefault(named["load_id"], []).append(full)
    return files


def read_facts(con: duckdb.DuckDBPyConnection, load: FinishedLoad) -> LoadFacts:
    """Read window, clock and page count of a load, decoding each page once.

    Raises:
        UnreadableLoadError: a file is missing, cut off or damaged.
    """
    if not load.files:
        raise UnreadableLoadError(
            f"dlt recorded this load as finished, but {load.folder} holds no file of it"
        )
    query = """
        select
            min(window_start) at time zone 'UTC',
            max(window_end) at time zone 'UTC',
            min(pulled_at) at time zone 'UTC',
            count(page),
            count(*),
            count(distinct page_index),
            max(page_index) + 1,
            sum(strlen(page))
        from read_parquet(?)
    """
    try:
        row = con.execute(query, [load.files]).fetchone()
    except duckdb.Error:
        raise UnreadableLoadError(_blame(con, query, load.files)) from None
    assert row is not None
    start, end, pulled_at, pages, rows, indexes, expected, _ = row
    if not rows:
        raise UnreadableLoadError(f"{load.files[0]} holds no page")
    if indexes != rows or expected != rows:
        raise UnreadableLoadError(
            f"{load.folder} holds {indexes} different pages of load {load.load_id} in {rows} rows,"
            f" and the last is number {expected}: a file is missing or stands there twice"
        )
    return LoadFacts(start, end, pulled_at, pages)


def _blame(con: duckdb.DuckDBPyConnection, query: str, files: list[str]) -> str:
    for file in files:
        try:
            con.execute(query, [[file]]).fetchone()
        except duckdb.Error as error:
            return f"{file} cannot be read: {' '.join(str(error).split())[:200]}"
    return f"{files[0]} and its siblings cannot be read together"
