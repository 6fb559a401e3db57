"""Snowplow as Throughline reads it: a folder of enriched events that grows with the clock.

Belongs here: the 131 columns of the canonical event, how events fall into runs and files, when a
file appears. Does not belong here: who browses what (population/daily/4_web.sql).

A run's folder is named after the start of the six hours it covers and appears ten minutes after
their end, so that a day is complete in the small hours of the next. Files are gzipped tab-separated
text without a header; their gzip headers carry no time, so that equal events are equal bytes.
"""

from __future__ import annotations

import gzip
import itertools
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from sandbox.faults import Fault, Faults
from sandbox.world import World

RUN_HOURS = timedelta(hours=6)
DELAY = timedelta(minutes=10)
PART_BYTES = 32 << 20
_TIME = "'%Y-%m-%d %H:%M:%S.%g'"

# The canonical order of the enriched event's columns.
COLUMNS = (Path(__file__).parent / "snowplow_columns.txt").read_text(encoding="utf-8").split()

# What the sandbox fills; every other column is empty.
_VALUES = {
    "app_id": "'shop'",
    "platform": "'web'",
    "etl_tstamp": f"strftime(known_at, {_TIME})",
    "collector_tstamp": f"strftime(collected_at, {_TIME})",
    "dvce_created_tstamp": f"strftime(occurred_at, {_TIME})",
    "event": "event_name",
    "event_id": "event_id",
    "name_tracker": "'sp'",
    "v_tracker": "'js-3.24.0'",
    "v_collector": "'ssc-3.2.0-kinesis'",
    "v_etl": "'snowplow-enrich-kinesis-5.1.0'",
    "user_id": "user_id",
    "domain_userid": "device_id",
    "network_userid": "network_user_id",
    "geo_country": "'US'",
    "page_url": "page_url",
    "page_title": "if(page_path = '/', 'The Shop', 'The Shop: ' || page_path[2:])",
    "page_referrer": "referrer",
    "page_urlscheme": "'https'",
    "page_urlhost": "'shop.example.com'",
    "page_urlport": "'443'",
    "page_urlpath": "page_path",
    "page_urlquery": "split_part(page_url, '?', 2)",
    "refr_urlscheme": "split_part(referrer, ':', 1)",
    "refr_urlhost": "refr_host",
    "refr_urlport": "if(referrer is null, '', '443')",
    "refr_urlpath": "'/' || split_part(split_part(referrer, '://', 2), '/', 2)",
    "refr_medium": """case
        when referrer is null then ''
        when refr_host = 'shop.example.com' then 'internal'
        when refr_host like '%google%' then 'search'
        when regexp_matches(refr_host, 'facebook|instagram|tiktok') then 'social'
        else 'unknown'
    end""",
    "refr_source": """case
        when refr_host like '%google%' then 'Google'
        when refr_host like '%facebook%' then 'Facebook'
        when refr_host like '%instagram%' then 'Instagram'
        when refr_host like '%tiktok%' then 'TikTok'
    end""",
    "mkt_medium": "medium",
    "mkt_source": "source",
    "mkt_content": "content",
    "mkt_campaign": "campaign",
    "se_category": "if(event_name = 'struct', 'ecommerce', '')",
    "se_action": "if(event_name = 'struct', 'add_to_cart', '')",
    "tr_orderid": "transaction_id",
    "tr_affiliation": "if(event_name = 'transaction', 'Online Store', '')",
    "tr_total": "(transaction_cents / 100)::decimal(18, 2)",
    "tr_country": "if(event_name = 'transaction', 'US', '')",
    "pp_xoffset_min": "if(event_name = 'page_ping', '0', '')",
    "pp_xoffset_max": "if(event_name = 'page_ping', '0', '')",
    "pp_yoffset_min": "if(event_name = 'page_ping', '0', '')",
    "pp_yoffset_max": "if(event_name = 'page_ping', '800', '')",
    "useragent": "user_agent",
    "br_name": "browser_family",
    "br_family": "browser_family",
    "br_type": "if(device_kind = 'bot', 'Robot', 'Browser')",
    "br_lang": "'en-US'",
    "br_cookies": "'1'",
    "os_name": "os_family",
    "os_family": "os_family",
    "os_timezone": "'America/New_York'",
    "dvce_type": """case device_kind
        when 'phone' then 'Mobile'
        when 'tablet' then 'Tablet'
        when 'bot' then 'Unknown'
        else 'Computer'
    end""",
    "dvce_ismobile": "if(device_kind in ('phone', 'tablet'), '1', '0')",
    "doc_charset": "'UTF-8'",
    "tr_currency": "if(event_name = 'transaction', 'USD', '')",
    "mkt_clickid": "click_id",
    "mkt_network": "click_network",
    "dvce_sent_tstamp": f"strftime(collected_at - interval 200 millisecond, {_TIME})",
    "domain_sessionid": "session_id",
    "derived_tstamp": f"strftime(occurred_at, {_TIME})",
    "event_vendor": """if(
        event_name = 'struct', 'com.google.analytics', 'com.snowplowanalytics.snowplow'
    )""",
    "event_name": "if(event_name = 'struct', 'event', event_name)",
    "event_format": "'jsonschema'",
    "event_version": "'1-0-0'",
    "event_fingerprint": "md5(event_id)",
}

