"""The register of loads: what landed, what was decided about it, and how to decide otherwise.

Here belong the table ops.loads, the entry of newly landed loads and an operator's release or
discard. How a load is judged belongs in gate.py, where its files are found in landed_files.py.

Files are kept below the landing's root, which stands in ops.landing and is written anew by each
run: a data folder can be moved. dbt makes the same tables (macros/ops.sql); a test compares both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from data_quality.landed_files import (
    FinishedLoad,
    UnreadableLoadError,
    find_finished,
    read_facts,
    root_of,
)

GATE = "gate"

DDL = (
    "create schema if not exists ops",
    "create table if not exists ops.landing (root text)",
    """
    create table if not exists ops.loads (
        load_id text,
        vendor text,
        stream text,
        window_start timestamp,
        window_end timestamp,
        pulled_at timestamp,
        page_count bigint,
        files text[],
        status text,
        accepted_seq bigint,
        decided_at timestamp,
        decided_by text,
        reason text
    )
    """,
    "create table if not exists ops.model_loads (model text, load_id text)",
    """
    create table if not exists ops.load_figures (
        load_id text,
        vendor text,
        stream text,
        figure text,
        day date,
        value double
    )
    """,
    """
    create table if not exists ops.load_checks (
        load_id text,
        check_name text,
        severity text,
        is_passed boolean,
        message text
    )
    """,
    """
    create table if not exists ops.source_totals (
        vendor text,
        stream text,
        day date,
        measure text,
        value decimal(18, 4)
    )
    """,
    "alter table ops.source_totals add column if not exists part text default ''",
)


class LoadError(Exception):
    """What was asked cannot be done with this load; the message says why and what can."""


@dataclass(frozen=True)
class Load:
    """One row of ops.loads.

    Attributes:
        window_start: UTC, naive, inclusive; None where the load's files cannot be read.
        window_end: UTC, naive, exclusive; None likewise.
        pulled_at: the vendor's clock at the first page.
        page_count: pages with a body; None where the files cannot be read.
        files: full paths or URLs; empty where the files cannot be read. In the table they stand
            below the landing's root.
        status: landed, accepted, held or discarded.
        accepted_seq: order of acceptance.
    """

    load_id: str
    vendor: str
    stream: str
    window_start: datetime | None
    window_end: datetime | None
    pulled_at: datetime | None
    page_count: int | None
    files: list[str]
    status: str
    accepted_seq: int | None
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None

    @property
    def is_readable(self) -> bool:
        """Whether the load's files could be read when it was registered."""
        return self.page_count is not None

    @property
    def window(self) -> str:
        """The window in words, days only where it is made of whole days."""
        if self.window_start is None or self.window_end is None:
            return "unknown window"
        whole = all(moment.time().isoformat() == "00:00:00" for moment in self._bounds())
        form = "%Y-%m-%d" if whole else "%Y-%m-%dT%H:%M"
        return f"[{self.window_start:{form}}, {self.window_end:{form}})"

    def _bounds(self) -> list[datetime]:
        return [moment for moment in (self.window_start, self.window_end) if moment]

    def __str__(self) -> str:
        return f"{self.vendor}/{self.stream} {self.window}"


_COLUMNS = ", ".join(Load.__dataclass_fields__)


