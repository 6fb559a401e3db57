"""Reading what an extract landed, as base does: the files of finished loads only."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=20)


def midnight_of(moment: datetime) -> datetime:
    """The start of a moment's day; the truth's times are naive UTC."""
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)


def finished_loads(vendor: str) -> set[str]:
    """Load ids that dlt recorded as done."""
    folder = Path(os.environ["THROUGHLINE_DATA"]) / "landing" / vendor / "_dlt_loads"
    records = [json.loads(path.read_text()) for path in folder.glob("*.jsonl")]
    return {record["load_id"] for record in records if record["status"] == 0}


def landed_files(vendor: str, stream: str) -> list[Path]:
    """Parquet files of finished loads."""
    folder = Path(os.environ["THROUGHLINE_DATA"]) / "landing" / vendor / stream
    loads = finished_loads(vendor)
    return sorted(
        path for path in folder.glob("*.parquet") if ".".join(path.name.split(".")[:2]) in loads
    )


def landed_table(vendor: str, stream: str) -> pa.Table:
    """Every landed page, in order."""
    files = landed_files(vendor, stream)
    tables = [pq.read_table(path) for path in files]
    return pa.concat_tables(tables) if tables else pa.table({})


def landed_pages(vendor: str, stream: str) -> list[dict[str, Any]]:
    """Every landed page with its body decoded as JSON."""
    return [json.loads(body) for body in landed_table(vendor, stream)["page"].to_pylist() if body]


def landed_rows(vendor: str, stream: str, key: str) -> list[dict[str, Any]]:
    """Every row of every landed page; an empty page may lack the key."""
    return [row for page in landed_pages(vendor, stream) for row in page.get(key, [])]


def asked(vendor: str, stream: str) -> list[tuple[str, dict[str, str]]]:
    """Path and query of each landed page's request; of a name that comes twice the first value."""
    paths = [url.path for url in _urls(vendor, stream)]
    firsts = [
        {name: values[0] for name, values in query.items()} for query in queries(vendor, stream)
    ]
    return list(zip(paths, firsts, strict=True))


def queries(vendor: str, stream: str) -> list[dict[str, list[str]]]:
    """The query of each landed page's request."""
    return [parse_qs(url.query) for url in _urls(vendor, stream)]


def _urls(vendor: str, stream: str) -> list[SplitResult]:
    requests = landed_table(vendor, stream)["request"].to_pylist()
    return [urlsplit(request.split()[1]) for request in requests]
