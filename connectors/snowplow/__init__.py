"""Snowplow: enriched events of the web tracker, as files in a folder or bucket.

The enricher writes a folder per run, in it tab-separated files of 131 columns without a header,
gzip or plain. The key is `event_id`.

    <url>/run=YYYY-MM-DD-HH-MM-SS/*.tsv.gz  runs of the window → landing/snowplow/enriched_events

Any fsspec URL will do (`file://`, `s3://`, `gs://`, `az://`). The window is over the run's time
as its folder says it; a night looks back one day, for a file that was written late. A
page is a file's text, cut between lines where it is long, so that memory stays the same. Files
know no vendor's clock: a page counts as pulled at the window's end, so that a repeat is the same.

Alone: `python -m connectors.snowplow --from 2026-02-01 --to 2026-02-02`.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any

from connectors import places
from connectors.client import Client
from connectors.settings import VendorSettings
from connectors.stream import ConnectorError, Page, Pages, Stream, Vendor, Window

RUN_FOLDER = "run=%Y-%m-%d-%H-%M-%S"
BYTES_PER_PAGE = 8 * 2**20
WRITE_AGAIN = "have the file written again, then run the night again."


def connect(settings: VendorSettings) -> Client:
    """Only settings: fsspec finds the storage's credentials by itself."""
    return Client(settings)


def enriched_events(client: Client, window: Window) -> Pages:
    """Every file of the runs in the window."""
    storage, folders = _run_folders(client)
    for folder in folders:
        if (run := _run_at(folder)) and window.start <= run < window.end:
            for path in _children(storage, folder):
                # Writers leave markers like _SUCCESS and .crc beside the data.
                if not path.rsplit("/", 1)[-1].startswith(("_", ".")):
                    yield from _pages(storage, path, window)


def _run_folders(client: Client) -> tuple[Any, list[str]]:
    url = client.settings["url"]
    storage, root = places.opened(url)
    if not storage.isdir(root):
        raise ConnectorError(
            f"there is no folder {url}", remedy="check SOURCES__SNOWPLOW__URL in .env."
        )
    return storage, _children(storage, root)


def _children(storage: Any, folder: str) -> list[str]:
    return sorted(path.rstrip("/") for path in storage.ls(folder, detail=False))


def _run_at(folder: str) -> datetime | None:
    try:
        return datetime.strptime(folder.rsplit("/", 1)[-1], RUN_FOLDER).replace(tzinfo=UTC)
    except ValueError:
        return None


def _pages(storage: Any, path: str, window: Window) -> Pages:
    place = "/".join(path.rsplit("/", 2)[1:])
    try:
        with storage.open(path, "rb") as file:
            for text in _pieces(_plain(file)):
                text.decode()
                yield Page(text, text.count(b"\n"), window.end, f"READ {place}")
    except UnicodeDecodeError as error:
        raise ConnectorError(f"{place} is not UTF-8: {error}", remedy=WRITE_AGAIN) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ConnectorError(f"{place} is cut off: {error}", remedy=WRITE_AGAIN) from error


def _plain(file: IO[bytes]) -> IO[bytes]:
    compressed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return gzip.open(file) if compressed else file  # type: ignore[return-value]


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The text in pieces of whole lines."""
    rest = b""
    while block := file.read(BYTES_PER_PAGE):
        text = rest + block
        end = text.rfind(b"\n") + 1
        rest = text[end:]
        if end:
            yield text[:end]
    if rest:
        yield rest


def probe(client: Client) -> Pages:
    """The folder is there and may be listed; no file is read."""
    _run_folders(client)
    return iter(())


VENDOR = Vendor(
    name="snowplow",
    streams=(Stream("enriched_events", enriched_events, lookback_days=1),),
    connect=connect,
    required=("url",),
    probe=probe,
)