def now() -> datetime:
    """This machine's clock as the warehouse stores times: UTC, naive."""
    return datetime.now(UTC).replace(tzinfo=None)


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Make the ops tables where they are missing, and let this session read times as UTC."""
    con.execute("set TimeZone = 'UTC'")
    con.execute("set enable_progress_bar = false")
    for statement in DDL:
        con.execute(statement)


def register(con: duckdb.DuckDBPyConnection, landing_url: str) -> list[Load]:
    """Enter every finished load of the landing that is not in ops.loads yet.

    Only loads that are new are opened. A load whose files are missing or damaged is entered as
    held, with a reason that names the file, and takes no other load with it.

    Args:
        con: the build file.
        landing_url: any fsspec URL.

    Returns:
        The loads entered now, oldest first.
    """
    prepare(con)
    root = root_of(landing_url)
    in_transaction(con, lambda: _settle(con, root))
    known = {row[0] for row in con.execute("select load_id from ops.loads").fetchall()}
    found = find_finished(landing_url, known)
    if found:
        found.share_filesystem(con)
    for finished in found:
        _enter(con, finished, root)
    return find(
        con,
        "list_contains(?::text[], load_id)",
        [[finished.load_id for finished in found]],
    )


def _settle(con: duckdb.DuckDBPyConnection, root: str) -> None:
    """Note where the landing lies now, and take older registers' full paths down to it.

    Files of a landing that still lies elsewhere keep their full paths; those of one that is no more
    were moved here with the data folder.
    """
    con.execute("delete from ops.landing")
    con.execute("insert into ops.landing values (?)", [root])
    rows = con.execute(
        """
        select distinct regexp_extract(file, '^(.*)/[^/]+/[^/]+/[^/]+$', 1)
        from (select unnest(files) as file from ops.loads)
        where starts_with(file, '/') or contains(file, '://')
        """
    ).fetchall()
    for (other,) in rows:
        if other == root or ("://" not in other and not Path(other).is_dir()):
            con.execute(
                """
                update ops.loads set files = list_transform(
                    files,
                    lambda file: if(
                        starts_with(file, $other || '/'), substr(file, length($other) + 2), file
                    )
                )
                where list_bool_or(list_transform(files, lambda file: starts_with(file, $other)))
                """,
                {"other": other},
            )


def _enter(con: duckdb.DuckDBPyConnection, finished: FinishedLoad, root: str) -> None:
    row: list[Any]
    head = [finished.load_id, finished.vendor, finished.stream]
    try:
        facts = read_facts(con, finished)
    except UnreadableLoadError as error:
        row = [*head, None, None, None, None, [], "held", None, now(), GATE, str(error)]
    else:
        row = [
            *head,
            facts.window_start,
            facts.window_end,
            facts.pulled_at,
            facts.page_count,
            [file.removeprefix(f"{root}/") for file in finished.files],
            "landed",
            *[None] * 4,
        ]
    con.execute(f"insert into ops.loads ({_COLUMNS}) values ({', '.join('?' * len(row))})", row)


def find(
    con: duckdb.DuckDBPyConnection, where: str = "true", parameters: list[Any] | None = None
) -> list[Load]:
    """Loads by a condition over ops.loads, in the order in which they are judged."""
    query = f"select {_COLUMNS} from ops.loads where {where} order by pulled_at, load_id"
    found = [Load(*row) for row in con.execute(query, parameters or []).fetchall()]
    (root,) = con.execute("select coalesce(max(root), '') from ops.landing").fetchone() or ("",)
    return [replace(load, files=[_full(file, root) for file in load.files]) for load in found]


def _full(file: str, root: str) -> str:
    return file if file.startswith("/") or "://" in file else f"{root}/{file}"


def held(con: duckdb.DuckDBPyConnection) -> list[Load]:
    """The loads that wait for an operator, oldest first."""
    return find(con, "status = 'held'")


def decide(
    con: duckdb.DuckDBPyConnection, load_id: str, status: str, by: str, reason: str | None
) -> None:
    """Write a decision; an accepted load takes the next place in the order of acceptance.

    The caller holds the transaction.
    """
    sequence = "null"
    if status == "accepted":
        sequence = "(select coalesce(max(accepted_seq), 0) + 1 from ops.loads)"
    con.execute(
        f"""
        update ops.loads
        set status = ?, accepted_seq = {sequence}, decided_at = ?, decided_by = ?, reason = ?
        where load_id = ?
        """,
        [status, now(), by, reason, load_id],
    )


def in_transaction(con: duckdb.DuckDBPyConnection, write: Callable[[], None]) -> None:
    """Do it whole or not at all."""
    con.begin()
    try:
        write()
        con.commit()
    except BaseException:
        con.rollback()
        raise


def release(con: duckdb.DuckDBPyConnection, load_id: str, by: str) -> Load:
    """Accept a load that was held back: the next build reads it.

    A load whose files could not be read is taken out of the register instead, so that the next
    run looks at its files again.

    Args:
        con: the build file.
        load_id: of a held load.
        by: who decides.

    Returns:
        The load as it was before.

    Raises:
        LoadError: there is no such load, or it is not held.
    """
    load = _held_load(con, load_id)
    if not load.is_readable:
        in_transaction(con, lambda: _forget(con, load_id))
        return load
    reason = f"released; it was held back because: {load.reason}"
    in_transaction(con, lambda: decide(con, load_id, "accepted", by, reason))
    return load


def _forget(con: duckdb.DuckDBPyConnection, load_id: str) -> None:
    for table in ("loads", "model_loads", "load_checks"):
        con.execute(f"delete from ops.{table} where load_id = ?", [load_id])


def discard(con: duckdb.DuckDBPyConnection, load_id: str, by: str) -> Load:
    """Decide that a held load is never read; its pages stay in the landing.

    Args:
        con: the build file.
        load_id: of a held load.
        by: who decides.

    Returns:
        The load as it was before.

    Raises:
        LoadError: there is no such load, or it is not held.
    """
    load = _held_load(con, load_id)
    reason = f"discarded; it was held back because: {load.reason}"
    in_transaction(con, lambda: decide(con, load_id, "discarded", by, reason))
    return load


def _held_load(con: duckdb.DuckDBPyConnection, load_id: str) -> Load:
    found = find(con, "load_id = ?", [load_id])
    if not found:
        waiting = ", ".join(load.load_id for load in held(con)) or "none"
        raise LoadError(f"There is no load {load_id}. Held back: {waiting}.")
    if found[0].status != "held":
        raise LoadError(
            f"Load {load_id} ({found[0]}) is {found[0].status}, not held back:"
            " only a held load can be released or discarded."
        )
    return found[0]
