"""The vendors on loopback: one HTTP server for all of them.

Belongs here: sockets, dispatch, the control endpoints under `/_sandbox`, and bringing a fault to
a request. Does not belong here: anything one vendor does (its module).
"""

from __future__ import annotations

import socket
import struct
import threading
import traceback
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson

from sandbox.clock import Clock
from sandbox.faults import REFUSALS, Fault, Faults
from sandbox.limits import Counter
from sandbox.vendors import Vendor
from sandbox.wire import BadCursorError, Limit, Refusal, Request, Response, Route
from sandbox.world import World

LOG_LENGTH = 100_000


class Application:
    """Answers requests; knows nothing of sockets.

    Attributes:
        world: What is served.
        clock: The simulated now.
        faults: What goes wrong.
        log: The requests seen, oldest first.
    """

    def __init__(
        self,
        world: World,
        clock: Clock,
        vendors: Mapping[str, Vendor],
        data: Path,
        limit_factor: float = 1000.0,
        latency: float = 0.0,
    ):
        """Make the application.

        Args:
            world: What to serve.
            clock: The simulated now.
            vendors: Whom to stand in for.
            data: The data directory, for vendors that deliver files.
            limit_factor: The vendors' rate limits are multiplied by it: 1 for the real ones. The
                default is so generous that a benchmark never meets one.
            latency: Seconds that each vendor's answer takes longer, as over the internet.
        """
        self.world = world
        self.clock = clock
        self.faults = Faults()
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self.closing = threading.Event()
        self.latency = latency
        self._vendors = vendors
        self._data = data
        self._factor = limit_factor
        self._counter = Counter()
        self._advancing = threading.Lock()
        self.advance(clock.now)

    def advance(self, to: datetime) -> datetime:
        """Move the clock and let files appear that were due by then."""
        with self._advancing:
            now = self.clock.advance(to)
            for vendor in self._vendors.values():
                vendor.deliver(self.world, self._data, now, self.faults)
            return now

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, origin: str
    ) -> tuple[Response, Fault | None]:
        """Answer one request, and say which fault the connection is to suffer."""
        path, _, raw_query = target.partition("?")
        _, name, rest = (unquote(path) + "/").split("/", 2)
        rest = "/" + rest.rstrip("/") if rest else "/"
        if name == "_sandbox":
            return self._control(method, rest, body), None
        vendor = self._vendors.get(name)
        if vendor is None:
            return Response.of({"error": f"no vendor called {name!r} here"}, 404), None
        request = Request(method, rest, raw_query, headers, body, f"{origin}/{name}")
        entry = {
            "at": self.clock.now.isoformat(),
            "vendor": name,
            "stream": None,
            "method": method,
            "path": rest,
            "query": raw_query,
            "body": body.decode(errors="replace"),
        }
        response, fault = self._answer_vendor(vendor, request, entry)
        if self.latency:
            self.closing.wait(self.latency)
        self.log.append(
            entry | {"status": response.status, "fault": None if fault is None else fault.kind}
        )
        return response, fault

    def _answer_vendor(
        self, vendor: Vendor, request: Request, entry: dict[str, Any]
    ) -> tuple[Response, Fault | None]:
        route, match = _find(vendor.routes, request)
        if route is None:
            known = any(r.matches(r.method, request.path) is not None for r in vendor.routes)
            kind = "method_not_allowed" if known else "not_found"
            return vendor.problem(kind, f"{request.method} {request.path}"), None
        request = replace(request, match=match)
        entry["stream"] = stream = route.stream_of(request)
        fault = self.faults.take(vendor.name, stream)
        limit = Limit(
            int(route.limit.per_second * self._factor), int(route.limit.per_minute * self._factor)
        )
        usage = self._counter.count(f"{vendor.name} {route.method} {route.pattern}", limit)
        if usage.retry_after is not None:
            return _told_to_wait(vendor, usage.retry_after), fault
        if fault is not None and (instead := _instead(vendor, fault)) is not None:
            return instead, fault
        # A vendor with nothing to show says so in its own way: ask it about the time before time.
        empty = fault is not None and fault.kind == "nothing"
        now = self.world.start - timedelta(days=1) if empty else self.clock.now
        response = vendor.authorize(request) or self._handle(vendor, route, request, now)
        if fault is not None:
            response = fault.spoil(response, route.rows_of(request))
        response.headers |= vendor.rate_headers(limit, usage.second, usage.minute)
        return response, fault

    def _handle(self, vendor: Vendor, route: Route, request: Request, now: datetime) -> Response:
        try:
            return route.handler(request, self.world, now)
        except Refusal as refusal:
            return vendor.problem(refusal.kind, refusal.detail)
        except BadCursorError as error:
            return vendor.problem("expired_cursor", str(error))
        except orjson.JSONDecodeError as error:
            return vendor.problem("bad_request", f"the body is no JSON: {error}")
        except Exception:
            traceback.print_exc()
            return vendor.problem("server_error", "the sandbox failed; see its standard error")

    def _control(self, method: str, path: str, body: bytes) -> Response:
        try:
            content = orjson.loads(body) if body else {}
            return self._controlled(method, path, content)
        except (KeyError, TypeError, ValueError) as error:
            return Response.of({"error": f"{type(error).__name__}: {error}"}, 400)

    def _controlled(self, method: str, path: str, content: dict[str, Any]) -> Response:
        match method, path:
            case "GET", "/clock":
                return Response.of({"now": self.clock.now.isoformat()})
            case "POST", "/clock":
                now = self.advance(parse_moment(content["now"]))
                return Response.of({"now": now.isoformat()})
            case "POST", "/faults":
                self.faults.add(fault_of(content))
                return Response.of({"set": True}, 201)
            case "DELETE", "/faults":
                self.faults.clear()
                return Response.of({"cleared": True})
            case "GET", "/requests":
                return Response.of({"requests": list(self.log)})
            case "DELETE", "/requests":
                self.log.clear()
                return Response.of({"cleared": True})
        return Response.of({"error": f"no control endpoint {method} {path}"}, 404)


