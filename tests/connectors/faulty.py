"""Pulling a stream from a sandbox that misbehaves, and comparing what came with a good pull.

Belongs here: pulls as landing makes them, without writing files. Does not belong here: faults.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

import connectors
import sandbox
from connectors import landing
from connectors.landing import Landed
from connectors.settings import VendorSettings
from connectors.stream import Window

from .landed import END, START

BASE = Path(__file__).resolve().parents[2] / "dbt_project" / "models" / "base"
WINDOW = Window(START, END)


@dataclass
class Pulled:
    """What one pull brought.

    Attributes:
        rows: each row as canonical JSON, with how often it came.
        requests: what the sandbox saw, in order.
        restarts: how often the window was read from its start again.
    """

    rows: Counter[str]
    requests: list[dict[str, Any]]
    restarts: int

    @property
    def counted(self) -> int:
        """Requests without questions after a job, whose number is a matter of time."""
        return sum(bool(each["stream"] or each["fault"]) for each in self.requests)

    @property
    def faulty(self) -> list[dict[str, Any]]:
        """The requests that met a fault."""
        return [each for each in self.requests if each["fault"]]


def pull(side: sandbox.Running, vendor: str, stream: str) -> Pulled:
    """Pull the calendar's window, as it would land.

    Raises:
        ConnectorError: as `connectors.landing.extract`, without the place.
    """
    found = connectors.vendors()[vendor]
    settings = VendorSettings(vendor, found.secrets)
    landed = Landed(vendor, stream, WINDOW)
    before = len(side.requests)
    tables = list(landing._tables(found, found.stream(stream), settings, landed))
    assert_no_secret(tables, settings)
    seen = [each for each in side.requests[before:] if each["vendor"] == vendor]
    bodies = [body for table in tables for body in table["page"].to_pylist() if body]
    rows = (row for body in bodies for row in rows_of(vendor, stream, body))
    return Pulled(Counter(rows), seen, landed.restarts)


def assert_no_secret(tables: list[pa.Table], settings: VendorSettings) -> None:
    """Neither a landed page nor a landed request holds a secret."""
    assert settings.secrets(), "the sandbox gives this vendor no secret that could be found"
    texts = [str(text) for table in tables for name in ("page", "request") for text in table[name]]
    assert not [text for text in texts for secret in settings.secrets() if secret in text]


def rows_at(vendor: str, stream: str) -> str:
    """Where base looks for the rows of a page; empty where a page is one object."""
    model = (BASE / vendor / f"base_{vendor}__{stream}.sql").read_text()
    found = re.search(r"'rows': '([^']*)'", model)
    return found[1] if found else ""


def rows_of(vendor: str, stream: str, body: str) -> list[str]:
    """The page's rows, where base looks for them; a page that is one object is a row."""
    content = json.loads(body)
    for key in rows_at(vendor, stream).split("."):
        if key:
            content = (content or {}).get(key)
    rows = content if isinstance(content, list) else [content] if content else []
    return [json.dumps(row, sort_keys=True) for row in rows]
