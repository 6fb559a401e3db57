"""What goes wrong on purpose, per vendor and stream.

Belongs here: which faults wait for which requests, and how a good answer is spoiled. Does not
belong here: the errors a vendor gives for reasons of its own (its module, limits.py), and how
bytes reach the socket (server.py).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from sandbox.wire import Response

# Answered in place of the handler, in the vendor's own error shape where it has one.
INSTEAD = ("error", "html_200", "rate_limit", "expired_cursor", "nothing")
# Refusals that no repeating mends, and the status where a vendor has no words for one of its own.
REFUSALS = {"unauthorized": 401, "forbidden": 403, "not_found": 404, "gone": 410}
# Done to the connection.
ON_THE_LINE = ("timeout", "slow_body", "truncated", "reset")
# Done to the rows of a good answer: to the list of them, or inside each.
TO_FIELDS = ("new_field", "vanished_field", "string_for_number", "zero_metric")
TO_ROWS = ("duplicate_rows", "shifted_pages", "empty_page", *TO_FIELDS)
KINDS = (*INSTEAD, *REFUSALS, *ON_THE_LINE, *TO_ROWS)
NEED_FIELD = ("vanished_field", "string_for_number", "zero_metric")


@dataclass
class Fault:
    """One fault waiting for requests.

    Attributes:
        vendor: Whose requests it hits.
        stream: Which stream's; None for all of the vendor's.
        kind: One of KINDS.
        times: How many requests it still hits; None until it is cleared.
        skip: How many requests it lets through first.
        options: `status` (error: 500 by default) and its `detail`, `seconds` (timeout and
            slow_body: 30), `retry_after` (rate_limit: 1), `silent` (truncated: the length sent is
            that of what is left), `rows` (duplicate_rows, shifted_pages: how many rows, 1;
            shifted_pages drops rows when negative), `field` (dotted path into a row), `every`
            (spoil each n-th row only).
    """

    vendor: str
    stream: str | None
    kind: str
    times: int | None = None
    skip: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    _before: list[Any] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(KINDS)}")
        if self.kind in NEED_FIELD and not self.options.get("field"):
            raise ValueError(f"fault {self.kind} needs field=<dotted path into a row>")

    def spoil(self, response: Response, rows_at: str | None) -> Response:
        """Return the answer with its rows spoiled; answers without rows pass unharmed."""
        if self.kind not in TO_ROWS or rows_at is None or response.status != 200:
            return response
        content = orjson.loads(response.body)
        if rows_at == "":
            if self.kind in TO_FIELDS:
                self._spoil_row(content)
            return Response(200, orjson.dumps(content), response.headers)
        *way, last = rows_at.split(".")
        holder = content
        for key in way:
            holder = holder.get(key) if isinstance(holder, dict) else None
        rows = holder.get(last, []) if isinstance(holder, dict) else None
        if not isinstance(holder, dict) or not isinstance(rows, list):
            return response
        holder[last] = self._spoiled(rows)
        return Response(200, orjson.dumps(content), response.headers)

    def _spoiled(self, rows: list[Any]) -> list[Any]:
        count = int(self.options.get("rows", 1))
        if self.kind == "empty_page":
            return []
        if self.kind == "duplicate_rows":
            return rows + rows[:count]
        if self.kind == "shifted_pages":
            before, self._before = self._before, rows
            # Rows that appeared before the cursor push the last ones seen into view once more;
            # rows that went away pull the first ones past it.
            return before[-count:] + rows if count > 0 else rows[-count if before else 0 :]
        for row in rows[:: int(self.options.get("every", 1))]:
            self._spoil_row(row)
        return rows

    def _spoil_row(self, row: Any) -> None:
        path = str(self.options.get("field", "sandbox_new_field"))
        if isinstance(row, list) and self.kind == "new_field":
            # A row that is an array has places and no names.
            row.append(self.options.get("value", "never seen before"))
            return
        changes: dict[str, Callable[[Any], Any]] = {
            "new_field": lambda _: self.options.get("value", "never seen before"),
            "string_for_number": lambda value: f"{value} or so",
            "zero_metric": lambda value: "0" if isinstance(value, str) else 0,
        }
        _change(row, path.split("."), changes.get(self.kind), make=self.kind == "new_field")


def _change(
    target: Any, path: list[str], change: Callable[[Any], Any] | None, *, make: bool
) -> None:
    """Change the member at a path, or remove it where there is no change to make."""
    if isinstance(target, list):
        for item in target:
            _change(item, path, change, make=make)
        return
    if not isinstance(target, dict) or (path[0] not in target and not make):
        return
    if len(path) > 1:
        _change(target.setdefault(path[0], {}), path[1:], change, make=make)
    elif change is None:
        del target[path[0]]
    else:
        target[path[0]] = change(target.get(path[0]))


class Faults:
    """The faults now set. Threads may share it."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Set one more fault; where several fit a request, the one set first hits it."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Forget all faults."""
        with self._lock:
            self._waiting.clear()

    def take(self, vendor: str, stream: str | None) -> Fault | None:
        """Return the fault that hits this request, and count it."""
        with self._lock:
            for fault in self._waiting:
                if fault.vendor != vendor or fault.stream not in (None, stream):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.times is not None:
                    if fault.times <= 0:
                        continue
                    fault.times -= 1
                return fault
        return None
