"""Landing: pages as they came, as zstd Parquet, append only, by dlt's filesystem destination.

One row is one response. Nothing here looks into a page: typing is SQL's work, later, and can be
done again from what lies here. A load counts once dlt has recorded it in `_dlt_loads`; files of an
extract that was killed carry another load id and are read by nobody.
"""

from __future__ import annotations

import json
import logging
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import dlt

# pyarrow imports it with the first array, in whichever pull comes first; dlt, in another pull
# beside it, would take it for ready while half of it is there.
import pandas  # noqa: F401
import pyarrow as pa
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.destinations import filesystem
from dlt.destinations.impl.filesystem.filesystem import CURRENT_VERSION, INIT_FILE_NAME
from fsspec.implementations.local import LocalFileSystem

from connectors import places, vendors
from connectors.settings import SettingError, VendorSettings, data_folder, landing_url
from connectors.stream import (
    ConnectorError,
    CursorExpiredError,
    Page,
    Pages,
    Stream,
    Vendor,
    Window,
)

log = logging.getLogger(__name__)

# A table is a Parquet row group, and DuckDB takes a row group's pages into memory at once: they and
# what is made of them must fit its memory limit, however long the window is.
PAGES_PER_TABLE = 20
BYTES_PER_TABLE = 4 * 2**20
BYTES_PER_FILE = 64 * 2**20
RESTARTS = 2
SECONDS_PER_NOTICE = 5.0

SCHEMA = pa.schema(
    [
        ("page", pa.string()),
        ("page_index", pa.int64()),
        ("pulled_at", pa.timestamp("us", "UTC")),
        ("source", pa.string()),
        ("stream", pa.string()),
        ("window_start", pa.timestamp("us", "UTC")),
        ("window_end", pa.timestamp("us", "UTC")),
        ("request", pa.string()),
    ]
)


class Landing(filesystem):
    """dlt's filesystem destination, which says what it can do without asking all settings for it.

    dlt asks some ten times in each pipeline, and reads every setting of a destination each time:
    more than half of what a small stream costs. No setting changes the answer here.
    """

    def capabilities(
        self, config: Any = None, naming: Any = None
    ) -> DestinationCapabilitiesContext:
        """What can be loaded, and how names are written; see dlt's `Destination`."""
        found = self._raw_capabilities()
        found.update(self.caps_params)
        if config is None:
            config = self.spec()
            config.update(self.config_params)
        return self.adjust_capabilities(found, config, naming)


@dataclass
class Landed:
    """What one extract landed.

    Attributes:
        pages: responses.
        rows: rows as the envelopes count them; the same row in two pages counts twice.
        size: bytes of the bodies.
    """

    vendor: str
    stream: str
    window: Window
    load_id: str = ""
    pages: int = 0
    rows: int = 0
    size: int = 0
    restarts: int = 0

    @property
    def name(self) -> str:
        """`<vendor>/<stream>`."""
        return f"{self.vendor}/{self.stream}"

    def add(self, page: Page) -> None:
        """Count a page."""
        self.pages += page.body is not None
        self.rows += page.rows
        self.size += len(page.body or b"")

    @property
    def counts(self) -> str:
        """What came, in words."""
        return f"{self.pages:,} pages, {self.rows:,} rows, {self.size / 2**20:,.1f} MiB"


def extract(vendor: str, stream: str, start: datetime, end: datetime) -> Landed:
    """Pull one stream's window and land it.

    Running it twice is harmless: the second load holds the same pages again.

    Args:
        vendor: a name from `connectors.vendors()`.
        stream: one of its streams.
        start: UTC, inclusive.
        end: UTC, exclusive.

    Raises:
        ConnectorError: the vendor could not be read, or landing could not be written; nothing of
            this extract counts then.
    """
    found = vendors()[vendor]
    window = Window(start, end)
    landed = Landed(vendor, stream, window)
    settings = VendorSettings(vendor, found.secrets)
    try:
        _run(found, found.stream(stream), settings, landed)
        return landed
    except Exception as error:
        reason = _explain(error, settings)
    # Out of the handler: what caused it may hold secrets, and would be printed with it.
    raise reason.at(vendor, stream, window)


def _run(vendor: Vendor, stream: Stream, settings: VendorSettings, landed: Landed) -> None:
    if missing := settings.missing(vendor.required):
        raise SettingError(f"{vendor.name} is not configured: set {', '.join(missing)}.")
    scratch = data_folder() / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    # A folder of its own for each extract: dlt would first finish the package that a killed run
    # left behind, and fetch nothing new.
    name = f"{vendor.name}__{stream.name}"
    with (
        _landing_of(vendor.name),
        tempfile.TemporaryDirectory(prefix=f"{name}-", dir=scratch) as folder,
    ):
        pipeline = dlt.pipeline(
            name,
            pipelines_dir=folder,
            destination=Landing(bucket_url=landing_url(), destination_name="filesystem"),
            dataset_name=vendor.name,
        )
        pipeline.config.restore_from_destination = False
        resource = dlt.resource(_tables(vendor, stream, settings, landed), name=stream.name)
        info = pipeline.run(resource, loader_file_format="parquet", write_disposition="append")
        info.raise_on_failed_jobs()
        landed.load_id = info.loads_ids[0]
        record = f"{vendor.name}/{places.RECORDS}/{pipeline.default_schema_name}"
        _require_recorded(record, landed.load_id)


def _require_recorded(record: str, load_id: str) -> None:
    """What dlt wrote must be where others look for it, or a night would publish nothing of it."""
    storage, root = places.opened(landing_url())
    # Another process may have listed the folder before this load was there.
    storage.invalidate_cache()
    path = f"{root}/{record}__{load_id}.jsonl"
    if not storage.exists(path):
        raise FileNotFoundError(f"load {load_id} was written, and {path} is not there")


