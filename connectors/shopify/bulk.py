"""Bulk operations: Shopify runs the query by itself and leaves the rows in a file.

Belongs here: starting one, waiting for it, fetching its file and making pages of it. Does not
belong here: which streams are read so (the package itself).

The file has one object per line; nested rows follow their parent on lines of their own. They are
put back where they stand in a page, so that base, the gate and the notes of fields read one form.
Each object's own text stays as it came.
"""

from __future__ import annotations

import logging
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3
from dlt.common.configuration import resolve_configuration
from dlt.common.configuration.specs import RuntimeConfiguration

from connectors.client import Client
from connectors.settings import VendorSettings, data_folder
from connectors.shopify.queries import BULK, RUN_BULK, Question
from connectors.stream import ConnectorError, Page, Pages

log = logging.getLogger(__name__)

PATH = "/graphql.json"
ROWS_PER_PAGE = 250
BYTES_PER_PAGE = 2**20
LONGEST_POLL = 30.0
LONGEST_RUN = 6 * 3600.0
# Where Shopify keeps results. Its address is signed, so whoever has it needs no credential.
RESULT_HOSTS = {"storage.googleapis.com"}


class _Line(msgspec.Struct):
    id: str | None = None
    parent: str | None = msgspec.field(default=None, name="__parentId")


@dataclass(frozen=True)
class _Result:
    """What a finished operation said: its id, when it was begun, and its file."""

    id: str
    pulled_at: datetime
    objects: int
    size: int
    url: str | None


def bulk_pages(client: Client, question: Question, search: str) -> Pages:
    """The rows of a question by a bulk operation, in the form in which its pages come.

    Raises:
        ConnectorError: the operation failed, or its file is not what Shopify said it was.
    """
    query = question.bulk(search)
    result = _run(client, query)
    request = f"POST {PATH} {result.id} {query}"
    nested = question.nested[0] if question.nested else None
    head = b'{"data":{"%b":{"nodes":[' % question.name.encode()
    with tempfile.TemporaryFile(dir=_scratch()) as file:
        if result.url:
            _fetch(client.settings, result, file)
        for rows in _batches(_nested(file, nested)):
            body = head + b",".join(rows) + b"]}}}"
            yield Page(body, len(rows), result.pulled_at, request)


def _scratch() -> str:
    folder = data_folder() / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)


def _ask(client: Client, query: str, variables: dict[str, Any]) -> tuple[Any, datetime]:
    body = {"query": query, "variables": variables}
    page = next(client.pages(PATH, rows=None, method="POST", body=body))
    return msgspec.json.decode(page.body or b"{}")["data"], page.pulled_at


def _run(client: Client, query: str) -> _Result:
    """Start an operation and wait for its end."""
    runtime = resolve_configuration(RuntimeConfiguration())
    deadline = time.monotonic() + LONGEST_RUN
    delays = _delays(runtime.request_backoff_factor, runtime.request_max_retry_delay)
    name, pulled_at = _begin(client, query, deadline, delays)
    while True:
        operation, _ = _ask(client, BULK, {"id": name})
        found = operation["bulkOperation"] or {"status": "unknown to Shopify"}
        status = found["status"]
        if status == "COMPLETED":
            size, objects = int(found["fileSize"] or 0), int(found["objectCount"])
            return _Result(name, pulled_at, objects, size, found["url"])
        if status not in ("CREATED", "RUNNING") or time.monotonic() > deadline:
            reason = found.get("errorCode") or f"after {LONGEST_RUN / 3600:.0f} h at most"
            raise ConnectorError(
                f"bulk operation {name} is {status} ({reason})",
                remedy="run the night again; if it fails again, load a shorter window.",
            )
        time.sleep(next(delays))


def _begin(
    client: Client, query: str, deadline: float, delays: Iterator[float]
) -> tuple[str, datetime]:
    """Start it; where the shop has as many as it may, wait for one to end."""
    while True:
        data, pulled_at = _ask(client, RUN_BULK, {"query": query})
        answer = data["bulkOperationRunQuery"]
        if not answer["userErrors"]:
            return str(answer["bulkOperation"]["id"]), pulled_at
        codes = {error["code"] for error in answer["userErrors"]}
        text = "; ".join(error["message"] for error in answer["userErrors"])
        busy = codes & {"OPERATION_IN_PROGRESS", "LIMIT_REACHED"}
        if not busy or time.monotonic() > deadline:
            raise ConnectorError(f"refused a bulk operation: {text}", remedy="see the message.")
        log.info("shopify is busy with other bulk operations: %s", text)
        time.sleep(next(delays))


