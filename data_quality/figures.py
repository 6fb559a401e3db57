"""Measuring a load: what its pages hold, what became of it in base, and what was usual lately.

Only counting belongs here, in SQL, at the cost of the load and not of the history. What a figure
means belongs in findings.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import duckdb

from data_quality.drift import Drift
from data_quality.landed_files import share_landing
from data_quality.loads import Load
from data_quality.pages import DAY, KEY, landed_rows
from data_quality.suite import StreamSuite

TECHNICAL = (
    "load_id",
    "pulled_at",
    "page_index",
    "row_index",
    "row_hash",
    "quarantine_reason",
    "raw",
)
ALL, NEWEST, EARLIER = "all", "newest", "earlier"
# How the reason of a file begins that was held back before any row of it was read.
WHOLE_FILE = "file: "


@dataclass
class Figures:
    """What was counted of one load.

    Attributes:
        values: figure → value. Scoped ones carry the scope: `all.filled.email`.
        days: landed rows per day, for the window's days that were over when it was pulled.
        columns: columns of base with their types; technical ones left out.
        reasons: the most frequent reasons for quarantine, with their counts.
        drift: fields that are not as they were.
        refusals: why files were held back as a whole, each named by its reason.
    """

    values: dict[str, float] = field(default_factory=dict)
    days: dict[date, int] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    reasons: list[tuple[str, int]] = field(default_factory=list)
    drift: list[Drift] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def __getitem__(self, figure: str) -> float:
        return self.values.get(figure, 0)


@dataclass
class History:
    """What earlier accepted loads of the stream were like, the newest first.

    Attributes:
        loads: figures of each of the recent loads.
        nights: landed rows per night, by the last day of the window, of loads whose window was
            about as long as this one's; none where a night's volume is not looked at.
        days: landed rows per day, as the newest accepted load with that day counted them; none of
            a stream whose rows have no day.
    """

    loads: list[dict[str, float]] = field(default_factory=list)
    nights: dict[date, int] = field(default_factory=dict)
    days: dict[date, int] = field(default_factory=dict)

    def total(self, figure: str) -> float:
        """The figure's sum over the recent loads."""
        return sum(load.get(figure, 0) for load in self.loads)


def base_table(vendor: str, stream: str) -> str:
    """The qualified name of the stream's table in base."""
    return f'base."base_{vendor}__{stream}"'


def newest_day(load: Load) -> date | None:
    """The last day of the window that was over when the load was pulled, if any."""
    days = whole_days(load)
    return days[-1] if days else None


def last_day(load: Load) -> date:
    """The last day of which a part lies in the window: the night that the load is for."""
    assert load.window_end is not None
    return (load.window_end - timedelta(microseconds=1)).date()


def whole_days(load: Load) -> list[date]:
    """The days of the window that were over when the load was pulled."""
    if load.window_start is None or load.window_end is None or load.pulled_at is None:
        return []
    end = min(load.window_end, load.pulled_at).date()
    start = load.window_start.date()
    if load.window_start.time().isoformat() != "00:00:00":
        start += timedelta(days=1)
    return [start + timedelta(days=offset) for offset in range((end - start).days)]


def measure(con: duckdb.DuckDBPyConnection, load: Load, suite: StreamSuite) -> Figures:
    """Count one load, in its pages and in base."""
    figures = Figures()
    _measure_pages(con, load, suite, figures)
    _measure_base(con, load, suite, figures)
    return figures


def _measure_pages(
    con: duckdb.DuckDBPyConnection, load: Load, suite: StreamSuite, figures: Figures
) -> None:
    figures.values["pages"] = load.page_count or 0
    if suite.pages.form == "opaque":
        return
    share_landing(con, load.files)
    # Keys are counted by their hashes: a million ids would take a hundred times the memory.
    counted = con.execute(
        f"""
        select
            grouping(day) as is_total,
            day,
            count(*) filter (is_readable),
            count({KEY}) - count(distinct hash({KEY})) filter ({KEY} is not null),
            count(*) filter (not is_readable)
        from (
            select *, cast({DAY} as date) as day from ({landed_rows(suite.pages)})
        )
        group by grouping sets ((), (day))
        """,
        [load.files],
    ).fetchall()
    _, _, landed, repeated, unreadable = next(row for row in counted if row[0])
    days = {row[1]: row[2] for row in counted if not row[0] and row[1]}
    figures.values |= {
        "unreadable_pages": unreadable,
        "landed_rows": landed,
        "repeated_rows": repeated,
    }
    if suite.pages.day:
        figures.days = {day: days.get(day, 0) for day in whole_days(load)}