_STARTING = threading.Lock()
_AT_WORK: Counter[str] = Counter()


@contextmanager
def _landing_of(vendor: str) -> Iterator[None]:
    """A vendor's folder, fit to be written; several extracts of this process share it.

    Mended only where none of them is at work: a file that one is writing looks cut off.
    """
    with _STARTING:
        _configure_dlt()
        if not _AT_WORK[vendor]:
            _mend(vendor)
        _AT_WORK[vendor] += 1
    try:
        yield
    finally:
        with _STARTING:
            _AT_WORK[vendor] -= 1


def _mend(vendor: str) -> None:
    """Make good what a killed extract or a full disk left half-written on a local landing.

    dlt would fail on it from then on: it refuses a vendor's folder without its `init` file, which
    two first extracts at once would also meet, and a file of its own that is empty or cut off.
    Object stores write a file as a whole or not at all.
    """
    storage, path = places.opened(f"{landing_url().rstrip('/')}/{vendor}")
    if not isinstance(storage, LocalFileSystem):
        return
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    if not _is_json(folder / INIT_FILE_NAME):
        versions = {"initial_version": CURRENT_VERSION, "current_version": CURRENT_VERSION}
        _write_whole(folder / INIT_FILE_NAME, json.dumps(versions))
    for file in (folder / "_dlt_version").glob("*.jsonl"):
        if not _is_json(file):
            file.unlink(missing_ok=True)


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_bytes())
    except (ValueError, FileNotFoundError):
        return False
    return True


def _write_whole(file: Path, text: str) -> None:
    beside = file.with_name(f"{file.name}.{uuid4().hex}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)


def _configure_dlt() -> None:
    dlt.config["data_writer.compression"] = "zstd"
    dlt.config["data_writer.file_max_bytes"] = BYTES_PER_FILE
    # Each table is written as it comes: dlt would join several into one row group.
    dlt.config["data_writer.buffer_max_items"] = 1
    dlt.config["load.workers"] = 1


def _tables(
    vendor: Vendor, stream: Stream, settings: VendorSettings, landed: Landed
) -> Iterator[pa.Table]:
    """Pages in Arrow tables, small enough that memory stays the same at any size.

    A page that is larger than a table may be has one of its own.
    """
    batch: list[Page] = []
    size = first = 0
    told = time.monotonic()
    for page in _pages(vendor, stream, settings, landed):
        length = len(page.body or b"")
        if batch and (len(batch) == PAGES_PER_TABLE or size + length > BYTES_PER_TABLE):
            yield _table(batch, first, landed)
            first += len(batch)
            batch, size = [], 0
        batch.append(_without_secrets(page, settings))
        landed.add(batch[-1])
        size += length
        if time.monotonic() - told > SECONDS_PER_NOTICE:
            told = time.monotonic()
            log.info("%s: so far %s", landed.name, landed.counts)
    # An empty pull is a fact as well: the load is recorded, and its window counts as read.
    yield _table(batch or [_nothing(landed.window)], first, landed)


def _nothing(window: Window) -> Page:
    return Page(None, 0, window.end, "nothing was offered")


def _pages(vendor: Vendor, stream: Stream, settings: VendorSettings, landed: Landed) -> Pages:
    """The stream's pages; from the start again where the vendor forgot the cursor.

    What was read before the restart stays: base keeps a row once however often it comes.
    """
    while True:
        try:
            yield from stream.pages(vendor.connect(settings), landed.window)
            return
        except CursorExpiredError:
            if landed.restarts == RESTARTS:
                raise
            landed.restarts += 1
            log.warning("%s: the cursor expired; reading from the start again", landed.name)


def _table(batch: list[Page], first: int, landed: Landed) -> pa.Table:
    count = len(batch)
    return pa.table(
        [
            pa.array([page.body for page in batch], pa.binary()).cast(pa.string()),
            pa.array(range(first, first + count), pa.int64()),
            pa.array([page.pulled_at for page in batch], SCHEMA.field("pulled_at").type),
            pa.array([landed.vendor] * count),
            pa.array([landed.stream] * count),
            pa.array([landed.window.start] * count, SCHEMA.field("window_start").type),
            pa.array([landed.window.end] * count, SCHEMA.field("window_end").type),
            pa.array([page.request for page in batch]),
        ],
        schema=SCHEMA,
    )


def _without_secrets(page: Page, settings: VendorSettings) -> Page:
    """Some vendors repeat the caller's token in their paging links."""
    request = settings.redact(page.request)
    if page.body is None:
        return replace(page, request=request)
    body = page.body
    for secret in settings.secrets():
        body = body.replace(secret.encode(), b"***")
    return replace(page, body=body, request=request)


def _explain(error: BaseException, settings: VendorSettings) -> ConnectorError:
    """The connector's own error inside dlt's, or the first cause in words."""
    first, cause = error, error.__cause__ or error.__context__
    while cause is not None and not isinstance(first, ConnectorError):
        first, cause = cause, cause.__cause__ or cause.__context__
    if isinstance(first, ConnectorError):
        # Its repr still shows the words it was made with, before the client took secrets out.
        first.args = (first.reason,)
        return first
    if isinstance(first, SettingError):
        return ConnectorError(str(first), remedy="see .env.example.")
    if isinstance(first, OSError):
        return ConnectorError(
            settings.redact(f"landing at {landing_url()} cannot be written: {first}"),
            remedy="free the disk or check THROUGHLINE_LANDING_URL, then run the night again.",
        )
    log.error(settings.redact("".join(traceback.format_exception(error))))
    return ConnectorError(
        settings.redact(f"{type(first).__name__}: {first}"), remedy="see the log of this step."
    )
