"""A landing and a build file made by hand, night by night."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_quality import gate, loads
from data_quality.gate import Verdict

START = date(2026, 1, 5)
TECHNICAL = {
    "load_id": "text",
    "pulled_at": "timestamp",
    "page_index": "bigint",
    "row_index": "bigint",
    "row_hash": "text",
    "quarantine_reason": "text",
    "raw": "text",
}
BASE = {
    ("google_ads", "ad_performance"): {
        "account_id_google_ads": "text",
        "campaign_id_google_ads": "text",
        "ad_id_google_ads": "text",
        "impressions": "bigint",
        "clicks": "bigint",
        "cost_micros": "bigint",
        "conversions": "double",
        "conversions_value": "double",
        "report_date": "date",
    },
    ("google_ads", "ads"): {"ad_id_google_ads": "text", "ad_name": "text", "ad_status": "text"},
    ("klaviyo", "events"): {
        "event_id_klaviyo": "text",
        "profile_id_klaviyo": "text",
        "metric_id_klaviyo": "text",
        "url": "text",
        "subject": "text",
        "occurred_at": "timestamp",
    },
    ("meta_social", "facebook_posts"): {
        "post_id": "text",
        "shares": "bigint",
        "reactions": "bigint",
        "comments": "bigint",
        "insights": "struct(metric_name text, metric_value bigint)[]",
    },
}


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def ad_page(rows: list[dict[str, Any]]) -> str:
    """Rows of base as the vendor would have sent them."""
    results = [
        {
            "adGroupAd": {"ad": {"id": row["ad_id_google_ads"]}},
            "segments": {"date": f"{row['report_date']}"},
            "metrics": {"impressions": str(row["impressions"])},
        }
        for row in rows
    ]
    return json.dumps({"results": results, "fieldMask": "segments.date"})


def event_page(rows: list[dict[str, Any]]) -> str:
    data = [
        {
            "id": row["event_id_klaviyo"],
            "attributes": {"datetime": f"{row['occurred_at']:%Y-%m-%dT%H:%M:%S}+00:00"},
        }
        for row in rows
    ]
    return json.dumps({"data": data, "links": {"next": None}})


def ad_page_of_names(rows: list[dict[str, Any]]) -> str:
    results = [{"adGroupAd": {"ad": {"id": row["ad_id_google_ads"]}}} for row in rows]
    return json.dumps({"results": results})


def post_page(rows: list[dict[str, Any]]) -> str:
    return json.dumps({"data": [{"id": row["post_id"]} for row in rows]})


PAGES: dict[tuple[str, str], Callable[[list[dict[str, Any]]], str]] = {
    ("google_ads", "ad_performance"): ad_page,
    ("google_ads", "ads"): ad_page_of_names,
    ("klaviyo", "events"): event_page,
    ("meta_social", "facebook_posts"): post_page,
}


def ad_rows(day: date, ads: int = 12, **changed: Any) -> list[dict[str, Any]]:
    """One day of a small account; every third ad has a conversion."""
    return [
        {
            "account_id_google_ads": "1",
            "campaign_id_google_ads": f"c{ad % 3}",
            "ad_id_google_ads": f"a{ad}",
            "impressions": 100 + 7 * ad + day.day,
            "clicks": 3 + ad,
            "cost_micros": 1_500_000 + ad,
            "conversions": float(ad % 3 == 0),
            "conversions_value": 20.0 * (ad % 3 == 0),
            "report_date": day,
            **changed,
        }
        for ad in range(ads)
    ]


def event_rows(day: date, events: int = 60, **changed: Any) -> list[dict[str, Any]]:
    return [
        {
            "event_id_klaviyo": f"{day}-{event}",
            "profile_id_klaviyo": f"p{event % 20}",
            "metric_id_klaviyo": f"m{event % 4}",
            "url": "https://shop.example/" if event % 40 == 0 else None,
            "subject": "Hello",
            "occurred_at": midnight(day) + timedelta(minutes=event),
            **changed,
        }
        for event in range(events)
    ]


@dataclass
class Night:
    """The landing and the build file of one test."""

    folder: Path
    con: duckdb.DuckDBPyConnection
    number: int = 0
    load_ids: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return (self.folder / "landing").as_uri()

    def land(
        self,
        vendor: str,
        stream: str,
        pages: list[str | None],
        *,
        start: date = START,
        end: date = START + timedelta(days=1),
        record: bool = True,
        pulled_at: datetime | None = None,
        request: str = "GET x",
    ) -> str:
        """Write a load's file, and its record as dlt does."""
        self.number += 1
        load_id = f"{1767600000 + self.number}.5"
        when = (pulled_at or midnight(end) + timedelta(hours=3)).replace(tzinfo=UTC)
        count = len(pages)
        moment = pa.timestamp("us", "UTC")
        table = pa.table(
            {
                "page": pa.array(pages, pa.string()),
                "page_index": pa.array(range(count), pa.int64()),
                "pulled_at": pa.array([when] * count, moment),
                "source": [vendor] * count,
                "stream": [stream] * count,
                "window_start": pa.array([midnight(start)] * count, pa.timestamp("us")).cast(
                    moment
                ),
                "window_end": pa.array([midnight(end)] * count, pa.timestamp("us")).cast(moment),
                "request": [request] * count,
            }
        )
        folder = self.folder / "landing" / vendor / stream
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, folder / f"{load_id}.0a1b.parquet", compression="zstd")
        if record:
            self.record(vendor, stream, load_id)
        self.load_ids.append(load_id)
        return load_id

    def record(self, vendor: str, stream: str, load_id: str) -> Path:
        folder = self.folder / "landing" / vendor / "_dlt_loads"
        folder.mkdir(parents=True, exist_ok=True)
        schema = f"{vendor}_{stream}"
        path = folder / f"{schema}__{load_id}.jsonl"
        entry = {"load_id": load_id, "schema_name": schema, "status": 0}
        path.write_text(json.dumps(entry))
        return path

    def register(self) -> list[loads.Load]:
        return loads.register(self.con, self.url)

    def type_rows(self, vendor: str, stream: str, load_id: str, rows: list[dict[str, Any]]) -> None:
        """Put rows into base as its model would, and mark the load as read."""
        table = f'base."base_{vendor}__{stream}"'
        columns = BASE[vendor, stream] | TECHNICAL
        spelled = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        self.con.execute("create schema if not exists base")
        self.con.execute(f"create table if not exists {table} ({spelled})")
        full = [
            {"load_id": load_id, "row_index": index, "row_hash": str(row), **row}
            for index, row in enumerate(rows)
        ]
        if full:
            lists = [[row.get(name) for row in full] for name in columns]
            values = ", ".join(f"unnest(?::{kind}[])" for kind in columns.values())
            self.con.execute(f"insert into {table} select {values}", lists)
        self.con.execute(
            "insert into ops.model_loads values (?, ?)", [f"base_{vendor}__{stream}", load_id]
        )

    def pull(
        self,
        vendor: str,
        stream: str,
        rows: list[dict[str, Any]],
        *,
        new: list[dict[str, Any]] | None = None,
        pages: list[str | None] | None = None,
        start: date = START,
        end: date = START + timedelta(days=1),
    ) -> str:
        """Land these rows, register the load and type those of them that are new."""
        body = PAGES[vendor, stream](rows)
        load_id = self.land(vendor, stream, pages or [body], start=start, end=end)
        self.register()
        self.type_rows(vendor, stream, load_id, rows if new is None else new)
        return load_id

    def judge(self) -> list[gate.Verdict]:
        return gate.judge(self.con, self.folder / "docs")

    def judged(self) -> gate.Verdict:
        """The verdict on the one load that waits."""
        (verdict,) = self.judge()
        return verdict

    def status(self, load_id: str) -> str:
        (load,) = loads.find(self.con, "load_id = ?", [load_id])
        return load.status


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    with duckdb.connect(str(tmp_path / "build.duckdb")) as con:
        loads.prepare(con)
        yield Night(tmp_path, con)


