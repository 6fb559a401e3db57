"""The gate: every landed load is accepted or held back, each by itself.

Here belongs the order of judging and writing decisions down; what is looked for stands in suites/,
findings.py and thresholds.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from connectors.settings import data_folder
from data_quality import figures as measuring
from data_quality import findings, loads
from data_quality.drift import Drifts, drift_table
from data_quality.figures import Figures
from data_quality.loads import GATE, Load
from data_quality.silence import metrics_table
from data_quality.suite import Rule, StreamSuite, suites
from data_quality.verdict import Check, Verdict, failures, verdict

if TYPE_CHECKING:
    import pandas as pd

    from data_quality.expectations import Judge

SLICE_ROWS = 500_000


def judge(con: duckdb.DuckDBPyConnection, data_docs_dir: Path | None = None) -> list[Verdict]:
    """Judge every landed load, oldest pull first, and write each verdict as it falls.

    A run that dies in between leaves the loads it had judged decided and the others landed.

    Args:
        con: the build file, its base models up to date.
        data_docs_dir: where Data Docs go; by default `docs` in the data folder.

    Returns:
        A verdict per load that waited, and one per load whose files could not be read.
    """
    loads.prepare(con)
    verdicts = [_unreadable(con, load) for load in _unread(con)]
    waiting = loads.find(con, "status = 'landed'")
    if not waiting:
        return verdicts
    from data_quality.expectations import Judge

    judging = Judge()
    drifts = Drifts(con, waiting)
    verdicts += [_judge_load(con, judging, drifts, load) for load in waiting]
    judging.build_pages(data_docs_dir or data_folder() / "docs")
    return verdicts


def _unread(con: duckdb.DuckDBPyConnection) -> list[Load]:
    """Loads that were entered as held because of their files, and were not reported yet."""
    return loads.find(
        con,
        "status = 'held' and page_count is null"
        " and load_id not in (select load_id from ops.load_checks)",
    )


def _unreadable(con: duckdb.DuckDBPyConnection, load: Load) -> Verdict:
    checks = [Check("files", "critical", False, {}, load.reason or "")]
    loads.in_transaction(con, lambda: _write_checks(con, load, checks))
    return verdict(load, "held", checks, {})


def _judge_load(
    con: duckdb.DuckDBPyConnection, judging: Judge, drifts: Drifts, load: Load
) -> Verdict:
    suite = suites().get(load.vendor, {}).get(load.stream)
    if suite is None:
        return _missing(con, load, "no suite judges this stream", hold=True)
    if not _is_typed(con, load):
        return _missing(con, load, "its base model has not read the load yet", hold=False)
    try:
        figures = measuring.measure(con, load, suite)
        figures.drift = drifts.of(load)
        history = measuring.recent(con, load, suite)
        rules = _rules(suite, figures)
        checks = judging.load(load, findings.find(load, suite, figures, history))
        checks.append(_columns_check(suite, figures))
        if figures["new_rows"]:
            checks += judging.rows(load, rules, _frames(con, load, suite, rules, figures))
    except duckdb.Error as error:
        # What cannot be measured was not seen to be good.
        text = " ".join(str(error).split())[:300]
        return _missing(con, load, f"its rows cannot be counted: {text}", hold=True)
    status = "held" if failures(checks, "critical") else "accepted"
    counted = {name: value for name, value in figures.values.items() if "." not in name}
    tables = {
        "schema_drift": drift_table(figures.drift),
        "metrics": metrics_table(suite, figures, history),
    }
    decided = verdict(load, status, checks, counted, tables)
    loads.in_transaction(con, lambda: _write(con, load, decided, figures))
    return decided


def _rules(suite: StreamSuite, figures: Figures) -> list[Rule]:
    """The rules whose columns are there; of the others `_columns_check` speaks."""
    known = {*figures.columns, *suite.metrics}
    return [rule for rule in suite.rules if known.issuperset(rule.columns)]


def _is_typed(con: duckdb.DuckDBPyConnection, load: Load) -> bool:
    row = con.execute(
        "select count(*) from ops.model_loads where model = ? and load_id = ?",
        [f"base_{load.vendor}__{load.stream}", load.load_id],
    ).fetchone()
    return row is not None and row[0] > 0


def _missing(con: duckdb.DuckDBPyConnection, load: Load, message: str, *, hold: bool) -> Verdict:
    checks = [Check("suite" if hold else "base", "critical", False, {}, message)]
    decided = verdict(load, "held" if hold else "landed", checks, {})
    if hold:
        loads.in_transaction(con, lambda: _write(con, load, decided, Figures()))
    return decided


def _columns_check(suite: StreamSuite, figures: Figures) -> Check:
    """Base must offer what the suite reads: a rule that cannot be judged is no rule that holds."""
    wanted = dict.fromkeys((*suite.columns, *suite.key))
    known = {*figures.columns, *suite.metrics}
    missing = [column for column in wanted if column not in known]
    message = f"base has no column {', '.join(missing)}, which the suite reads" if missing else ""
    return Check("columns", "critical", not missing, {"missing_columns": len(missing)}, message)


def _frames(
    con: duckdb.DuckDBPyConnection,
    load: Load,
    suite: StreamSuite,
    rules: Sequence[Rule],
    figures: Figures,
) -> Iterator[pd.DataFrame]:
    """The new rows, in slices that fit into memory whatever the load's size."""
    columns = dict.fromkeys(column for rule in rules for column in rule.columns)
    if not columns:
        return
    chosen = ", ".join(_plain(column, suite, figures) for column in columns)
    reader = (
        con.cursor()
        .execute(
            f"""
        select {chosen}
        from {measuring.base_table(load.vendor, load.stream)}
        where load_id = ? and quarantine_reason is null
        """,
            [load.load_id],
        )
        .to_arrow_reader(SLICE_ROWS)
    )
    for batch in reader:
        if batch.num_rows:
            yield batch.to_pandas()


def _plain(column: str, suite: StreamSuite, figures: Figures) -> str:
    """Numbers as doubles, times in nanoseconds: other types are judged value by value in Python."""
    if column in suite.metrics:
        return f'cast({suite.metrics[column]} as double) as "{column}"'
    kind = figures.columns[column]
    if kind.startswith("DECIMAL") or kind in ("BIGINT", "HUGEINT", "INTEGER", "SMALLINT"):
        return f'cast("{column}" as double) as "{column}"'
    if kind in ("DATE", "TIMESTAMP"):
        # Nanoseconds end in 2262; what lies beyond is outside of any window as well.
        clipped = f"least(greatest(\"{column}\", date '1700-01-01'), date '2250-01-01')"
        return f'cast(cast({clipped} as timestamp) as timestamp_ns) as "{column}"'
    return f'"{column}"'


def _write(con: duckdb.DuckDBPyConnection, load: Load, decided: Verdict, figures: Figures) -> None:
    reason = decided.reason or "; ".join(decided.warnings) or None
    loads.decide(con, load.load_id, decided.status, GATE, reason)
    if figures.values:
        measuring.remember(con, load, figures)
    _write_checks(con, load, decided.checks)


def _write_checks(con: duckdb.DuckDBPyConnection, load: Load, checks: Sequence[Check]) -> None:
    con.execute("delete from ops.load_checks where load_id = ?", [load.load_id])
    con.execute(
        """
        insert into ops.load_checks
        select ?, unnest(?::text[]), unnest(?::text[]), unnest(?::boolean[]), unnest(?::text[])
        """,
        [
            load.load_id,
            [check.name for check in checks],
            [check.severity for check in checks],
            [check.is_passed for check in checks],
            [check.message for check in checks],
        ],
    )
