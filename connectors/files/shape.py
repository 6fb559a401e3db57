"""A file's shape: checked record by record, cut into pages at record boundaries.

Here belongs what makes a file readable at all: encoding, delimiter, header, quotes, whole records.
A shape that is wrong holds the whole file back. Whether a value casts is the base model's business,
and nothing here looks at one. Memory is one page and one record, whatever the file's size.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import msgspec
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.files.feed import DELIMITERS, Feed

# A page is typed at once: its text, its records and their values are in memory together.
PAGE_BYTES = 2**18
RECORD_BYTES = 2**20
ROWS_PER_BATCH = 4096
csv.field_size_limit(RECORD_BYTES)

Piece = tuple[bytes, int]


class ShapeError(Exception):
    """A file that cannot be read as declared: where, what is wrong, what to do."""

    def __init__(self, reason: str, remedy: str, line: int | None = None) -> None:
        place = f"line {line}: " if line else ""
        super().__init__(f"{place}{reason}. Remedy: {remedy}")


def read_pieces(path: Path, feed: Feed) -> Iterator[Piece]:
    """The file's text in UTF-8 without a byte order mark, cut at record boundaries.

    Args:
        path: a local file; gzip is unpacked by its name's ending.
        feed: how it is declared.

    Yields:
        A piece of about `PAGE_BYTES` and its number of records, a header not counted.

    Raises:
        ShapeError: the file is not as declared. Pieces yielded before are worth nothing then.
    """
    if path.stat().st_size == 0:
        raise ShapeError("the file is empty", "have it delivered again, or delete it")
    if feed.declaration.format == "parquet":
        yield from _parquet_pieces(path, feed)
        return
    read = _csv_pieces if feed.declaration.format == "csv" else _json_pieces
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as opened:
        try:
            yield from read(_Lines(cast(IO[bytes], opened), feed.declaration.encoding), feed)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ShapeError(
                f"the gzip file is damaged or cut off ({error})", "have it delivered again"
            ) from error


class _Lines:
    """Decoded lines with their endings; remembers those handed out since `take`."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self._encoding = encoding
        self._raw = _utf16_lines(file) if encoding == "utf-16" else _raw_lines(file)
        self._taken: list[str] = []
        self._odd_lines = self._odd_lines_as_utf8 = 0
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        for raw in self._raw:
            self.number += 1
            text = self._decode(raw)
            self._taken.append(text)
            yield text
        if self._odd_lines and self._odd_lines == self._odd_lines_as_utf8:
            raise ShapeError(
                f"declared as {self._encoding}, but all its letters beyond ASCII are UTF-8",
                "set encoding: utf-8",
            )

    def take(self) -> str:
        """The text handed out since the last call, as it stands in the file."""
        text = self._taken[0] if len(self._taken) == 1 else "".join(self._taken)
        self._taken.clear()
        return text

    def _decode(self, raw: bytes) -> str:
        if self.number == 1 and self._encoding != "utf-16":
            raw = self._without_mark(raw)
        if b"\0" in raw:
            raise ShapeError(
                "a zero byte stands in the text",
                "set encoding: utf-16 if that is what the file is, else have it delivered again",
                self.number,
            )
        try:
            text = raw.decode("utf-8" if self._encoding == "utf-16" else self._encoding)
        except UnicodeDecodeError as error:
            raise ShapeError(
                f"byte {error.start + 1} (0x{raw[error.start]:02x}) is not {self._encoding}",
                "set encoding to what the file is written in (cp1252 is usual on Windows)",
                self.number,
            ) from error
        if self._encoding in ("latin-1", "cp1252") and not raw.isascii():
            self._odd_lines += 1
            self._odd_lines_as_utf8 += _is_utf8(raw)
        return text

    def _without_mark(self, raw: bytes) -> bytes:
        if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise ShapeError("the file begins with a UTF-16 mark", "set encoding: utf-16", 1)
        if raw.startswith(codecs.BOM_UTF8):
            if self._encoding != "utf-8":
                raise ShapeError("the file begins with a UTF-8 mark", "set encoding: utf-8", 1)
            return raw[len(codecs.BOM_UTF8) :]
        return raw


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _raw_lines(file: IO[bytes]) -> Iterator[bytes]:
    for number, line in enumerate(iter(lambda: file.readline(RECORD_BYTES), b""), 1):
        if len(line) == RECORD_BYTES:
            raise ShapeError(
                f"a line is longer than {RECORD_BYTES} bytes",
                "have lines ended by LF or CR LF; check format and encoding",
                number,
            )
        yield line


