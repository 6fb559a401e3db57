"""Reconciliation: nothing was lost or made up between the vendors' pages and the facts.

Per vendor, stream and day, rows and sums are compared from landing to fact, to the cent, and with
totals that the source itself states. Here belongs the comparing; what is compared stands as CHAINS
and TOTALS beside each vendor's suites. The cost follows the days that new loads touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from data_quality import loads
from data_quality.chain import (
    AMOUNT,
    Chain,
    Level,
    SourceTotal,
    chains,
    on_days,
    source_totals,
)
from data_quality.comparison import Comparison
from data_quality.figures import base_table, newest_day
from data_quality.landed_files import share_landing
from data_quality.loads import Load
from data_quality.pages import DAY, KEY, landed_rows
from data_quality.suite import StreamSuite, suites

READER = "reconciliation"
# By day and part of it.
Sums = dict[tuple[date | None, str], tuple[Decimal, ...]]


def compare(con: duckdb.DuckDBPyConnection, everything: bool = False) -> list[Comparison]:
    """Compare what the loads accepted since the last agreement touched.

    Loads count as compared once every blocking comparison of a run agrees; until then the next
    run compares them again.

    Args:
        con: the build file, its marts up to date.
        everything: compare every load and every day, as after a full rebuild.

    Returns:
        Every comparison made, equal or not.
    """
    loads.prepare(con)
    news = loads.find(con, _NEW if not everything else "status = 'accepted'")
    found: list[Comparison] = []
    for (vendor, stream), fresh in _by_stream(news).items():
        suite = suites().get(vendor, {}).get(stream)
        if suite is None:
            continue
        found += _arrived(con, suite, fresh)
        for chain in chains(vendor, stream):
            found += _along(con, suite, chain, fresh, everything)
    for vendor in {load.vendor for load in news}:
        for total in source_totals(vendor):
            found += _against_source(con, vendor, total, news, everything)
    loads.in_transaction(con, lambda: _write(con, news, found))
    return found


_NEW = f"""
    status = 'accepted'
    and load_id not in (select load_id from ops.model_loads where model = '{READER}')
