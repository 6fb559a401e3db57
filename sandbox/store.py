"""Rows as bytes on disk, served as slices.

Belongs here: writing what a vendor module's SQL yields into data and index files, and reading
ranges of rows visible at a clock without decoding one. Does not belong here: what a row says.

A stream is a folder of partitions (one per day, or one called `all`). A partition is two files:
`<name>.rows`, the JSON bodies each followed by a comma and a line feed, in the order they are
served, and `<name>.npy`, five int64 lines: sort_at, known_at, superseded_at (microseconds), the
end offset of each row, and the code of its tag. So a page of neighbouring rows is one read.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from sandbox.wire import BadCursorError

NEVER = np.iinfo(np.int64).max
SEPARATOR = b",\n"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Integers = npt.NDArray[np.int64]


def micros(moment: datetime) -> int:
    """Return microseconds since the epoch; a naive moment counts as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Page:
    """Some rows of a stream.

    Attributes:
        body: The rows, joined by commas (no brackets around).
        count: How many rows they are.
        position: Where the next page begins, or None after the last row.
    """

    body: bytes
    count: int
    position: str | None

    def objects(self) -> list[dict[str, Any]]:
        """Return the rows decoded, for small streams that a vendor reshapes."""
        rows: list[dict[str, Any]] = orjson.loads(b"[" + self.body + b"]")
        return rows


def write_partition(
    folder: Path, name: str, rows: duckdb.DuckDBPyConnection, tags: dict[str, int]
) -> int:
    """Write one partition of the rows a query yields.

    Args:
        folder: The stream's folder.
        name: The partition's name.
        rows: An executed query with columns sort_at, known_at, superseded_at, tag, body, already
            in serving order. Rows stream through in batches.
        tags: Code of each tag so far; new ones are added.

    Returns:
        The number of rows written.
    """
    index: list[Integers] = []
    offset = 0
    with (folder / f"{name}.rows").open("wb") as file:
        for batch in rows.to_arrow_reader(100_000):
            if batch.num_rows == 0:
                continue
            body = batch.column("body").cast(pa.large_string())
            # The bodies lie one after the other in the string column's own buffer: writing that
            # buffer writes all rows at once.
            _, ends, data = body.buffers()
            bounds = np.frombuffer(ends, dtype=np.int64)[body.offset :][: len(body) + 1]
            file.write(memoryview(data)[bounds[0] : bounds[-1]])
            columns = np.empty((5, len(body)), dtype=np.int64)
            for line, column in enumerate(("sort_at", "known_at", "superseded_at")):
                moments = batch.column(column).cast(pa.timestamp("us")).cast(pa.int64())
                columns[line] = moments.fill_null(NEVER).to_numpy(zero_copy_only=False)
            columns[3] = bounds[1:] - bounds[0] + offset
            columns[4] = _codes(batch.column("tag"), tags)
            offset = int(columns[3][-1])
            index.append(columns)
    whole = np.concatenate(index, axis=1) if index else np.empty((5, 0), dtype=np.int64)
    np.save(folder / f"{name}.npy", whole)
    return int(whole.shape[1])


def _codes(column: Any, tags: dict[str, int]) -> Integers:
    encoded = column.cast(pa.string()).fill_null("").dictionary_encode()
    codes = [tags.setdefault(tag, len(tags)) for tag in encoded.dictionary.to_pylist()]
    coded: Integers = np.asarray(codes, dtype=np.int64)[encoded.indices.to_numpy()]
    return coded


class _Partition:
    """One data file and its index, opened when first asked for."""

    def __init__(self, folder: Path, name: str):
        self.name = name
        self.index: Integers = np.load(folder / f"{name}.npy", mmap_mode="r")
        self._file = os.open(folder / f"{name}.rows", os.O_RDONLY)

    def rows(self, chosen: Integers) -> bytes:
        """Return rows by number, joined by commas; neighbours are read together."""
        if len(chosen) == 0:
            return b""
        breaks = np.flatnonzero(np.diff(chosen) != 1) + 1
        pieces = [self._read(int(run[0]), int(run[-1])) for run in np.split(chosen, breaks)]
        return SEPARATOR.join(pieces)

    def _read(self, first: int, last: int) -> bytes:
        ends = self.index[3]
        begin = int(ends[first - 1]) if first else 0
        return os.pread(self._file, int(ends[last]) - begin - len(SEPARATOR), begin)


