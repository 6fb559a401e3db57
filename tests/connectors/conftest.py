"""What connector tests share: an own data folder, fast retries, a scripted server, the sandbox."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator

import connectors.landing
import sandbox
from connectors.client import http_client
from connectors.pace import pace_of
from connectors.settings import ENV_FILE, VendorSettings
from connectors.stream import Stream, Vendor
from tests.worlds import serving

from .landed import START

DAYS = 20
TOKEN = "secret/token+of-the-test"


def point_at(url: str, monkeypatch: pytest.MonkeyPatch, vendor: str, **settings: str) -> None:
    """Let a vendor's connector ask this host, with these settings of the vendor's."""
    for name, value in {"base_url": url, **settings}.items():
        monkeypatch.setenv(f"SOURCES__{vendor}__{name}".upper(), value)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, no vendor configured or known, and retries that take no time."""
    pace_of.cache_clear()
    for name in list(os.environ):
        if name.startswith(("SOURCES__", "THROUGHLINE_", "RUNTIME__REQUEST")) and name != ENV_FILE:
            monkeypatch.delenv(name)
    folder = tmp_path / "data"
    monkeypatch.setenv("THROUGHLINE_DATA", str(folder))
    monkeypatch.setenv("RUNTIME__REQUEST_TIMEOUT", "0.5")
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "3")
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_RETRY_DELAY", "3")
    return folder


@dataclass
class Answer:
    """One answer of the scripted server; what is not set is as a good server would do it.

    Attributes:
        cut: send only so many bytes of the body, then close.
        reset: close the connection hard instead of answering.
        delay: wait so many seconds between the headers and the body.
        drip: send the body byte by byte, with so many seconds between them.
        chunked: send the body in chunks; `cut` then leaves the last ones out.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    reset: bool = False
    delay: float = 0.0
    drip: float = 0.0
    chunked: bool = False


@dataclass
class Seen:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


class ScriptedServer(ThreadingHTTPServer):
    """Serves `pages` at `/rows?page=N`, after whatever `script` says about the next requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: list[list[dict[str, Any]]] = [[{"id": 1}, {"id": 2}], [{"id": 3}]]
        self.script: deque[Answer | None] = deque()
        self.seen: list[Seen] = []
        self.connections = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def page(self, number: int) -> Answer:
        more = number + 1 < len(self.pages)
        following = f"{self.url}/rows?page={number + 1}" if more else None
        return Answer(
            body=json.dumps({"data": self.pages[number], "links": {"next": following}}).encode(),
            headers={"Date": "Fri, 02 Jan 2026 03:00:00 GMT"},
        )

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        seen = Seen(
            self.command,
            self.path,
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(size),
            time.monotonic(),
        )
        self.server.seen.append(seen)
        answer = self.server.script.popleft() if self.server.script else None
        if answer is None:
            answer = self.server.page(int(self.path.partition("page=")[2] or 0))
        self._send(answer)

    do_POST = do_GET  # noqa: N815

    def _send(self, answer: Answer) -> None:
        if answer.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        length = {"Content-Length": str(len(answer.body))}
        framing = {"Transfer-Encoding": "chunked"} if answer.chunked else length
        for name, value in {**framing, **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        time.sleep(answer.delay)
        body = answer.body
        if answer.chunked:
            pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
            body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])
        step = 1 if answer.drip else len(body)
        for at in range(0, len(body[: answer.cut]), step or 1):
            self.wfile.write(body[: answer.cut][at : at + step])
            time.sleep(answer.drip)
        if answer.cut is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server that answers as the test scripts it."""
    running = ScriptedServer()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def fake_vendor(**client: Any) -> Vendor:
    """A vendor that reads the scripted server; the arguments go to `http_client`."""

    def connect(settings: VendorSettings) -> Any:
        return http_client(
            settings,
            base_url="http://127.0.0.1:9",
            auth=BearerTokenAuth(settings["token"]),
            paginator=JSONLinkPaginator("links.next"),
            **client,
        )

    return Vendor(
        "fake",
        (Stream("rows", lambda client, window: client.pages("/rows", rows="data")),),
        connect,
        required=("token",),
        secrets=("token",),
    )


@pytest.fixture
def fake(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> Vendor:
    """The only vendor there is, pointed at the scripted server."""
    vendor = fake_vendor()
    monkeypatch.setattr(connectors.landing, "vendors", lambda: {"fake": vendor})
    monkeypatch.setenv("SOURCES__FAKE__BASE_URL", server.url)
    monkeypatch.setenv("SOURCES__FAKE__TOKEN", TOKEN)
    return vendor


@pytest.fixture(scope="session")
def _running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sandbox.Running]:
    with serving(
        tmp_path_factory.mktemp("sandbox"),
        people=300,
        days=DAYS,
        start=START.date(),
        now=START + timedelta(days=DAYS, hours=3),
    ) as running:
        yield running


@pytest.fixture
def vendor_side(
    _running_sandbox: sandbox.Running, monkeypatch: pytest.MonkeyPatch
) -> Iterator[sandbox.Running]:
    """The sandbox, with this test's connectors pointed at it and no fault set."""
    for name, value in _running_sandbox.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RUNTIME__REQUEST_TIMEOUT", "5")
    _running_sandbox.clear_faults()
    yield _running_sandbox
    _running_sandbox.clear_faults()


@pytest.fixture
def night() -> tuple[datetime, datetime]:
    """One day in the middle of the sandbox's calendar."""
    day = datetime(2026, 1, 10, tzinfo=UTC)
    return day, day + timedelta(days=1)
