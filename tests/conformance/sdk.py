"""A vendor's own SDK as the second judge: it is asked for the same, and gets our answer.

Belongs here: the loopback server that answers an SDK as the sandbox answered us, and how two
questions or two readings differ. Does not belong here: any SDK (the vendor's module).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.conformance.proofs import Exchange


@dataclass
class Replay:
    """What an SDK asked while it was answered.

    Attributes:
        url: the host to point the SDK at.
        seen: its questions, in order.
    """

    url: str = ""
    seen: list[Exchange] = field(default_factory=list)


@contextmanager
def replaying(exchange: Exchange) -> Iterator[Replay]:
    """A loopback host that answers whatever it is asked with the exchange's answer."""
    replay = Replay()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            path, _, query = self.path.partition("?")
            size = int(self.headers.get("Content-Length") or 0)
            replay.seen.append(
                Exchange(
                    exchange.vendor,
                    exchange.stream,
                    self.command,
                    exchange.endpoint,
                    path,
                    query,
                    dict(self.headers),
                    self.rfile.read(size),
                )
            )
            self.send_response(exchange.status)
            kind = exchange.answer_header("Content-Type") or "application/json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(exchange.answer)))
            self.end_headers()
            self.wfile.write(exchange.answer)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Say nothing: the questions are kept."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    replay.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
    thread.start()
    try:
        yield replay
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def differences(
    ours: Exchange,
    replay: Replay,
    *,
    headers: Collection[str] = (),
    without: Mapping[str, str] | None = None,
) -> list[str]:
    """Where the SDK's first question is not ours.

    Args:
        ours: as the connector asked.
        replay: what the SDK asked.
        headers: those that have to be equal as well.
        without: names in the query on which the two may differ → why.
    """
    if not replay.seen:
        return ["the SDK asked nothing"]
    theirs = replay.seen[0]
    pairs: list[tuple[str, Any, Any]] = [
        ("method", ours.method, theirs.method),
        ("path", ours.path.rstrip("/"), theirs.path.rstrip("/")),
        ("body", ours.body, theirs.body),
    ]
    one, other = _query(ours), _query(theirs)
    names = [name for name in {**one, **other} if name not in (without or {})]
    pairs += [(name, one.get(name), other.get(name)) for name in names]
    pairs += [(f"header {name}", ours.header(name), theirs.header(name)) for name in headers]
    return [f"{what}: ours is {a!r}, the SDK's {b!r}" for what, a, b in pairs if a != b]


def _query(exchange: Exchange) -> dict[str, list[Any]]:
    """The values of each name; JSON as what it says, for its spaces mean nothing."""
    found: dict[str, list[Any]] = {}
    for name, text in exchange.query:
        value = json.loads(text) if text[:1] in ("[", "{") else text
        found.setdefault(name, []).append(value)
    return found


def lost(sent: Any, read: Any, place: str = "answer") -> list[str]:
    """What of an answer an SDK's reading has no place for; what is null may be missing."""
    if isinstance(sent, dict) and isinstance(read, dict):
        gone = [f"{place}.{k}" for k, v in sent.items() if v is not None and k not in read]
        inner = [lost(v, read[k], f"{place}.{k}") for k, v in sent.items() if k in read]
    elif isinstance(sent, list) and isinstance(read, list):
        gone = [] if len(sent) == len(read) else [f"{place}: {len(sent)} items, {len(read)} read"]
        inner = [lost(a, b, f"{place}[]") for a, b in zip(sent, read, strict=False)]
    else:
        return [f"{place} is read as null"] if sent is not None and read is None else []
    return list(dict.fromkeys(gone + [each for found in inner for each in found]))