def next_ad_night(night: Night, day: date, **changed: Any) -> str:
    before = [row for back in range(4, 0, -1) for row in ad_rows(day - timedelta(days=back))]
    new = ad_rows(day, **changed)
    return night.pull(
        "google_ads",
        "ad_performance",
        before + new,
        new=new,
        start=day - timedelta(days=4),
        end=day + timedelta(days=1),
    )


@pytest.fixture(scope="session")
def months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four weeks of ads and of events, judged once for all tests.

    The ads came in a first load and in three nights with a look-back of four days.
    """
    folder = tmp_path_factory.mktemp("months")
    end = START + timedelta(days=28)
    with duckdb.connect(str(folder / "build.duckdb")) as con:
        loads.prepare(con)
        night = Night(folder, con)
        days = [START + timedelta(days=offset) for offset in range(28)]
        first_ads = [row for day in days for row in ad_rows(day)]
        night.pull("google_ads", "ad_performance", first_ads, end=end)
        for offset in range(3):
            next_ad_night(night, end + timedelta(days=offset))
        events = [row for day in days for row in event_rows(day)]
        night.pull("klaviyo", "events", events, end=end)
        assert all(verdict.is_accepted for verdict in night.judge())
    return folder


@pytest.fixture
def month(months: Path, tmp_path: Path) -> Iterator[Night]:
    """A copy of the four weeks to go on from."""
    shutil.copytree(months, tmp_path, dirs_exist_ok=True)
    with duckdb.connect(str(tmp_path / "build.duckdb")) as con:
        loads.prepare(con)
        yield Night(tmp_path, con, number=100)


def pull_events(night: Night, day: date, rows: list[dict[str, Any]], **options: Any) -> str:
    return night.pull("klaviyo", "events", rows, start=day, end=day + timedelta(days=1), **options)


def is_held_for(verdict: Verdict, *words: str) -> bool:
    """Held, with a message that names all a person needs."""
    assert verdict.status == "held", verdict.message
    for word in (verdict.vendor, verdict.stream, verdict.window, "make loads", *words):
        assert word in verdict.message, (word, verdict.message)
    return True
