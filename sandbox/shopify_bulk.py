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

    def run(self, running: Running) -> Row:
        """Begin an operation, and answer as the mutation does."""
        with self._lock:
            number = str(next(self._numbers))
            self._found[number] = running
            for old in list(self._found)[:-KEPT]:
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
        done = running.looks > self.looks_at_work
        file: Any = f"{base_url}/bulk-results/{number}.jsonl" if running.objects else None
        return {
            "id": name,
            "status": "COMPLETED" if done else "RUNNING",
            "errorCode": None,
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