def parse_moment(text: str) -> datetime:
    """Read an ISO moment; one without an offset counts as UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def fault_of(content: dict[str, Any]) -> Fault:
    """Make a fault of {vendor, stream, fault, times, skip, ...options}."""
    rest = dict(content)
    return Fault(
        vendor=rest.pop("vendor"),
        stream=rest.pop("stream", None),
        kind=rest.pop("fault"),
        times=rest.pop("times", None),
        skip=rest.pop("skip", 0),
        options=rest,
    )


def _find(routes: tuple[Route, ...], request: Request) -> tuple[Route | None, dict[str, str]]:
    for route in routes:
        match = route.matches(request.method, request.path)
        if match is not None:
            return route, match
    return None, {}


def _told_to_wait(vendor: Vendor, seconds: int) -> Response:
    response = vendor.problem("rate_limited", f"too many requests; wait {seconds} s")
    response.headers["Retry-After"] = str(seconds)
    return response


def _instead(vendor: Vendor, fault: Fault) -> Response | None:
    match fault.kind:
        case "error":
            detail = str(fault.options.get("detail", "this error was asked for"))
            response = vendor.problem("server_error", detail)
            response.status = int(fault.options.get("status", 500))
            return response
        case "html_200":
            page = b"<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>"
            return Response(200, page, {"Content-Type": "text/html; charset=utf-8"})
        case "rate_limit":
            return _told_to_wait(vendor, int(fault.options.get("retry_after", 1)))
        case "expired_cursor":
            return vendor.problem("expired_cursor", "the cursor has expired")
        case kind if kind in REFUSALS:
            return _refused(vendor, kind)
    return None


def _refused(vendor: Vendor, kind: str) -> Response:
    """The vendor's own refusal; where it has no words for this one, those for a bad credential."""
    try:
        response = vendor.problem(kind, "this refusal was asked for")
    except KeyError:
        response = None
    if response is None or response.status >= 500:
        response = vendor.problem("unauthorized", "this refusal was asked for")
        response.status = REFUSALS[kind]
    return response


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Header and body go out in one piece; without this the second of two small pieces would wait
    # for the first to be acknowledged.
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        application = self.server.application
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        headers = {name.lower(): value for name, value in self.headers.items()}
        origin = f"http://{headers.get('host', self.server.origin)}"
        response, fault = application.answer(self.command, self.path, headers, body, origin)
        kind = None if fault is None else fault.kind
        if fault is not None and kind == "timeout":
            application.closing.wait(float(fault.options.get("seconds", 30)))
        if kind == "reset":
            self._reset()
            return
        payload, length = response.body, len(response.body)
        if fault is not None and kind == "truncated":
            payload = payload[: length // 2]
            length = len(payload) if fault.options.get("silent") else length
            self.close_connection = True
        late = float(fault.options.get("seconds", 30)) if fault and kind == "slow_body" else 0.0
        self._send(response, payload, length, late)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def _send(self, response: Response, payload: bytes, length: int, late: float) -> None:
        now = self.server.application.clock.now
        phrase = responses.get(response.status, "Unnamed")
        lines = [f"HTTP/1.1 {response.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        lines += [f"Date: {format_datetime(now, usegmt=True)}", f"Content-Length: {length}"]
        if self.close_connection:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        try:
            if late:
                half, payload = payload[: length // 2], payload[length // 2 :]
                self._send_all(head, half)
                self.server.application.closing.wait(late)
                head = b""
            self._send_all(head, payload)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _send_all(self, head: bytes, payload: bytes) -> None:
        sent = self.connection.sendmsg([head, payload])
        if sent < len(head):
            self.connection.sendall(head[sent:])
            sent = len(head)
        if (rest := sent - len(head)) < len(payload):
            self.connection.sendall(memoryview(payload)[rest:])

    def _reset(self) -> None:
        # Lingering for no time makes the kernel reset the connection instead of ending it.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def finish(self) -> None:
        """End the connection, which may be gone already."""
        try:
            super().finish()
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the request log has it all."""


class Server(ThreadingHTTPServer):
    """An application on a port of the loopback interface."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, application: Application, port: int = 0):
        """Bind the port; 0 takes any free one.

        Raises:
            OSError: it cannot be had; the message names it.
        """
        # Before the port: where that cannot be had, the server is closed at once.
        self.application = application
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise OSError(error.errno, f"port {port}: {error.strerror}") from error

    @property
    def origin(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent when a client hangs up."""

    def server_close(self) -> None:
        """Close the port and wake whoever still waits inside a fault."""
        self.application.closing.set()
        super().server_close()
