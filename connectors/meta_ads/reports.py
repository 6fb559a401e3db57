"""Insights of a long window: a report that Meta makes on its side and keeps until it is read.

Belongs here: starting a report, waiting for it, reading it, and smaller ones where it fails. Does
not belong here: which windows are long, and what is asked of them (`connectors.meta_ads`).

    POST /v26.0/act_<id>/insights   → {"report_run_id": "…"}
    GET  /v26.0/<run>               → async_status, async_percent_completion; until it is ready
    GET  /v26.0/<run>/insights      → pages as of any other insights

A report at 100 % may still be running: only `Job Completed` says that it can be read. One that
failed or was skipped is asked for again in halves, for it fails by its size; a single day twice.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from connectors.client import Client
from connectors.meta import VERSION, NotThereError, TooMuchDataError
from connectors.stream import ConnectorError, Days, Pages

log = logging.getLogger(__name__)

STATUS_FIELDS = "async_status,async_percent_completion,error_code,error_message"
READY = "Job Completed"
FAILED = {"Job Failed", "Job Skipped"}
ROWS_PER_PAGE = 500
# The first answers come soon where there is little to do; then Meta is asked less and less often.
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
MOST_SECONDS = 3600.0
LATER = "run it again later, or for fewer days."


class ReportFailedError(ConnectorError):
    """Meta could not make the report, or has it no more."""


def report(client: Client, account: str, asked: dict[str, Any], days: Days) -> Pages:
    """The insights of these days, through a report.

    Args:
        client: of Meta.
        account: the ad account's path.
        asked: the insights' parameters but for the days.
        days: of which the report is.

    Raises:
        ConnectorError: a report is not ready in time, or that of a single day failed twice.
    """
    try:
        yield from _read(client, account, asked, days)
        return
    except (ReportFailedError, TooMuchDataError) as error:
        log.warning("%s; asking for less", error)
    if len(days) == 1:
        yield from _read(client, account, asked, days)
    for half in days.halves():
        yield from report(client, account, asked, half)


def _read(client: Client, account: str, asked: dict[str, Any], days: Days) -> Pages:
    span = json.dumps({"since": str(days.first), "until": str(days.last)})
    started = _one(
        client.pages(
            f"{account}/insights", rows=None, method="POST", params=asked | {"time_range": span}
        )
    )
    run = str(started.get("report_run_id") or "")
    if not run:
        raise ConnectorError(f"started no report of {days.first} to {days.last}", remedy=LATER)
    what = f"report {run} of {days.first} to {days.last}"
    try:
        _wait(client, run, what)
        yield from client.pages(
            f"/{VERSION}/{run}/insights", rows="data", params={"limit": ROWS_PER_PAGE}
        )
    except NotThereError as error:
        raise ReportFailedError(f"{what} is gone: {error.reason}", remedy=LATER) from None


def _wait(client: Client, run: str, what: str) -> None:
    """Ask after a report until it can be read."""
    end = time.monotonic() + MOST_SECONDS
    status: dict[str, Any] = {}
    for seconds in _waits():
        if time.monotonic() + seconds > end:
            break
        time.sleep(seconds)
        status = _one(
            client.pages(f"/{VERSION}/{run}", rows=None, params={"fields": STATUS_FIELDS})
        )
        state = status.get("async_status")
        if state == READY and status.get("async_percent_completion") == 100:
            return
        if state in FAILED:
            why = " ".join(str(status.get(key, "")) for key in ("error_code", "error_message"))
            raise ReportFailedError(f"{what}: {state} {why}".strip(), remedy=LATER)
    raise ConnectorError(
        f"{what} was not ready after {MOST_SECONDS / 60:.0f} minutes: "
        f"{status.get('async_status')}, {status.get('async_percent_completion')} %",
        remedy=LATER,
    )


def _waits() -> Iterator[float]:
    seconds = FIRST_WAIT
    while True:
        yield seconds
        seconds = min(2 * seconds, LONGEST_WAIT)


def _one(pages: Pages) -> dict[str, Any]:
    """The one object that a question about a report is answered with; it is not landed."""
    (page,) = pages
    return dict(msgspec.json.decode(page.body or b"{}"))