def _utf16_lines(file: IO[bytes]) -> Iterator[bytes]:
    lines = io.TextIOWrapper(file, "utf-16", newline="\n")
    try:
        for line in lines:
            yield line.encode()
    except UnicodeError as error:
        raise ShapeError(
            f"the file is not utf-16 ({error})", "set encoding to what the file is written in"
        ) from error
    finally:
        lines.detach()


class _Piece:
    """Text gathered until it makes a page."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self._rows = 0

    def add(self, text: str, rows: int) -> bool:
        """Append; True once it is full."""
        self._parts.append(text)
        self._size += len(text)
        self._rows += rows
        return self._size >= PAGE_BYTES

    def cut(self) -> Piece:
        """What was gathered; begins anew."""
        piece = "".join(self._parts).encode(), self._rows
        self._parts, self._size, self._rows = [], 0, 0
        return piece

    def __bool__(self) -> bool:
        return bool(self._parts)


def _csv_pieces(lines: _Lines, feed: Feed) -> Iterator[Piece]:
    said = feed.declaration
    reader = csv.reader(
        lines,
        delimiter=said.delimiter,
        quoting=csv.QUOTE_MINIMAL if said.quote == "double" else csv.QUOTE_NONE,
        strict=True,
    )
    is_proper = _proper_record(said.delimiter).fullmatch
    width = len(feed.names)
    piece = _Piece()
    expects_header = said.header
    while True:
        line = lines.number + 1
        try:
            fields = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            raise _explain(error, line, said.quote) from error
        text = lines.take()
        if expects_header and fields:
            _check_header(fields, feed, line)
        elif len(fields) != width and fields:
            raise _ragged(fields, text, feed, line)
        elif '"' in text and said.quote == "double" and not is_proper(text):
            raise ShapeError(
                "a quote stands inside a value that is not quoted",
                "have such values quoted and their quotes doubled, or set quote: none if the"
                " file quotes nothing",
                line,
            )
        if piece.add(text, int(bool(fields) and not expects_header)):
            yield piece.cut()
        expects_header = expects_header and not fields
    if expects_header:
        raise ShapeError("the file holds no header", "have it delivered again, or delete it")
    if piece:
        yield piece.cut()


def _proper_record(delimiter: str) -> re.Pattern[str]:
    """What the base model can split: quotes only around whole values."""
    value = rf'(?:"(?:[^"]|"")*+"|[^"{re.escape(delimiter)}\r\n]*+)'
    return re.compile(rf"{value}(?:{re.escape(delimiter)}{value})*+[\r\n]*")


def _check_header(header: list[str], feed: Feed, line: int) -> None:
    found = [name.strip() for name in header]
    declared = feed.names
    if found == declared:
        return
    if len(found) == 1 and len(declared) > 1 and any(mark in header[0] for mark in DELIMITERS):
        raise _wrong_delimiter(header[0], feed, line)
    missing = [name for name in declared if name not in found]
    new = [name for name in found if name not in declared]
    says = []
    if missing:
        says.append(f"it lacks {', '.join(missing)}")
    if new:
        says.append(f"it has {', '.join(repr(name) for name in new)} besides")
    if not says:
        says.append(f"its columns stand as {', '.join(found)}")
    raise ShapeError(
        f"the header is not the declared one: {'; '.join(says)}",
        "make columns in feed.yml equal the header, in the file's order (a plain name keeps a"
        " column in the landing only), or have the file delivered as agreed",
        line,
    )


def _wrong_delimiter(text: str, feed: Feed, line: int) -> ShapeError:
    width = len(feed.names)
    likely = [mark for mark in DELIMITERS if text.count(mark) == width - 1]
    remedy = f"set delimiter: {likely[0]!r}" if likely else "set delimiter to what the file uses"
    return ShapeError(
        f"no {feed.declaration.delimiter!r} splits it into the {width} declared columns",
        remedy,
        line,
    )


def _ragged(fields: list[str], text: str, feed: Feed, line: int) -> ShapeError:
    if len(fields) == 1 and any(mark in text for mark in DELIMITERS):
        return _wrong_delimiter(text, feed, line)
    few = len(fields) < len(feed.names)
    cause = "cut off or short" if few else "a value probably holds the delimiter unquoted"
    return ShapeError(
        f"{len(fields)} values, not {len(feed.names)} ({cause})",
        "have the file delivered again whole"
        if few
        else "have values that hold the delimiter quoted",
        line,
    )


def _explain(error: csv.Error, line: int, quote: str) -> ShapeError:
    text = str(error)
    if quote == "double" and ("unexpected end" in text or "field limit" in text):
        return ShapeError(
            "a quote that opens here is not closed",
            "have the file delivered again whole, or set quote: none if it quotes nothing",
            line,
        )
    if "new-line" in text:
        return ShapeError(
            "a carriage return stands inside a line", "have lines ended by LF or CR LF", line
        )
    return ShapeError(f"not readable as CSV ({text})", "have the file delivered again", line)


def _json_pieces(lines: _Lines, feed: Feed) -> Iterator[Piece]:
    known = set(feed.names)
    piece = _Piece()
    for text in lines:
        blank = not text.strip()
        if not blank:
            try:
                row = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
            except msgspec.DecodeError as error:
                raise ShapeError(
                    f"not one whole JSON object ({error})",
                    "have the file delivered again with one object per line",
                    lines.number,
                ) from error
            if not row.keys() <= known:
                raise ShapeError(
                    f"keys that are not declared: {', '.join(sorted(row.keys() - known))}",
                    "add them to columns in feed.yml (a plain name keeps a key in the landing"
                    " only)",
                    lines.number,
                )
        if piece.add(lines.take(), int(not blank)):
            yield piece.cut()
    if piece:
        yield piece.cut()


def _parquet_pieces(path: Path, feed: Feed) -> Iterator[Piece]:
    """Each row as a JSON array of texts in the declared order: Parquet has no text to keep."""
    try:
        with pq.ParquetFile(path) as file:
            _check_schema(file.schema_arrow, feed)
            yield from _cut(_array_lines(file))
    except (pa.ArrowException, OSError) as error:
        raise ShapeError(
            f"not a whole Parquet file ({' '.join(str(error).split())[:200]})",
            "have it delivered again",
        ) from error


def _check_schema(schema: pa.Schema, feed: Feed) -> None:
    _check_header(schema.names, feed, 0)
    nested = [field.name for field in schema if pa.types.is_nested(field.type)]
    if nested:
        raise ShapeError(
            f"{', '.join(nested)}: a nested column", "have it delivered flat, or as JSON lines"
        )


def _array_lines(file: pq.ParquetFile) -> Iterator[str]:
    for batch in file.iter_batches(ROWS_PER_BATCH):
        texts = [pc.cast(column, pa.string()).to_pylist() for column in batch.columns]
        for row in zip(*texts, strict=True):
            yield orjson.dumps(row).decode() + "\n"


def _cut(records: Iterator[str]) -> Iterator[Piece]:
    piece = _Piece()
    for record in records:
        if piece.add(record, 1):
            yield piece.cut()
    if piece:
        yield piece.cut()