def _delays(first: float, longest: float) -> Iterator[float]:
    delay = first
    while True:
        yield min(delay, longest, LONGEST_POLL)
        delay *= 1.5


def _fetch(settings: VendorSettings, result: _Result, file: IO[bytes]) -> None:
    """Fetch the result whole, without the credential: its address is signed, and is secret too."""
    url = str(result.url)
    _check_host(settings, url)
    runtime = resolve_configuration(RuntimeConfiguration())
    for attempt in range(1, runtime.request_max_attempts + 1):
        file.seek(0)
        file.truncate()
        reason = _attempt(url, runtime.request_timeout, result, file)
        if not reason:
            file.seek(0)
            return
        delay = runtime.request_backoff_factor * 2 ** (attempt - 1)
        time.sleep(min(random.uniform(delay / 2, delay), runtime.request_max_retry_delay))
    raise ConnectorError(
        f"the result of {result.id} could not be fetched: {reason}",
        remedy="run the night again later.",
    )


def _attempt(url: str, seconds: float, result: _Result, file: IO[bytes]) -> str:
    """Why the file did not come whole; empty where it did."""
    size = lines = 0
    # A session of its own with nothing in it; the last argument keeps a .netrc out as well.
    with requests.Session() as session:
        try:
            with session.get(
                url, stream=True, timeout=seconds, allow_redirects=False, auth=_nobody
            ) as response:
                if response.status_code != 200:
                    return f"{urlsplit(url).hostname} answered {response.status_code}"
                while piece := response.raw.read(2**18, decode_content=True):
                    size += len(piece)
                    lines += piece.count(b"\n")
                    file.write(piece)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            return f"the connection broke ({type(error).__name__})"
    if piece_left := _unended(file, size):
        lines += piece_left
    if (size, lines) != (result.size, result.objects):
        said = f"{result.size:,} bytes and {result.objects:,} objects"
        return f"it has {size:,} bytes and {lines:,} lines, and was to have {said}"
    return ""


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _unended(file: IO[bytes], size: int) -> int:
    """1 where the last line has no line feed."""
    if not size:
        return 0
    file.seek(size - 1)
    return int(file.read(1) != b"\n")


def _check_host(settings: VendorSettings, url: str) -> None:
    parts, own = urlsplit(url), urlsplit(settings.get("base_url"))
    allowed = RESULT_HOSTS | set(settings.get("result_hosts").split(","))
    is_own = parts[:2] == own[:2]
    if is_own or (parts.scheme == "https" and parts.hostname in allowed):
        return
    raise ConnectorError(
        f"the result of a bulk operation lies at {parts.scheme}://{parts.hostname}, which is not"
        " a known host; it was not fetched",
        remedy="if Shopify says that its results lie there, name the host in"
        " SOURCES__SHOPIFY__RESULT_HOSTS.",
    )


def _nested(file: IO[bytes], name: str | None) -> Iterator[bytes]:
    """Each row of the file, with the lines that belong to it inside it."""
    parent: bytes | None = None
    parent_id: str | None = None
    children: list[bytes] = []
    for line in file:
        text = line.strip()
        if not text:
            continue
        found = msgspec.json.decode(text, type=_Line)
        if found.parent is None:
            if parent is not None:
                yield _whole(parent, name, children)
            parent, parent_id, children = text, found.id, []
        elif name is None or found.parent != parent_id:
            raise ConnectorError(
                f"a bulk operation's file has a row of {found.parent} that does not follow it",
                remedy="report it: Shopify's result is not grouped as was asked.",
            )
        else:
            children.append(text)
    if parent is not None:
        yield _whole(parent, name, children)


def _whole(parent: bytes, name: str | None, children: list[bytes]) -> bytes:
    if name is None:
        return parent
    inner = b",".join(children)
    return b'%b,"%b":{"nodes":[%b]}}' % (parent.removesuffix(b"}"), name.encode(), inner)


def _batches(rows: Iterator[bytes]) -> Iterator[list[bytes]]:
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
