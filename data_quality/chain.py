"""What reconciliation compares: a stream's way from its pages to a fact, level by level.

A vendor's chains stand beside its suites, as a tuple CHAINS in `suites/<vendor>.py`. Here belong
the words they are written in and the SQL of one level; comparing belongs in reconciliation.py.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import ModuleType

from data_quality import suites as suite_modules
from data_quality.figures import base_table
from data_quality.suite import StreamSuite

AMOUNT = "decimal(38, 6)"
STRAGGLING = timedelta(days=7)


@dataclass(frozen=True)
class Level:
    """One place where the same rows stand, and what they add up to there.

    Attributes:
        name: the relation, as a reader knows it.
        source: relation or subquery; `{days}` in it stands for the condition on `day`, `{since}`
            for a day so long before the first that nothing later belongs to an earlier row.
        day: date or timestamp column by which rows belong to a day.
        measures: measure → SQL of one row's share in it; levels are compared where both have it.
        where: which of the rows count.
        key: SQL of what identifies a row, alike to the landed key; for the level after landing.
        part: SQL of what the rows of a day are told apart by, such as the account; levels that
            are compared have it alike. Empty: a day is one whole.
    """

    name: str
    source: str
    day: str
    measures: Mapping[str, str]
    where: str = "true"
    key: str = ""
    part: str = ""

    def sums(self, days: Sequence[date]) -> str:
        """SQL of one row per day and part: both, and each measure's sum. No day: every day."""
        condition = on_days(self.day, days)
        since = f"date '{min(days) - STRAGGLING}'" if days else "date '-infinity'"
        source = self.source.replace("{days}", condition).replace("{since}", since)
        sums = ", ".join(
            f"coalesce(sum(cast({value} as {AMOUNT})), 0)" for value in self.measures.values()
        )
        return f"""
            select
                cast({self.day} as date) as day, cast({self.part or "''"} as text) as part, {sums}
            from {source}
            where {self.where} and {condition}
            group by all
        """


@dataclass(frozen=True)
class LandedSums:
    """What a stream's pages say a row adds up to.

    Attributes:
        fields: name → path of what is read, as text.
        day: SQL over the fields: the day of the row, as the next level has it.
        measures: measure → SQL over the fields.
        whole: how many parts of the key, from the first, name what a pull brings all rows of: of
            each such whole the last pull counts, and what an earlier one brought besides is gone.
    """

    fields: Mapping[str, str]
    day: str
    measures: Mapping[str, str]
    whole: int = 0


@dataclass(frozen=True)
class Chain:
    """One stream's way to one fact.

    Attributes:
        stream: the stream.
        what: what is counted, in the plural.
        levels: from the source to the fact; each is compared with the next.
        touched: column of the stream's base table by which new rows touch a day.
        landed: how the pages add up, compared with the level `landed_at`.
        landed_at: index of the level that holds one current row per landed key.
        is_blocking: whether a difference stops publication.
    """

    stream: str
    what: str
    levels: tuple[Level, ...]
    touched: str
    landed: LandedSums | None = None
    landed_at: int = 0
    is_blocking: bool = True


@dataclass(frozen=True)
class SourceTotal:
    """A total that the vendor states by other means than the rows the fact is made of.

    Attributes:
        stream: the stream whose fact is held against it.
        measure: its name in ops.source_totals.
        stated: level of what the vendor states.
        built: level of what we built; both have the measure.
        touched: (stream, column of its base table) by which new rows touch a day.
        is_blocking: whether a difference stops publication.
        may_lack: what share of the total no row need have, where the vendor counts in it what it
            gives no rows of.
    """

    stream: str
    measure: str
    stated: Level
    built: Level
    touched: tuple[tuple[str, str], ...]
    is_blocking: bool = True
    may_lack: Decimal = Decimal(0)


def on_days(column: str, days: Sequence[date]) -> str:
    """Condition that a column lies on one of the days; its span lets old rows be skipped unread."""
    if not days:
        return "true"
    first, last = min(days), max(days)
    span = f"{column} >= date '{first}' and {column} < date '{last + timedelta(days=1)}'"
    listed = ", ".join(f"date '{day}'" for day in days)
    return f"({span} and cast({column} as date) in ({listed}))"


def current_base(vendor: str, suite: StreamSuite) -> str:
    """Subquery of the newest accepted version of each key, computed apart from staging.

    `{days}` is left in it, for the level it is put into.
    """
    return f"""
        (
            select base.*
            from {base_table(vendor, suite.stream)} as base
            inner join ops.loads as loads on base.load_id = loads.load_id
            where loads.status = 'accepted' and base.quarantine_reason is null and {{days}}
            qualify row_number() over (
                partition by {", ".join(f"base.{column}" for column in suite.key)}
                order by
                    base.pulled_at desc, base.load_id desc, base.page_index desc,
                    base.row_index desc
            ) = 1
        )
    """


def last_brought(vendor: str, suite: StreamSuite, whole: int) -> str:
    """Subquery of what the last accepted load of each whole brought, computed apart from staging.

    Args:
        vendor: the vendor.
        suite: the stream's.
        whole: how many columns of its key, from the first, name a whole.
    """
    wholes = ", ".join(suite.key[:whole])
    return f"""
        (
            select base.*
            from {base_table(vendor, suite.stream)} as base
            inner join (
                select {wholes}, max(base.load_id) as load_id
                from {base_table(vendor, suite.stream)} as base
                inner join ops.loads as loads on base.load_id = loads.load_id
                where loads.status = 'accepted' and base.quarantine_reason is null and {{days}}
                group by all
            ) using ({wholes}, load_id)
            where base.quarantine_reason is null
            qualify row_number() over (
                partition by {", ".join(f"base.{column}" for column in suite.key)}
                order by base.page_index desc, base.row_index desc
            ) = 1
        )
    """


def minor_units(minor: str, currency: str) -> str:
    """SQL of an amount from the currency's smallest unit."""
    return f"""
        cast({minor} as decimal(24, 0)) * case
            when {currency} in (
                'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND',
                'VUV', 'XAF', 'XOF', 'XPF'
            ) then cast(1 as decimal(4, 3))
            when {currency} in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND')
                then cast(0.001 as decimal(4, 3))
            else cast(0.01 as decimal(4, 3))
        end
    """


def chains(vendor: str, stream: str) -> list[Chain]:
    """The chains that begin at a stream."""
    return [chain for chain in getattr(_module(vendor), "CHAINS", ()) if chain.stream == stream]


def source_totals(vendor: str) -> tuple[SourceTotal, ...]:
    """The totals that a vendor states by other means."""
    found: tuple[SourceTotal, ...] = getattr(_module(vendor), "TOTALS", ())
    return found


def _module(vendor: str) -> ModuleType | None:
    name = f"{suite_modules.__name__}.{vendor}"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None
