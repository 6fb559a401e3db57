"""The drop area: the weekly files of an agency, a mail house, a call tracker and others.

Belongs here: when a week's file appears. Does not belong here: what each sender's files look like
(files_feeds.py); sales, for every till of this company is Square's.

A week's file covers Monday to Sunday and appears early in the week after.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from sandbox.faults import Fault, Faults
from sandbox.files_feeds import FEEDS, SandboxFeed
from sandbox.world import World, quoted

_OWNER = "_world"


def render(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Write every week's file of every feed under the world; `deliver` shows them when due."""
    bounds = {
        "start": world.start.replace(tzinfo=None),
        "end": world.end.replace(tzinfo=None),
        "seed": world.parameters.seed,
    }
    for feed in FEEDS:
        folder = world.home("files") / feed.name
        folder.mkdir(parents=True, exist_ok=True)
        used = {name: value for name, value in bounds.items() if f"${name}" in feed.rows}
        con.register("feed_rows", con.execute(feed.rows, used).to_arrow_table())
        weeks = con.execute("select distinct week from feed_rows order by week").fetchall()
        is_csv = "format: csv" in feed.declaration
        delimiter = ", delimiter ';'" if 'delimiter: ";"' in feed.declaration else ""
        form = f"(format csv, header{delimiter})" if is_csv else "(format json)"
        for (week,) in weeks:
            target = folder / f"week_{week}.{'csv' if is_csv else 'jsonl'}"
            con.execute(
                f"""
                copy (select * exclude (week) from feed_rows where week = date '{week}')
                to {quoted(target)} {form}
                """
            )
        con.unregister("feed_rows")


def deliver(world: World, data: Path, now: datetime, faults: Faults) -> None:
    """Let the weeks' files appear that are due by a clock, with the time at which they came.

    Only these feeds' own folders are touched: whatever else lies in the drop area is a person's.
    Faults that mean something for a file hit each new one: truncated, duplicate_rows, nothing.
    """
    for feed in FEEDS:
        _deliver(feed, world, data.absolute() / "drop" / feed.name, now, faults)


def _deliver(feed: SandboxFeed, world: World, folder: Path, now: datetime, faults: Faults) -> None:
    owner = folder / _OWNER
    if not owner.exists() or owner.read_text(encoding="utf-8") != world.folder.name:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("week_*"):
            old.unlink()
        (folder / "feed.yml").write_text(feed.declaration, encoding="utf-8")
        owner.write_text(world.folder.name, encoding="utf-8")
    for source in sorted((world.home("files") / feed.name).glob("week_*")):
        week = datetime.strptime(source.stem, "week_%Y-%m-%d").replace(tzinfo=UTC)
        if week + feed.due > now:
            break
        target = folder / source.name
        if not target.exists():
            _show(source, target, week + feed.due, faults.take("files", feed.domain))


def _show(source: Path, target: Path, came_at: datetime, fault: Fault | None) -> None:
    kind = None if fault is None else fault.kind
    content = source.read_bytes()
    if kind == "nothing":
        content = b""
    elif kind == "truncated":
        content = content[: len(content) // 2]
    elif kind == "duplicate_rows":
        content += content.splitlines(keepends=True)[-1]
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.write_bytes(content)
    os.utime(draft, (came_at.timestamp(), came_at.timestamp()))
    draft.replace(target)
