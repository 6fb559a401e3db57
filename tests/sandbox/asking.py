"""Asking a running sandbox over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import requests

from sandbox import Running
from tests.worlds import serving

TOKEN = {"Authorization": "Bearer sandbox-access-token"}


def get(
    sandbox: Running, path: str, params: dict[str, Any] | None = None, **headers: str
) -> requests.Response:
    """GET a path below the sandbox's root, with a good token unless headers say otherwise."""
    url = f"http://127.0.0.1:{sandbox.port}{path}"
    return requests.get(url, params=params, headers=TOKEN | headers, timeout=30)


def post(sandbox: Running, path: str, body: Any, **headers: str) -> requests.Response:
    """POST JSON to a path below the sandbox's root, with a good token unless headers differ."""
    url = f"http://127.0.0.1:{sandbox.port}{path}"
    return requests.post(url, json=body, headers=TOKEN | headers, timeout=30)


def good(response: requests.Response) -> Any:
    """Return the decoded body of an answer that must be good."""
    assert response.status_code == 200, response.text
    return response.json()


def truth(sandbox: Running, query: str, **tables: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query over truth tables as of the sandbox's clock.

    Args:
        sandbox: The sandbox.
        query: SQL in which the tables stand under the names given.
        **tables: Name in the query to name of the truth table.
    """
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        for name, table in tables.items():
            con.register(name, sandbox.truth(table))
        return con.execute(query).fetchall()


@contextmanager
def at(data: Path, now: str) -> Iterator[Running]:
    """Serve a small sandbox of 24 days with a clock of its own.

    Args:
        data: The test's own folder.
        now: Where the clock stands, an ISO time in UTC.
    """
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    with serving(data, people=300, days=24, now=moment) as sandbox:
        yield sandbox
