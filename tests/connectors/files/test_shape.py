"""What makes a file unreadable: each fault is named with its line and a remedy."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from connectors.files import shape
from connectors.files.feed import read_declaration
from connectors.files.shape import ShapeError, read_pieces
from tests.connectors.files.conftest import HEADER, LINE, SHOP

Fault = tuple[bytes, dict[str, object], str]

FAULTS: dict[str, Fault] = {
    "a record cut off at the end": (
        (HEADER + LINE + "2,2026-01-0").encode(),
        {},
        r"^line 3: 2 values, not 6 \(cut off or short\). Remedy: have the file delivered again",
    ),
    "a delimiter inside an unquoted value": (
        (HEADER + LINE.replace("Mug", "Mug, red")).encode(),
        {},
        r"^line 2: 7 values, not 6 .*unquoted.* Remedy: .*quoted",
    ),
    "another delimiter": (
        (HEADER + LINE).replace(",", ";").encode(),
        {},
        r"^line 1: no ',' splits it into the 6 declared columns. Remedy: set delimiter: ';'",
    ),
    "another delimiter and no header": (
        LINE.replace(",", "|").encode(),
        {"header": False},
        r"^line 1: .*Remedy: set delimiter: '\|'",
    ),
    "a column less": (
        b"no,at,what,qty,price\n",
        {},
        r"^line 1: the header is not the declared one: it lacks note\.",
    ),
    "a column more": (
        HEADER.replace("note", "note,colour").encode(),
        {},
        r"^line 1: .*it has 'colour' besides\. Remedy: make columns in feed.yml equal",
    ),
    "columns in another order": (
        b"at,no,what,qty,price,note\n",
        {},
        r"^line 1: .*its columns stand as at, no, what",
    ),
    "a quote that is never closed": (
        (HEADER + LINE.replace("Mug", '"Mug') + LINE).encode(),
        {},
        r"^line 2: a quote that opens here is not closed",
    ),
    "a quote inside an unquoted value": (
        (HEADER + LINE + LINE.replace("Mug", 'Nail 5" long')).encode(),
        {},
        r"^line 3: a quote stands inside a value that is not quoted.*quote: none",
    ),
    "text after a closing quote": (
        (HEADER + LINE.replace("Mug", '"Mug" red')).encode(),
        {},
        r"^line 2: not readable as CSV",
    ),
    "cp1252 declared as utf-8": (
        (HEADER + LINE.replace("Mug", "Café")).encode("cp1252"),
        {},
        r"^line 2: byte 26 \(0xe9\) is not utf-8\. Remedy: set encoding",
    ),
    "utf-8 declared as latin-1": (
        (HEADER + LINE.replace("Mug", "Café")).encode(),
        {"encoding": "latin-1"},
        r"all its letters beyond ASCII are UTF-8\. Remedy: set encoding: utf-8",
    ),
    "utf-16 declared as utf-8": (
        (HEADER + LINE).encode("utf-16"),
        {},
        r"^line 1: the file begins with a UTF-16 mark\. Remedy: set encoding: utf-16",
    ),
    "utf-8 declared as utf-16": (
        (HEADER + LINE).encode(),
        {"encoding": "utf-16"},
        r"the file is not utf-16",
    ),
    "a zero byte": (
        (HEADER + LINE.replace("Mug", "M\0g")).encode(),
        {},
        r"^line 2: a zero byte",
    ),
    "old Mac line ends": (
        (HEADER + LINE + LINE).replace("\n", "\r").encode(),
        {},
        r"^line 1: a carriage return stands inside a line",
    ),
    "a file of nothing": (b"", {}, r"^the file is empty"),
    "blank lines only": (b"\n\n", {}, r"^the file holds no header"),
    "half a gzip file": (
        gzip.compress((HEADER + LINE * 1000).encode(), mtime=0)[:-30],
        {"name": "a.csv.gz"},
        r"^the gzip file is damaged or cut off",
    ),
    "a JSON line cut off": (
        b'{"no": "1"}\n{"no": "2", "wha',
        {"format": "jsonl"},
        r"^line 2: not one whole JSON object",
    ),
    "JSON lines that are lists": (b"[1]\n", {"format": "jsonl"}, r"^line 1: not one whole JSON"),
    "a new JSON key": (
        b'{"no": "1", "colour": "red"}\n',
        {"format": "jsonl"},
        r"^line 1: keys that are not declared: colour",
    ),
    "no Parquet file": (b"PAR1 and no more", {"format": "parquet"}, r"^not a whole Parquet file"),
}


def pieces(folder: Path, content: bytes, **changes: object) -> list[tuple[bytes, int]]:
    path = folder / str(changes.pop("name", "a.csv"))
    path.write_bytes(content)
    return list(read_pieces(path, read_declaration("shop", yaml.safe_dump({**SHOP, **changes}))))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda name: name.replace(" ", "_"))
def test_a_wrong_shape_is_named_with_its_line_and_a_remedy(tmp_path: Path, fault: str) -> None:
    content, changes, message = FAULTS[fault]
    with pytest.raises(ShapeError, match=message) as caught:
        pieces(tmp_path, content, **changes)
    assert "Remedy: " in str(caught.value)


GOOD: dict[str, tuple[bytes, dict[str, object], str, int]] = {
    "a byte order mark": (b"\xef\xbb\xbf" + (HEADER + LINE).encode(), {}, HEADER + LINE, 1),
    "Windows line ends": (
        (HEADER + LINE).replace("\n", "\r\n").encode(),
        {},
        (HEADER + LINE).replace("\n", "\r\n"),
        1,
    ),
    "no line end at the end": ((HEADER + LINE[:-1]).encode(), {}, HEADER + LINE[:-1], 1),
    "blank lines at the end": ((HEADER + LINE + "\n\n").encode(), {}, HEADER + LINE + "\n\n", 1),
    "a line break within quotes": (
        (HEADER + LINE.replace("Mug", '"Mug\nred"')).encode(),
        {},
        HEADER + LINE.replace("Mug", '"Mug\nred"'),
        1,
    ),
    "quotes that mean nothing": (
        (HEADER + LINE.replace("Mug", 'Nail 5" long')).encode(),
        {"quote": "none"},
        HEADER + LINE.replace("Mug", 'Nail 5" long'),
        1,
    ),
    "cp1252": (
        (HEADER + LINE.replace("Mug", "Café")).encode("cp1252"),
        {"encoding": "cp1252"},
        HEADER + LINE.replace("Mug", "Café"),
        1,
    ),
    "utf-16": (
        (HEADER + LINE.replace("Mug", "Café")).encode("utf-16"),
        {"encoding": "utf-16"},
        HEADER + LINE.replace("Mug", "Café"),
        1,
    ),
    "gzip": (gzip.compress((HEADER + LINE).encode()), {"name": "a.csv.gz"}, HEADER + LINE, 1),
    "spaces around the header's names": (
        (HEADER.replace(",", " , ") + LINE).encode(),
        {},
        HEADER.replace(",", " , ") + LINE,
        1,
    ),
    "JSON lines": (
        b'{"no": "1", "qty": 2}\n\n{"no": "2"}\n',
        {"format": "jsonl"},
        '{"no": "1", "qty": 2}\n\n{"no": "2"}\n',
        2,
    ),
}


@pytest.mark.parametrize("case", GOOD, ids=lambda name: name.replace(" ", "_"))
def test_what_is_readable_comes_as_it_stands(tmp_path: Path, case: str) -> None:
    content, changes, text, rows = GOOD[case]
    found = pieces(tmp_path, content, **changes)
    assert b"".join(body for body, _ in found).decode() == text
    assert sum(count for _, count in found) == rows


def test_parquet_becomes_one_array_of_texts_per_row(tmp_path: Path) -> None:
    table = pa.table(
        {
            "no": pa.array(["1", None]),
            "at": pa.array([datetime(2026, 1, 5, 10), None], pa.timestamp("us")),
            "what": pa.array(["Müg", '"x"']).dictionary_encode(),
            "qty": pa.array([2, None], pa.int32()),
            "price": pa.array([Decimal("3.500"), None], pa.decimal128(12, 3)),
            "note": pa.array([2.5, 17850.0]),
        }
    )
    target = io.BytesIO()
    pq.write_table(table, target)
    ((body, rows),) = pieces(tmp_path, target.getvalue(), format="parquet", name="a.parquet")
    assert rows == 2
    assert body.decode().splitlines() == [
        '["1","2026-01-05 10:00:00.000000","Müg","2","3.500","2.5"]',
        '[null,null,"\\"x\\"",null,null,"17850"]',
    ]


def test_parquet_with_other_columns_is_held_back(tmp_path: Path) -> None:
    target = io.BytesIO()
    pq.write_table(pa.table({"no": [1]}), target)
    with pytest.raises(ShapeError, match="it lacks at, what"):
        pieces(tmp_path, target.getvalue(), format="parquet", name="a.parquet")


def test_memory_does_not_grow_with_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shape, "PAGE_BYTES", 20_000)
    feed = read_declaration("shop", yaml.safe_dump(SHOP))

    def peak(lines: int) -> int:
        path = tmp_path / f"{lines}.csv"
        path.write_text(HEADER + LINE * lines)
        tracemalloc.start()
        for _ in read_pieces(path, feed):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(10_000) < 1.5 * peak(2_000)


def test_a_line_without_end_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shape, "RECORD_BYTES", 1000)
    with pytest.raises(ShapeError, match="line 2: a line is longer than 1000 bytes"):
        pieces(tmp_path, (HEADER + "x" * 5000).encode())