"""


def _by_stream(news: Sequence[Load]) -> dict[tuple[str, str], list[Load]]:
    streams: dict[tuple[str, str], list[Load]] = {}
    for load in news:
        streams.setdefault((load.vendor, load.stream), []).append(load)
    return dict(sorted(streams.items()))


def _files(fresh: Sequence[Load]) -> list[str]:
    return [file for load in fresh for file in load.files]


def _arrived(
    con: duckdb.DuckDBPyConnection, suite: StreamSuite, fresh: Sequence[Load]
) -> Iterator[Comparison]:
    """Every landed row is in base: as a new version, an unchanged one, or in quarantine."""
    if suite.pages.form == "opaque" or not suite.key or not _files(fresh):
        return
    vendor, stream = fresh[0].vendor, fresh[0].stream
    share_landing(con, _files(fresh))
    table = base_table(vendor, stream)
    key = " || '|' || ".join(f'cast("{column}" as varchar)' for column in suite.key)
    # Only rows that are no new version need a look at older loads.
    rows = con.execute(
        f"""
        with landed as materialized (
            select cast({DAY} as date) as day, {KEY} as key, count(*) as row_count
            from ({landed_rows(suite.pages, files="$files")})
            group by all
        ),
        unseen as materialized (
            select distinct key from landed where key is not null
            except
            select {key} from {table} where list_contains($loads, load_id)
        ),
        lost as (
            from unseen
            except
            select {key} from {table} where {key} in (from unseen)
        ),
        unreadable as (
            select count(*) as row_count from {table} where quarantine_reason is not null
        )
        select
            day,
            sum(row_count),
            sum(case
                when key is null then least(row_count, (select row_count from unreadable))
                when key in (from lost) then 0
                else row_count
            end)
        from landed
        group by day
        order by day
        """,
        {"files": _files(fresh), "loads": [load.load_id for load in fresh]},
    ).fetchall()
    for day, left, right in rows:
        yield Comparison(
            "rows", vendor, stream, day, "landing", "base", Decimal(left), Decimal(right)
        )


def _along(
    con: duckdb.DuckDBPyConnection,
    suite: StreamSuite,
    chain: Chain,
    fresh: Sequence[Load],
    everything: bool,
) -> Iterator[Comparison]:
    """Every level of a chain against the next, and the pages against the first."""
    vendor = fresh[0].vendor
    if chain.landed and _files(fresh):
        yield from _landed(con, suite, chain, fresh)
    days = touched_days(con, vendor, chain.stream, chain.touched, fresh)
    if not days and not everything:
        return
    sums = [_sums(con, level, [] if everything else days) for level in chain.levels]
    for place in range(len(chain.levels) - 1):
        yield from _pairs(
            (vendor, chain.stream, chain.is_blocking),
            (chain.levels[place], sums[place]),
            (chain.levels[place + 1], sums[place + 1]),
        )


def touched_days(
    con: duckdb.DuckDBPyConnection, vendor: str, stream: str, column: str, fresh: Sequence[Load]
) -> list[date]:
    """The days on which new loads of a stream brought new versions."""
    rows = con.execute(
        f"""
        select distinct cast({column} as date)
        from {base_table(vendor, stream)}
        where list_contains(?::text[], load_id) and {column} is not null
            and quarantine_reason is null
        order by 1
        """,
        [[load.load_id for load in fresh]],
    ).fetchall()
    return [row[0] for row in rows]


def _sums(con: duckdb.DuckDBPyConnection, level: Level, days: Sequence[date]) -> Sums:
    rows = con.execute(level.sums(days)).fetchall()
    return {(row[0], row[1] or ""): tuple(row[2:]) for row in rows}


def _pairs(
    of: tuple[str, str, bool], left: tuple[Level, Sums], right: tuple[Level, Sums]
) -> Iterator[Comparison]:
    """The measures that two levels share, on each day and part that one of them has."""
    vendor, stream, is_blocking = of
    (left_level, left_sums), (right_level, right_sums) = left, right
    shared = [name for name in left_level.measures if name in right_level.measures]
    for place in sorted({*left_sums, *right_sums}, key=str):
        day, part = place
        before = _named(left_level.measures, left_sums.get(place))
        after = _named(right_level.measures, right_sums.get(place))
        for name in shared:
            yield Comparison(
                *(name, vendor, stream, day, left_level.name, right_level.name),
                left=before[name],
                right=after[name],
                is_blocking=is_blocking,
                part=part,
            )


def _named(names: Mapping[str, Any], values: Sequence[Decimal] | None) -> dict[str, Decimal]:
    return dict(zip(names, values or [Decimal(0)] * len(names), strict=True))


def _landed(
    con: duckdb.DuckDBPyConnection, suite: StreamSuite, chain: Chain, fresh: Sequence[Load]
) -> Iterator[Comparison]:
    """The newest landed version of each row against the level after landing.

    Left out are rows that lie in quarantine, and rows of which a later pull was accepted before.
    """
    landed, level = chain.landed, chain.levels[chain.landed_at]
    assert landed is not None
    share_landing(con, _files(fresh))
    vendor = fresh[0].vendor
    names = [name for name in landed.measures if name in level.measures]
    spelled = {
        # What is no number lies in quarantine, and must not keep the rest from being compared.
        "fields": ", ".join(f"try(cast({landed.measures[n]} as {AMOUNT})) as {n}" for n in names),
        "newest": ", ".join(f"max_by({n}, place) as {n}" for n in names),
        "built": ", ".join(f"sum(cast({level.measures[n]} as {AMOUNT})) as {n}" for n in names),
        "sums": ", ".join(
            f"coalesce(sum(landed.{n}), 0), coalesce(sum(built.{n}), 0)" for n in names
        ),
    }
    whole = f"array_to_string(string_split({KEY}, '|')[1:{landed.whole}], '|')"
    con.execute(
        f"""
        create or replace temporary table landed_newest as
        select
            {KEY} as key,
            whole,
            max(load_id) as load_id,
            max_by(day, place) as day,
            max(pulled_at) as pulled_at,
            {spelled["newest"]}
        from (
            select
                {KEY},
                {whole if landed.whole else KEY} as whole,
                load_id,
                try(cast({landed.day} as date)) as day,
                pulled_at,
                -- One number for load, page and row, in the order in which they came.
                list_position($loads, load_id)::bigint * {1 << 44}
                    + page_index * {1 << 22} + row_index as place,
                {spelled["fields"]}
            from ({landed_rows(suite.pages, landed.fields, "$files")})
            where {KEY} is not null
            {"qualify load_id = max(load_id) over (partition by whole)" if landed.whole else ""}
        )
        group by all
        """,
        {"files": _files(fresh), "loads": [load.load_id for load in fresh]},
    )
    days = [row[0] for row in con.execute("select distinct day from landed_newest").fetchall()]
    condition = on_days(level.day, [day for day in days if day])
    base_key = " || '|' || ".join(f'cast("{column}" as varchar)' for column in suite.key)
    rows = con.execute(
        f"""
        with bad as (
            select {base_key} as key, max(pulled_at) as pulled_at
            from {base_table(vendor, suite.stream)}
            where quarantine_reason is not null
            group by 1
        ),
        built as (
            select {level.key} as key, max(pulled_at) as pulled_at, {spelled["built"]}
            from {level.source.replace("{days}", condition)}
            where {level.where} and {condition} and {level.key} in (select key from landed_newest)
            group by 1
        )
        select landed.day, {spelled["sums"]}
        from landed_newest as landed
        left join built on landed.key = built.key
        left join bad on landed.key = bad.key
        where {_last_pull(vendor, suite, landed.whole, condition) if landed.whole else "true"}
            and (built.pulled_at is null or built.pulled_at <= landed.pulled_at)
            and (
                bad.key is null
                or (built.pulled_at is not null and built.pulled_at >= bad.pulled_at)
            )
        group by landed.day
        order by landed.day
        """
    ).fetchall()
    con.execute("drop table landed_newest")
    for day, *values in rows:
        for place, name in enumerate(names):
            yield Comparison(
                *(name, vendor, chain.stream, day, "landing", level.name),
                left=values[2 * place],
                right=values[2 * place + 1],
                is_blocking=chain.is_blocking,
            )


def _last_pull(vendor: str, suite: StreamSuite, parts: int, condition: str) -> str:
    """Condition: no later accepted load brought the landed row's whole anew."""
    whole = ", ".join(f'cast("{column}" as varchar)' for column in suite.key[:parts])
    return f"""
        (landed.whole, landed.load_id) in (
            select concat_ws('|', {whole}), max(load_id)
            from {base_table(vendor, suite.stream)}
            where {condition} and quarantine_reason is null
                and load_id in (select load_id from ops.loads where status = 'accepted')
            group by 1
        )
    """


