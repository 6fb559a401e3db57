"""Fields that a vendor added, dropped or turned into another type, as base noted them.

Base notes the fields of each load; here they are read for the one that is judged. A field that base
reads is looked after elsewhere too: what cannot be read lies in quarantine, and a column that is
empty all of a sudden holds the load back. So what is told here warns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from data_quality.loads import Load

TABLE = "base_schema_drift"
# So many changes are listed one by one.
SHOWN = 50


@dataclass(frozen=True)
class Drift:
    """One field that is not as it was.

    Attributes:
        path: where it lies in a row.
        change: new, vanished or retyped.
        was: its JSON type before; None for a new one.
        now: its JSON type now; None for a vanished one.
        share: of the sampled rows that have it, now or, if it vanished, before.
        rows: sampled rows of this load.
    """

    path: str
    change: str
    was: str | None
    now: str | None
    share: float
    rows: int

    def __str__(self) -> str:
        if self.change == "retyped":
            return f"{self.path} turned from {self.was} into {self.now}"
        return f"{self.path} is new" if self.change == "new" else f"{self.path} is gone"


class Drifts:
    """What changed in the fields of the loads that wait, asked for many of them at once.

    A stream's load is compared with the accepted ones before it, so the answer holds as soon as
    those were judged: each question is about the next load of every stream.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, waiting: Sequence[Load]) -> None:
        """Remember whom to ask about.

        Args:
            con: the build file.
            waiting: all loads that wait, in the order in which they are judged.
        """
        self._con = con
        self._waiting = list(waiting)
        self._known: dict[str, list[Drift]] = {}

    def of(self, load: Load) -> list[Drift]:
        """The changes of a load; every load before it was judged."""
        if load.load_id not in self._known:
            self._known |= drift(self._con, self._next_of_each_stream(load))
        return self._known[load.load_id]

    def _next_of_each_stream(self, load: Load) -> list[Load]:
        first: dict[tuple[str, str], Load] = {}
        for each in self._waiting[self._waiting.index(load) :]:
            first.setdefault((each.vendor, each.stream), each)
        return list(first.values())


def drift(con: duckdb.DuckDBPyConnection, loads: Sequence[Load]) -> dict[str, list[Drift]]:
    """What changed in each load since the last accepted one of its stream, outermost fields only.

    Args:
        con: the build file.
        loads: about which loads.

    Returns:
        Changes by load_id, in order of the fields; none where base has noted nothing.
    """
    found: dict[str, list[Drift]] = {load.load_id: [] for load in loads}
    known = con.execute(
        "select count(*) from information_schema.tables"
        " where (table_schema, table_name) in (('base', ?), ('ops', 'load_fields'))",
        [TABLE],
    ).fetchone()
    if known != (2,):
        return found
    rows = con.execute(
        f"""
        with sampled as (
            select load_id, max(rows_sampled) as row_count
            from ops.load_fields
            group by load_id
        )
        select
            drift.load_id,
            drift.json_path,
            drift.change,
            drift.previous_type,
            drift.json_type,
            drift.rows_seen / greatest(had.row_count, 1),
            coalesce(sampled.row_count, 0)
        from base.{TABLE} as drift
        left join sampled on drift.load_id = sampled.load_id
        left join sampled as had
            on had.load_id = case
                when drift.change = 'vanished' then drift.previous_load_id else drift.load_id
            end
        where list_contains(?::text[], drift.load_id)
        order by drift.json_path
        """,
        [list(found)],
    ).fetchall()
    for load_id, *change in rows:
        found[load_id].append(Drift(*change))
    return {load_id: _outermost(changes) for load_id, changes in found.items()}


def _outermost(changes: Sequence[Drift]) -> list[Drift]:
    """Of an object that came or went, its fields did so too."""
    return [
        one
        for one in changes
        if not any(
            one.change == other.change and one.path.startswith((f"{other.path}.", f"{other.path}["))
            for other in changes
        )
    ]


def drift_table(changes: Sequence[Drift]) -> str:
    """The changed fields as a Markdown table; empty where nothing changed."""
    if not changes:
        return ""
    lines = ["| change | field | was | is | in rows |", "|---|---|---|---|---|"]
    for one in sorted(changes, key=lambda one: (one.change, one.path))[:SHOWN]:
        place = "of earlier ones" if one.change == "vanished" else f"of {one.rows:,} sampled"
        lines.append(
            f"| {one.change} | `{one.path.replace('|', chr(92) + '|')}` | {one.was or ''}"
            f" | {one.now or ''} | {one.share:.0%} {place} |"
        )
    if len(changes) > SHOWN:
        lines.append(f"| | and {len(changes) - SHOWN} more | | | |")
    return "\n".join(lines)