def _measure_base(
    con: duckdb.DuckDBPyConnection, load: Load, suite: StreamSuite, figures: Figures
) -> None:
    table = base_table(load.vendor, load.stream)
    described = {row[0]: row[1] for row in con.execute(f"describe {table}").fetchall()}
    figures.columns = {name: kind for name, kind in described.items() if name not in TECHNICAL}
    newest = newest_day(load)
    in_scope = {ALL: "true"}
    if newest and suite.day in figures.columns:
        in_scope[NEWEST] = f"cast({suite.day} as date) = date '{newest}'"
        in_scope[EARLIER] = f"cast({suite.day} as date) < date '{newest}'"
    counts = {"new_rows": "count(*)"}
    if suite.key and set(suite.key) <= set(figures.columns):
        key = ", ".join(suite.key)
        counts["contradicting_rows"] = f"count(*) - count(distinct ({key}))"
    counts |= {f"{ALL}.filled.{column}": f'count("{column}")' for column in figures.columns}
    for scope, condition in in_scope.items():
        counts[f"{scope}.rows"] = f"count(*) filter ({condition})"
        for metric, value in suite.metrics.items():
            counts[f"{scope}.known.{metric}"] = f"count({value}) filter ({condition})"
            counts[f"{scope}.moving.{metric}"] = f"count(*) filter ({condition} and {value} <> 0)"
    row = con.execute(
        f"""
        select {", ".join(counts.values())}
        from {table}
        where load_id = ? and quarantine_reason is null
        """,
        [load.load_id],
    ).fetchone()
    assert row is not None
    figures.values |= dict(zip(counts, row, strict=True))
    reasons = con.execute(
        f"""
        select
            case
                when starts_with(quarantine_reason, '{WHOLE_FILE}') then quarantine_reason
                else regexp_replace(quarantine_reason, '"[^"]*"', '…')
            end,
            count(*)
        from {table}
        where load_id = ? and quarantine_reason is not null
        group by 1
        order by 2 desc, 1
        """,
        [load.load_id],
    ).fetchall()
    whole = [reason for reason, _ in reasons if reason.startswith(WHOLE_FILE)]
    bad = [(reason, count) for reason, count in reasons if reason not in whole]
    figures.values["refused_files"] = len(whole)
    figures.values["quarantined_rows"] = sum(count for _, count in bad)
    figures.reasons = bad[:3]
    figures.refusals = whole
    if suite.pages.form == "opaque":
        # Base alone knows how many rows such a page has.
        figures.values["landed_rows"] = figures["new_rows"] + figures["quarantined_rows"]


def recent(con: duckdb.DuckDBPyConnection, load: Load, suite: StreamSuite) -> History:
    """What the accepted loads before this one were like."""
    history = History()
    earlier = con.execute(
        """
        select load_id
        from ops.loads
        where vendor = ? and stream = ? and status = 'accepted' and load_id <> ?
            and (pulled_at, load_id) < (?, ?)
        order by pulled_at desc, load_id desc
        limit ?
        """,
        [
            *(load.vendor, load.stream, load.load_id, load.pulled_at, load.load_id),
            suite.thresholds.history_loads,
        ],
    ).fetchall()
    found: dict[str, dict[str, float]] = {load_id: {} for (load_id,) in earlier}
    rows = con.execute(
        """
        select load_id, figure, value
        from ops.load_figures
        where day is null and list_contains(?::text[], load_id)
        """,
        [list(found)],
    ).fetchall()
    for load_id, figure, value in rows:
        found[load_id][figure] = value
    history.loads = list(found.values())
    if suite.pages.day:
        history.days = _recent_days(con, load, suite)
    if suite.volume in ("daily", "rolling"):
        history.nights = _recent_nights(con, load, suite)
    return history


def _recent_days(con: duckdb.DuckDBPyConnection, load: Load, suite: StreamSuite) -> dict[date, int]:
    newest = newest_day(load)
    if newest is None:
        return {}
    oldest = min(newest - timedelta(days=suite.thresholds.history_days), whole_days(load)[0])
    rows = con.execute(
        """
        select figures.day, arg_max(figures.value, (loads.pulled_at, loads.load_id))
        from ops.load_figures as figures
        inner join ops.loads as loads using (load_id)
        where figures.vendor = ? and figures.stream = ? and figures.day between ? and ?
            and loads.status = 'accepted' and (loads.pulled_at, loads.load_id) < (?, ?)
        group by figures.day
        """,
        [load.vendor, load.stream, oldest, newest, load.pulled_at, load.load_id],
    ).fetchall()
    return {day: int(value) for day, value in rows}


def _recent_nights(
    con: duckdb.DuckDBPyConnection, load: Load, suite: StreamSuite
) -> dict[date, int]:
    night = last_day(load)
    rows = con.execute(
        """
        select
            cast(loads.window_end - interval 1 microsecond as date) as night,
            arg_max(figures.value, (loads.pulled_at, loads.load_id))
        from ops.loads as loads
        inner join ops.load_figures as figures using (load_id)
        where loads.vendor = $vendor and loads.stream = $stream and loads.status = 'accepted'
            and (loads.pulled_at, loads.load_id) < ($pulled_at, $load_id)
            and loads.window_end > $oldest
            and abs(
                date_diff('day', loads.window_start, loads.window_end)
                - date_diff('day', $start::timestamp, $end::timestamp)
            ) <= 1
            and figures.figure = 'landed_rows' and figures.day is null
        group by 1
        """,
        {
            "vendor": load.vendor,
            "stream": load.stream,
            "pulled_at": load.pulled_at,
            "load_id": load.load_id,
            "oldest": night - timedelta(days=suite.thresholds.history_days),
            "start": load.window_start,
            "end": load.window_end,
        },
    ).fetchall()
    return {day: int(value) for day, value in rows}


def remember(con: duckdb.DuckDBPyConnection, load: Load, figures: Figures) -> None:
    """Write the figures down, for the loads to come; the caller holds the transaction."""
    con.execute("delete from ops.load_figures where load_id = ?", [load.load_id])
    rows: list[tuple[str, date | None, float]] = [
        (figure, None, float(value)) for figure, value in figures.values.items()
    ]
    rows += [("landed_rows", day, float(count)) for day, count in figures.days.items()]
    names, days, values = (list(column) for column in zip(*rows, strict=True))
    con.execute(
        """
        insert into ops.load_figures
        select ?, ?, ?, unnest(?::text[]), unnest(?::date[]), unnest(?::double[])
        """,
        [load.load_id, load.vendor, load.stream, names, days, values],
    )