def _against_source(
    con: duckdb.DuckDBPyConnection,
    vendor: str,
    total: SourceTotal,
    news: Sequence[Load],
    everything: bool,
) -> Iterator[Comparison]:
    """A fact against what the vendor states elsewhere; what is stated is written down too.

    Days that were not over are a later night's: the two sides are pulled one after the other.
    """
    days: set[date | None] = set()
    running = date.min
    for stream, column in total.touched:
        fresh = [load for load in news if (load.vendor, load.stream) == (vendor, stream)]
        if not fresh:
            continue
        days |= {*touched_days(con, vendor, stream, column, fresh), *map(newest_day, fresh)}
        running = max([running, *(load.pulled_at.date() for load in fresh if load.pulled_at)])
    chosen = [] if everything else sorted(day for day in days if day and day < running)
    if not chosen and not everything:
        return
    stated, built = (
        _over(_sums(con, level, chosen), running) for level in (total.stated, total.built)
    )
    place = list(total.stated.measures).index(total.measure)
    con.execute(
        f"""
        delete from ops.source_totals
        where vendor = ? and stream = ? and measure = ? and {on_days("day", chosen)}
        """,
        [vendor, total.stream, total.measure],
    )
    for (day, part), sums in stated.items():
        con.execute(
            "insert into ops.source_totals (vendor, stream, day, measure, value, part)"
            " values (?, ?, ?, ?, ?, ?)",
            [vendor, total.stream, day, total.measure, sums[place], part],
        )
    for pair in _pairs(
        (vendor, total.stream, total.is_blocking), (total.stated, stated), (total.built, built)
    ):
        yield replace(pair, may_lack=total.may_lack)


def _over(sums: Sums, running: date) -> Sums:
    return {(day, part): values for (day, part), values in sums.items() if day and day < running}


def _write(
    con: duckdb.DuckDBPyConnection, news: Sequence[Load], found: Sequence[Comparison]
) -> None:
    names = [*Comparison.__dataclass_fields__, "is_equal"]
    kinds = {"day": "date", "left": AMOUNT, "right": AMOUNT, "may_lack": AMOUNT}
    kinds |= {"is_blocking": "boolean", "is_equal": "boolean"}
    columns = ", ".join(
        f'cast(unnest(?::{kinds.get(name, "text")}[]) as {kinds.get(name, "text")}) as "{name}"'
        for name in names
    )
    con.execute(
        f"create or replace table ops.reconciliation as select {columns}",
        [[getattr(comparison, name) for comparison in found] for name in names],
    )
    if not any(comparison.is_wrong for comparison in found):
        ids = [load.load_id for load in news]
        con.execute(
            "delete from ops.model_loads where model = ? and list_contains(?::text[], load_id)",
            [READER, ids],
        )
        con.execute("insert into ops.model_loads select ?, unnest(?::text[])", [READER, ids])
