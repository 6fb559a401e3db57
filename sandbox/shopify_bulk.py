"""Bulk operations of the sandbox's Shopify: begun, looked after, and their files.

Belongs here: what an operation says of itself and the lines of its file. Does not belong here:
which rows it finds (shopify.py).
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from graphql import FieldNode

from sandbox.shopify_graphql import Operation, Row, lines_of

KEPT = 50
# So many of an app's may be at work in a shop at once.
MOST_AT_WORK = 5


@dataclass
class Running:
    """An operation that was begun.

    Attributes:
        text: the query.
        field: the connection asked for.
        operation: the query it stands in.
        rows: what was found.
        grouped: whether nested rows follow their parent at once.
        now: when it was begun.
        looks: how often it was looked at so far.
    """

    text: str
    field: FieldNode
    operation: Operation
    rows: list[Row]
    grouped: bool
    now: datetime
    looks: int = 0
    is_canceled: bool = False
    content: bytes = b""
    objects: int = 0

    def __post_init__(self) -> None:
        parents: list[bytes] = []
        children: list[bytes] = []
        for row in self.rows:
            for parent, nested in lines_of(self.field, row, self.operation):
                parents.append(orjson.dumps(parent))
                (parents if self.grouped else children).extend(map(orjson.dumps, nested))
        lines = parents + children
        self.objects = len(lines)
        self.content = b"".join(line + b"\n" for line in lines)


class Bulk:
    """The operations of this process, by number. Threads may share it."""

    def __init__(self) -> None:
        self._numbers = itertools.count(4039263649981)
        self._found: dict[str, Running] = {}
        self._lock = threading.Lock()
        # How many looks find an operation still at work.
        self.looks_at_work = 0
        self.most = MOST_AT_WORK

    def _is_at_work(self, running: Running) -> bool:
        return not running.is_canceled and running.looks < self.looks_at_work

    def at_work(self, base_url: str) -> list[Row]:
        """The operations at work, newest first; to be listed is not to be looked at."""
        found = [name for name, each in self._found.items() if self._is_at_work(each)]
        names = [f"gid://shopify/BulkOperation/{name}" for name in reversed(found)]
        return [self.described(name, base_url) for name in names]

    def cancel(self, name: str) -> Row:
        """End an operation, and answer as the mutation does."""
        running = self._found.get(name.rpartition("/")[2])
        if running is None:
            error = {"field": ["id"], "message": "Bulk operation does not exist"}
            return {"bulkOperation": None, "userErrors": [error]}
        running.is_canceled = True
        return {"bulkOperation": {"id": name, "status": "CANCELING"}, "userErrors": []}

    def run(self, running: Running) -> Row:
        """Begin an operation, and answer as the mutation does."""
        with self._lock:
            if len([each for each in self._found.values() if self._is_at_work(each)]) >= self.most:
                message = "A bulk query operation for this app and shop is already in progress."
                error = {"field": None, "message": message, "code": "LIMIT_REACHED"}
                return {"bulkOperation": None, "userErrors": [error]}
            number = str(next(self._numbers))
            self._found[number] = running
            over = [name for name, each in self._found.items() if not self._is_at_work(each)]
            for old in over[:-KEPT]:
                del self._found[old]
        operation = {
            "id": f"gid://shopify/BulkOperation/{number}",
            "status": "CREATED",
            "createdAt": _time(running.now),
        }
        return {"bulkOperation": operation, "userErrors": []}

    def status(self, name: str, base_url: str) -> Row | None:
        """What an operation says of itself; None for one that never was."""
        number = name.rpartition("/")[2]
        running = self._found.get(number)
        if running is None:
            return None
        running.looks += 1
        return self.described(name, base_url)

    def described(self, name: str, base_url: str) -> Row:
        """An operation as it stands now."""
        number = name.rpartition("/")[2]
        running = self._found[number]
        done = running.looks > self.looks_at_work and not running.is_canceled
        status = "CANCELED" if running.is_canceled else "COMPLETED" if done else "RUNNING"
        file: Any = f"{base_url}/bulk-results/{number}.jsonl" if running.objects else None
        return {
            "id": name,
            "status": status,
            "errorCode": None,
            "query": running.text,
            "partialDataUrl": None,
            "createdAt": _time(running.now),
            "completedAt": _time(running.now) if done else None,
            "objectCount": str(running.objects if done else 0),
            "rootObjectCount": str(len(running.rows) if done else 0),
            "fileSize": str(len(running.content)) if done and running.objects else None,
            "url": file if done else None,
        }

    def find(self, number: str) -> Running | None:
        """An operation by its number."""
        return self._found.get(number)


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
