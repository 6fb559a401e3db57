"""Bulk operations: Shopify runs the query by itself and leaves the rows in a file.

Belongs here: starting one, waiting for it and fetching its file. Does not belong here: what its
lines are (results.py), and which streams are read so (the package itself).

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
from connectors.shopify.queries import AT_WORK, BULK, CANCEL, RUN_BULK, Question
from connectors.shopify.results import batches, nested_rows
from connectors.stream import ConnectorError, Page, Pages

log = logging.getLogger(__name__)

PATH = "/graphql.json"
LONGEST_POLL = 30.0
LONGEST_RUN = 6 * 3600.0
# A file that only drips never times out by itself.
LONGEST_FETCH = 3600.0
# Where Shopify keeps results. Its address is signed, so whoever has it needs no credential.
EXPIRED = (" answered 403", " answered 404", " answered 410")
# Shopify's own words for what may go well another time, and for having no place.
PASSING = {"INTERNAL_SERVER_ERROR", "TIMEOUT"}
BUSY = {"OPERATION_IN_PROGRESS", "LIMIT_REACHED"}
RESULT_HOSTS = {"storage.googleapis.com"}


class UnfinishedError(ConnectorError):
    """Shopify gave the operation up, and may finish it another time."""


@dataclass(frozen=True)
class _Result:
    """What a finished operation said: its id, when it was begun, and its file."""

    id: str
    pulled_at: datetime
    objects: int
    size: int
    url: str | None


def bulk_pages(client: Client, question: Question, search: str | None) -> Pages:
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
            _fetch(client, result, file)
        for rows in batches(nested_rows(file, nested)):
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
    """Run an operation to its end; once more, less tidily, where Shopify could not finish it."""
    try:
        return _run_once(client, query, grouped=True)
    except UnfinishedError as error:
        # To put rows in order takes Shopify long; here they are put in order as well.
        log.warning("shopify: %s; running it once more", error.reason)
    return _run_once(client, query, grouped=False)


def _run_once(client: Client, query: str, *, grouped: bool) -> _Result:
    runtime = resolve_configuration(RuntimeConfiguration())
    deadline = time.monotonic() + LONGEST_RUN
    delays = _delays(runtime.request_backoff_factor, runtime.request_max_retry_delay)
    name, pulled_at = _begin(client, query, grouped, deadline, delays)
    while True:
        found = _look(client, name)
        status = found["status"]
        if status == "COMPLETED":
            size, objects = int(found["fileSize"] or 0), int(found["objectCount"])
            return _Result(name, pulled_at, objects, size, found["url"])
        if status not in ("CREATED", "RUNNING", "CANCELING") or time.monotonic() > deadline:
            raise _unfinished(name, found)
        time.sleep(next(delays))


def _look(client: Client, name: str) -> dict[str, Any]:
    operation, _ = _ask(client, BULK, {"id": name})
    return operation["bulkOperation"] or {"status": "unknown to Shopify"}


def _unfinished(name: str, found: dict[str, Any]) -> ConnectorError:
    """The error for an operation that did not come to its end; a part of its rows is not used."""
    code = str(found.get("errorCode") or "")
    reason = code or f"after {LONGEST_RUN / 3600:.0f} h at most"
    text = f"bulk operation {name} is {found['status']} ({reason})"
    if found.get("partialDataUrl"):
        text += (
            f"; the part of {int(found.get('objectCount') or 0):,} rows that it left was not used"
        )
    if code == "ACCESS_DENIED":
        remedy = "give the app the access scopes that README.md of this connector names."
        return ConnectorError(text, means=403, remedy=remedy)
    kind = UnfinishedError if code in PASSING or found["status"] == "EXPIRED" else ConnectorError
    return kind(text, remedy="run the night again; if it fails again, load a shorter window.")


def _begin(
    client: Client, query: str, grouped: bool, deadline: float, delays: Iterator[float]
) -> tuple[str, datetime]:
    """Start it; where the shop has as many as it may, wait for one to end."""
    while True:
        data, pulled_at = _ask(client, RUN_BULK, {"query": query, "groupObjects": grouped})
        answer = data["bulkOperationRunQuery"]
        if not answer["userErrors"]:
            return str(answer["bulkOperation"]["id"]), pulled_at
        codes = {error["code"] for error in answer["userErrors"]}
        text = "; ".join(error["message"] for error in answer["userErrors"])
        if not codes & BUSY:
            raise ConnectorError(f"refused a bulk operation: {text}", remedy="see the message.")
        if time.monotonic() > deadline:
            raise ConnectorError(
                f"had no place for a bulk operation in {LONGEST_RUN / 3600:.0f} h: {text}",
                remedy="look which other export of this app is at work, and run the night again.",
            )
        log.info("shopify is busy with other bulk operations: %s", text)
        _cancel_left_behind(client, query)
        time.sleep(next(delays))


def _cancel_left_behind(client: Client, query: str) -> None:
    """Cancel what a killed run of ours left at work: it asks just what is asked now.

    Nobody else asks for this stream's window, and its rows would be older than this pull. Other
    operations of the app are somebody's, and are waited for.
    """
    data, _ = _ask(client, AT_WORK, {})
    for operation in data["bulkOperations"]["nodes"]:
        if operation["query"] == query and operation["status"] in ("CREATED", "RUNNING"):
            log.warning("shopify: cancels %s, which an earlier run left behind", operation["id"])
            _ask(client, CANCEL, {"id": operation["id"]})


def _delays(first: float, longest: float) -> Iterator[float]:
    delay = first
    while True:
        yield min(delay, longest, LONGEST_POLL)
        delay *= 1.5


def _fetch(client: Client, result: _Result, file: IO[bytes]) -> None:
    """Fetch the result whole, without the credential: its address is signed, and is secret too."""
    url = str(result.url)
    _check_host(client.settings, url)
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
        if reason.endswith(tuple(EXPIRED)):
            # A signed address ends; the operation tells a new one for as long as it has the file.
            url = str(_look(client, result.id).get("url") or url)
            _check_host(client.settings, url)
    raise ConnectorError(
        f"the result of {result.id} could not be fetched: {reason}",
        remedy="run the night again later.",
    )


def _attempt(url: str, seconds: float, result: _Result, file: IO[bytes]) -> str:
    """Why the file did not come whole; empty where it did."""
    size = lines = 0
    end = time.monotonic() + LONGEST_FETCH
    # A session of its own with nothing in it; the last argument keeps a .netrc out as well.
    with requests.Session() as session:
        try:
            with session.get(
                url, stream=True, timeout=seconds, allow_redirects=False, auth=_nobody
            ) as response:
                if response.status_code != 200:
                    return f"{urlsplit(url).hostname} answered {response.status_code}"
                while piece := response.raw.read1(2**18, decode_content=True):
                    if time.monotonic() > end:
                        return f"it took more than {LONGEST_FETCH:.0f} s"
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
