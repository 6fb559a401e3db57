"""What fails dbt's tests, told with the check: dbt itself says no more than how many rows.

Belongs here: asking the build file for some of those rows. Does not belong here: how checks are
shown (`summary`, the UI).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt.errors import DagsterDbtCliRuntimeError

# Enough to see what they have in common.
_ROWS = 3


def with_rows(events: Iterable[Any], target: Path, build_file: Path) -> Iterator[Any]:
    """Hand on what dbt did; failed tests come last, when nobody has the build file open.

    Args:
        events: of one call of dbt.
        target: where it put the tests as compiled.
        build_file: what it tested.

    Yields:
        The events; the description of a failed test has the first rows that failed it.

    Raises:
        DagsterDbtCliRuntimeError: as the events do, after everything else.
    """
    failed: list[dg.AssetCheckResult] = []
    error: DagsterDbtCliRuntimeError | None = None
    try:
        for event in events:
            if isinstance(event, dg.AssetCheckResult) and not event.passed:
                failed.append(event)
            else:
                yield event
    except DagsterDbtCliRuntimeError as raised:
        error = raised
    for check in failed:
        yield check._replace(description=_described(f"{check.check_name}", target, build_file))
    if error is not None:
        raise error


def _described(test: str, target: Path, build_file: Path) -> str | None:
    """Some rows of a test; none where it was never asked, because what it looks at failed."""
    compiled = next((target / "compiled").rglob(f"{test}.sql"), None)
    if compiled is None or not build_file.exists():
        return None
    try:
        with duckdb.connect(str(build_file), read_only=True) as con:
            con.execute("set TimeZone = 'UTC'")
            found = con.sql(
                f"select * from ({compiled.read_text(encoding='utf-8')}\n) limit {_ROWS}"
            )
            rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    except duckdb.Error as error:
        return f"its rows cannot be read: {str(error).splitlines()[0]}"
    told = [", ".join(f"{column} {value}" for column, value in row.items()) for row in rows]
    return f"such as {'; '.join(told)}" if told else None
