"""The file of a bulk operation: rows, with those that belong to them put back inside.

Belongs here: the lines of a file on disk. Does not belong here: the operation, and how its file is
fetched (bulk.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import IO

import msgspec

from connectors.stream import ConnectorError

ROWS_PER_PAGE = 250
BYTES_PER_PAGE = 2**20
REPORT = "report it: Shopify's result holds rows of what it does not hold."


class _Line(msgspec.Struct):
    id: str | None = None
    parent: str | None = msgspec.field(default=None, name="__parentId")


_LINES = msgspec.json.Decoder(_Line)


def nested_rows(file: IO[bytes], name: str | None) -> Iterator[bytes]:
    """Each row of the file, with the lines that belong to it inside it.

    Lines of a row follow it where Shopify grouped them. Where it did not, they are looked up by
    their parent in a table on disk, so that memory stays the same.

    Args:
        file: the lines, at their start; one that can be read again.
        name: of the nested rows; None where there are none.

    Raises:
        ConnectorError: a line belongs to a row that is not there.
    """
    start = file.tell()
    grouped = _is_grouped(file)
    file.seek(start)
    yield from _grouped(file, name) if grouped else _regrouped(file, name)


def _lines(file: IO[bytes]) -> Iterator[tuple[bytes, _Line]]:
    for line in file:
        if text := line.strip():
            yield text, _LINES.decode(text)


def _is_grouped(file: IO[bytes]) -> bool:
    parent: str | None = None
    for _, found in _lines(file):
        if found.parent is None:
            parent = found.id
        elif found.parent != parent:
            return False
    return True


def _grouped(file: IO[bytes], name: str | None) -> Iterator[bytes]:
    parent: bytes | None = None
    children: list[bytes] = []
    for text, found in _lines(file):
        if found.parent is not None:
            children.append(text)
            continue
        if parent is not None:
            yield _whole(parent, name, children)
        parent, children = text, []
    if parent is not None:
        yield _whole(parent, name, children)


def _regrouped(file: IO[bytes], name: str | None) -> Iterator[bytes]:
    # An empty name is a table on disk of SQLite's own, gone with the connection.
    with closing(sqlite3.connect("")) as table:
        table.execute("create table line (parent text, line blob)")
        start, count = file.tell(), 0
        for text, found in _lines(file):
            if found.parent is not None:
                table.execute("insert into line values (?, ?)", (found.parent, text))
                count += 1
        table.execute("create index line_parent on line (parent)")
        file.seek(start)
        placed = 0
        children_of = "select line from line where parent = ? order by rowid"
        for text, found in _lines(file):
            if found.parent is None:
                children = [line for (line,) in table.execute(children_of, (found.id,))]
                placed += len(children)
                yield _whole(text, name, children)
        if placed != count:
            raise ConnectorError(
                f"a bulk operation's file has {count - placed:,} rows of what is not in it",
                remedy=REPORT,
            )


def _whole(parent: bytes, name: str | None, children: list[bytes]) -> bytes:
    if name is None:
        if children:
            raise ConnectorError("a bulk operation's file has nested rows", remedy=REPORT)
        return parent
    inner = b",".join(children)
    return b'%b,"%b":{"nodes":[%b]}}' % (parent.removesuffix(b"}"), name.encode(), inner)


def batches(rows: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Rows in pages that are neither long nor large; one without rows where there are none."""
    batch: list[bytes] = []
    size, is_first = 0, True
    for row in rows:
        batch.append(row)
        size += len(row)
        if len(batch) >= ROWS_PER_PAGE or size >= BYTES_PER_PAGE:
            yield batch
            batch, size, is_first = [], 0, False
    if batch or is_first:
        yield batch
