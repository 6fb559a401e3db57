"""Paging by offset through rows that come and go while they are read.

Belongs here: where the next page begins, and whether anything was missed. Does not belong here:
what is asked for (the package itself).
"""

from __future__ import annotations

from typing import Any

import msgspec
import requests
from dlt.sources.helpers.rest_client.paginators import BasePaginator

from connectors.stream import ConnectorError, CursorExpiredError

# The most that Mailchimp gives at once.
COUNT = 1000
# Rows of a page that come again on the next one.
OVERLAP = 25


class _Row(msgspec.Struct):
    """What tells a row from others: a recipient's e-mail id, else its own."""

    id: int | str = ""
    email_id: str = ""


_ROWS = msgspec.json.Decoder(list[_Row])


class OffsetPaginator(BasePaginator):
    """Pages by `count` and `offset` over rows that come and go meanwhile.

    Each page begins some rows before the end of the one before it and has to hold the last of them:
    then nothing lies between the two. Where a total shrinks, it begins as many rows earlier.

    Args:
        rows: the key of the page's rows.
        asks_at_once: whether the first question says where it begins; one endpoint does not page,
            and is asked to only where it gave a part.
    """

    def __init__(self, rows: str, *, asks_at_once: bool = True) -> None:
        super().__init__()
        self.rows, self.asks_at_once = rows, asks_at_once
        self.count, self.offset, self.reached = COUNT, 0, 0
        self.total: int | None = None
        self.first: str | int = ""
        self.last: str | int | None = None

    def init_request(self, request: requests.Request) -> None:
        """Ask for the first page."""
        if self.asks_at_once:
            self._ask(request)

    def update_state(self, response: requests.Response, data: Any = None) -> None:
        """Find where the next page begins, from the rows that came and the total that is stated.

        Raises:
            CursorExpiredError: the page does not touch the one before it.
            ConnectorError: the same rows came again, whatever was asked for.
        """
        page = response.json()
        received, total = int(page.get(self.rows) or 0), int(page.get("total_items") or 0)
        names = self._names(response) if received else []
        if self.last is not None:
            self._check_touches(names)
        shrunk = max(0, (total if self.total is None else self.total) - total)
        end, before = self.offset + received, self.reached - shrunk
        overlap = min(OVERLAP, received // 2)
        if not received and not self.offset and self.count == COUNT:
            # An empty first page of some rows: asked for once more, in other words.
            self.count, self._has_next_page = COUNT - 1, total > 0
        else:
            self._has_next_page = before < end < total
        self.first = self.first or (names[0] if names else "")
        self.last = names[-1] if overlap else None
        self.offset, self.reached = max(0, end - overlap - shrunk), end
        self.total = total

    def _names(self, response: requests.Response) -> list[str | int]:
        found = msgspec.json.decode(response.content, type=dict[str, msgspec.Raw])
        rows = _ROWS.decode(found[self.rows])
        return [row.email_id or row.id for row in rows]

    def _check_touches(self, names: list[str | int]) -> None:
        if self.last in names:
            return
        if names and names[0] == self.first:
            raise ConnectorError(
                f"has {self.total} {self.rows}, and gives the first {self.reached} only",
                remedy="export them from Mailchimp, and report it: this endpoint does not page.",
            )
        raise CursorExpiredError(
            f"rows went away between two pages of {self.rows}, at {self.reached} of {self.total}",
            remedy="run the night again, at an hour at which fewer contacts are changed.",
        )

    def update_request(self, request: requests.Request) -> None:
        """Ask for the next page."""
        self._ask(request)

    def _ask(self, request: requests.Request) -> None:
        paging = {"count": self.count, "offset": self.offset}
        request.params = (request.params or {}) | paging