class Stream:
    """One stream of one vendor, ready to be served. Threads may share it."""

    def __init__(self, folder: Path):
        """Open the stream written under a folder."""
        self._folder = folder
        self._names = sorted(path.stem for path in folder.glob("*.npy"))
        # A partition reaches to where the next one begins: it may hold hours or many days.
        begins = [
            datetime.fromisoformat(name).replace(tzinfo=UTC)
            for name in self._names
            if name != "all"
        ]
        self._spans = dict(zip(self._names, zip_longest(begins, begins[1:]), strict=False))
        self._tags: dict[str, int] = json.loads((folder / "tags.json").read_text(encoding="utf-8"))
        self._open: dict[str, _Partition] = {}
        self._lock = threading.Lock()

    def page(
        self,
        now: datetime,
        limit: int,
        start: datetime | None = None,
        end: datetime | None = None,
        position: str | None = None,
        tags: Sequence[str] | None = None,
        descending: bool = False,
    ) -> Page:
        """Return the next rows whose sort_at lies in [start, end), as visible at a clock.

        Args:
            now: The simulated now: rows known later, or superseded by then, do not show.
            limit: Most rows to return.
            start: Earliest sort_at; None for no bound.
            end: First sort_at no longer wanted; None for no bound.
            position: The `position` of the page before; None for the first page.
            tags: Only rows with one of these tags; None for all.
            descending: Serve the last row first.

        Raises:
            BadCursorError: the position is none of ours.
        """
        names, skip = self._resume(position, descending)
        pieces: list[bytes] = []
        count = 0
        for name in names:
            if not self._may_hold(name, start, end):
                skip = -1
                continue
            partition = self._partition(name)
            visible = self._visible(partition.index, now, start, end, tags)
            if descending:
                visible = visible[::-1]
            if skip >= 0:
                visible = visible[visible < skip] if descending else visible[visible > skip]
                skip = -1
            taken = visible[: limit - count]
            if len(taken):
                pieces.append(partition.rows(taken))
                count += len(taken)
            if count == limit:
                if len(taken) == len(visible) and not self._more(
                    names, name, now, start, end, tags
                ):
                    return Page(SEPARATOR.join(pieces), count, None)
                return Page(SEPARATOR.join(pieces), count, f"{name}:{int(taken[-1])}")
        return Page(SEPARATOR.join(pieces), count, None)

    def all(self, now: datetime, tags: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Return every visible row, decoded: for small streams only."""
        return self.page(now, limit=int(NEVER), tags=tags).objects()

    def _resume(self, position: str | None, descending: bool) -> tuple[list[str], int]:
        names = self._names[::-1] if descending else self._names
        if position is None:
            return names, -1
        name, _, row = position.rpartition(":")
        if name not in names or not row.isdigit():
            raise BadCursorError(f"not a position: {position}")
        return names[names.index(name) :], int(row)

    def _more(
        self,
        names: list[str],
        after: str,
        now: datetime,
        start: datetime | None,
        end: datetime | None,
        tags: Sequence[str] | None,
    ) -> bool:
        later = names[names.index(after) + 1 :]
        return any(
            self._may_hold(name, start, end)
            and len(self._visible(self._partition(name).index, now, start, end, tags)) > 0
            for name in later
        )

    def _may_hold(self, name: str, start: datetime | None, end: datetime | None) -> bool:
        if name == "all":
            return True
        begin, next_begin = self._spans[name]
        return (end is None or begin is None or begin < end) and (
            start is None or next_begin is None or next_begin > start
        )

    def _visible(
        self,
        index: Integers,
        now: datetime,
        start: datetime | None,
        end: datetime | None,
        tags: Sequence[str] | None,
    ) -> Integers:
        sort_at, known_at, superseded_at, _, tag = index
        first = 0 if start is None else int(np.searchsorted(sort_at, micros(start)))
        last = len(sort_at) if end is None else int(np.searchsorted(sort_at, micros(end)))
        moment = micros(now)
        shown = (known_at[first:last] <= moment) & (superseded_at[first:last] > moment)
        if tags is not None:
            codes = [self._tags[name] for name in tags if name in self._tags]
            shown &= np.isin(tag[first:last], codes)
        return (np.flatnonzero(shown) + first).astype(np.int64)

    def _partition(self, name: str) -> _Partition:
        with self._lock:
            if name not in self._open:
                self._open[name] = _Partition(self._folder, name)
            return self._open[name]


def partitions(days: Sequence[datetime]) -> Iterator[tuple[str, datetime, datetime]]:
    """Yield name, start and end of a partition per day."""
    for day in days:
        yield day.strftime("%Y-%m-%d"), day, day + timedelta(days=1)
