"""Records what a connector asks and what the sandbox answers, over a first load and one night.

Belongs here: running every stream of one vendor against its sandbox. Does not belong here:
judging what was recorded.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

import connectors
import sandbox
import sandbox.vendors
from connectors.meta_ads import reports
from connectors.settings import VendorSettings
from connectors.stream import Page, Window
from tests import worlds
from tests.conformance.proofs import Exchange

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 10
PEOPLE = 200
# A first load reaches back beyond what there is. Meta makes reports of more than five weeks.
REACH = timedelta(days=40)
# A night begins in the small hours, when the vendors know what happened the day before.
SMALL_HOURS = timedelta(hours=3)
Sent = list[tuple[requests.PreparedRequest, requests.Response]]


def record(vendor: str, data: Path) -> list[Exchange]:
    """Every exchange of a first load of all streams and of the night after it.

    Args:
        vendor: a connector with a sandbox of the same name.
        data: where the sandbox keeps its world; the same folder for all vendors saves time.
    """
    middle = FIRST_DAY + timedelta(days=DAYS - 1)
    exchanges: list[Exchange] = []
    with serving(data, middle + SMALL_HOURS, vendor) as side:
        exchanges += _pull(vendor, side, middle, first=True)
        end = middle + timedelta(days=1)
        side.set_clock(end + SMALL_HOURS)
        exchanges += _pull(vendor, side, end, first=False)
    return exchanges


@contextmanager
def serving(data: Path, now: datetime, *vendors: str) -> Iterator[sandbox.Running]:
    """A sandbox of some vendors, with the connectors of this process pointed at it."""
    with worlds.serving(
        data / "-".join(vendors),
        people=PEOPLE,
        days=DAYS,
        now=now,
        vendors=vendors,
    ) as side:
        settings = side.environment | {"RUNTIME__REQUEST_TIMEOUT": "10"}
        with mock.patch.dict(os.environ, settings):
            yield side


def _pull(vendor: str, side: sandbox.Running, end: datetime, *, first: bool) -> Iterator[Exchange]:
    found = connectors.vendors()[vendor]
    settings = VendorSettings(vendor, found.secrets)
    for stream in found.streams:
        back = timedelta(days=stream.lookback_days + 1)
        start = FIRST_DAY - REACH if first else max(FIRST_DAY, end - back)
        client = found.connect(settings)
        with _sent() as sent, mock.patch.object(reports, "FIRST_WAIT", 0.01):
            pages = list(stream.pages(client, Window(start, end)))
        root = f"http://127.0.0.1:{side.port}/{vendor}"
        landed = {page.request for page in pages}
        for request, response in sent:
            exchange = _exchange(vendor, stream.name, root, request, response)
            yield replace(exchange, is_landed=_is_landed(request, settings, landed))
        if not sent:
            yield from (_read(vendor, stream.name, page) for page in pages)


@contextmanager
def _sent() -> Iterator[Sent]:
    """What is sent while the block runs, with the answers it got."""
    seen: Sent = []
    send = HTTPAdapter.send

    def recording(self: HTTPAdapter, request: requests.PreparedRequest, **rest: Any) -> Any:
        response = send(self, request, **rest)
        seen.append((request.copy(), response))
        return response

    with mock.patch.object(HTTPAdapter, "send", recording):
        yield seen


def _is_landed(
    request: requests.PreparedRequest, settings: VendorSettings, landed: Collection[str]
) -> bool:
    """Whether a page names the request, or the file of rows that was fetched by it."""
    asked = settings.redact(f"{request.method} {request.url} {_text(request)}".strip())
    file = PurePosixPath(urlsplit(str(request.url)).path)
    # Shopify's: its pages name the operation whose result the file is.
    is_fetched = file.suffix == ".jsonl" and any(f"/{file.stem} " in each for each in landed)
    return asked in landed or is_fetched


def _text(request: requests.PreparedRequest) -> str:
    body = request.body or b""
    return body if isinstance(body, str) else body.decode()


def _exchange(
    vendor: str,
    stream: str,
    root: str,
    request: requests.PreparedRequest,
    response: requests.Response,
) -> Exchange:
    url = str(request.url)
    assert url.startswith(root), f"{vendor}/{stream} asked another host: {url}"
    parts = urlsplit(url.removeprefix(root))
    return Exchange(
        vendor=vendor,
        stream=stream,
        method=str(request.method),
        endpoint=_endpoint(vendor, str(request.method), parts.path),
        path=parts.path,
        raw_query=parts.query,
        headers=dict(request.headers),
        content=_text(request).encode(),
        status=response.status_code,
        answer_headers=dict(response.headers),
        answer=response.content,
    )


def _read(vendor: str, stream: str, page: Page) -> Exchange:
    """A page that came from a file: its digits may be a date, which is no other endpoint."""
    method, _, path = page.request.partition(" ")
    endpoint = re.sub(r"\d+", "N", path)
    return Exchange(vendor, stream, method, endpoint, path, answer=page.body or b"")


def _endpoint(vendor: str, method: str, path: str) -> str:
    """The path with what the sandbox's own pattern names in it as `{name}`."""
    for route in sandbox.vendors.discover()[vendor].routes:
        match = re.fullmatch(route.pattern, path.rstrip("/") or "/")
        if match is None or route.method != method:
            continue
        spans = sorted((match.span(name), name) for name in match.groupdict() if match[name])
        for (start, end), name in reversed(spans):
            path = f"{path[:start]}{{{name}}}{path[end:]}"
        return path
    return path
