"""A drop area of the test's own, with a small feed of each domain."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.landing import Landed, extract
from tests.connectors.landed import END, START, landed_table

SHOP: dict[str, Any] = {
    "domain": "orders",
    "format": "csv",
    "columns": [
        {"name": "no", "to": "order_id"},
        {"name": "at", "to": "ordered_at", "type": "timestamp"},
        {"name": "what", "to": "product_name"},
        {"name": "qty", "to": "quantity"},
        {"name": "price", "to": "unit_price_amount"},
        "note",
    ],
    "values": {"currency_code": "EUR"},
}
HEADER = "no,at,what,qty,price,note\n"
LINE = "1,2026-01-05 10:00:00,Mug,2,3.50,\n"


@dataclass
class Notice:
    """A page, or a file that was held back."""

    page: str | None
    said: dict[str, Any]

    @property
    def reason(self) -> str:
        return str(self.said["reason"])


@dataclass
class DropArea:
    """The folder that operators and other systems write into."""

    folder: Path

    def declare(self, feed: str = "shop", without: tuple[str, ...] = (), **changes: Any) -> Path:
        """Write a feed's declaration: the shop's, with changes."""
        said = {**SHOP, **changes}
        path = self.folder / feed / "feed.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump({k: v for k, v in said.items() if k not in without}))
        return path

    def write(self, content: str | bytes, name: str = "a.csv", feed: str = "shop") -> Path:
        """Write a file of a feed, byte for byte."""
        path = self.folder / feed / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self, stream: str = "orders") -> Landed:
        """One night of one stream."""
        return extract("files", stream, START, END)

    def landed(self, stream: str = "orders") -> list[Notice]:
        """What all nights landed so far, without the notes that nothing was offered."""
        table = landed_table("files", stream)
        return [
            Notice(page, json.loads(request[request.index(" {") :]))
            for page, request in zip(
                table["page"].to_pylist(), table["request"].to_pylist(), strict=True
            )
            if " {" in request
        ]

    def reasons(self, stream: str = "orders") -> list[str]:
        """Why files were held back."""
        return [notice.reason for notice in self.landed(stream) if notice.page is None]


@pytest.fixture
def drop(data: Path, monkeypatch: pytest.MonkeyPatch) -> DropArea:
    """An empty drop area that need not settle."""
    monkeypatch.setenv("SOURCES__FILES__SETTLE_SECONDS", "0")
    assert os.environ["THROUGHLINE_DATA"] == str(data)
    return DropArea(data / "drop")