_FIELDS = ",\n".join(f"coalesce(({_VALUES.get(name, 'null')})::text, '')" for name in COLUMNS)
# Sorted before the lines are made: a line is ten times as long as what it is made of.
_LINES = f"""
    select
        run,
        concat_ws(chr(9), {_FIELDS}) || chr(10) as line,
    from (
        select
            *,
            time_bucket(interval 6 hour, collected_at) as run,
            split_part(split_part(referrer, '://', 2), '/', 1) as refr_host,
        from web_event
        where collected_at >= $day_start and collected_at < $day_end
        order by run, collected_at, event_id
    )
"""


def file_environment(data: Path) -> dict[str, str]:
    """Return the connector's setting: the folder the files appear in."""
    return {"SOURCES__SNOWPLOW__URL": str(_shown(data))}


def render(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write every file of the calendar under the world; `deliver` shows them when due."""
    parts: dict[datetime, int] = {}
    for begin, end in world.slices:
        bounds = {"day_start": begin.replace(tzinfo=None), "day_end": end.replace(tzinfo=None)}
        reader = con.execute(_LINES, bounds).to_arrow_reader(100_000)
        for run, text in _gathered(reader):
            part = parts.get(run, 0)
            parts[run] = part + 1
            folder = world.home("snowplow") / "enriched" / f"run={run:%Y-%m-%d-%H-%M-%S}"
            folder.mkdir(parents=True, exist_ok=True)
            packed = gzip.compress(text, compresslevel=1, mtime=0)
            (folder / f"part-{part:05d}.tsv.gz").write_bytes(packed)


def deliver(world: World, data: Path, now: datetime, faults: Faults) -> None:
    """Let the files appear that are due by a clock.

    Faults that mean something for a file hit each new one: truncated, duplicate_rows, nothing.
    """
    shown = _shown(data)
    owner = shown.with_name("world")
    if not owner.exists() or owner.read_text(encoding="utf-8") != world.folder.name:
        shutil.rmtree(shown, ignore_errors=True)
        shown.mkdir(parents=True)
        owner.write_text(world.folder.name, encoding="utf-8")
    for source in sorted((world.home("snowplow") / "enriched").glob("run=*/*.tsv.gz")):
        run = datetime.strptime(source.parent.name, "run=%Y-%m-%d-%H-%M-%S").replace(tzinfo=UTC)
        if run + RUN_HOURS + DELAY > now:
            break
        target = shown / source.parent.name / source.name
        if not target.exists():
            _show(source, target, faults.take("snowplow", "enriched_events"))


def _shown(data: Path) -> Path:
    return data.absolute() / "sandbox" / "snowplow" / "enriched"


def _show(source: Path, target: Path, fault: Fault | None) -> None:
    kind = None if fault is None else fault.kind
    content = source.read_bytes()
    if kind == "nothing":
        content = gzip.compress(b"", mtime=0)
    elif kind == "truncated":
        content = content[: len(content) // 2]
    elif kind == "duplicate_rows":
        lines = gzip.decompress(content).splitlines(keepends=True)
        content = gzip.compress(b"".join([*lines, lines[0]]), compresslevel=1, mtime=0)
    target.parent.mkdir(exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(target)


def _gathered(reader: pa.RecordBatchReader) -> Iterator[tuple[datetime, bytes]]:
    """Yield the lines of each run in pieces of about PART_BYTES."""
    current: datetime | None = None
    pieces: list[bytes] = []
    size = 0
    for batch in reader:
        for run, text in _by_run(batch):
            if current is not None and (run != current or size >= PART_BYTES):
                yield current, b"".join(pieces)
                pieces, size = [], 0
            current = run
            pieces.append(text)
            size += len(text)
    if current is not None:
        yield current, b"".join(pieces)


def _by_run(batch: pa.RecordBatch) -> Iterator[tuple[datetime, bytes]]:
    """Cut a batch, sorted by run, into one text per run without touching a line."""
    if batch.num_rows == 0:
        return
    runs = batch.column("run").cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    begins = [0, *(np.flatnonzero(np.diff(runs)) + 1).tolist(), len(runs)]
    lines = batch.column("line").cast(pa.large_string())
    _, ends, content = lines.buffers()
    bounds = np.frombuffer(ends, dtype=np.int64)[lines.offset :]
    whole = memoryview(content)
    for first, last in itertools.pairwise(begins):
        run = datetime.fromtimestamp(int(runs[first]) / 1e6, UTC)
        yield run, bytes(whole[bounds[first] : bounds[last]])
