"""dbt's parse of the project, kept whatever the build file and its settings are.

By itself dbt parses everything anew, which takes longer than many a layer, where any setting of its
profile is another than before: the path in a data folder that was moved, the limit of memory.
Nothing in this project reads the profile while it is parsed but the names of database and schema.
"""

from __future__ import annotations

from dbt.adapters.duckdb.credentials import DuckDBCredentials


def keep_for_any_build_file() -> None:
    """Let dbt, in this process, compare no more of the profile than a parse depends on."""
    DuckDBCredentials._connection_keys = _names  # type: ignore[method-assign]


def _names(_: DuckDBCredentials) -> tuple[str, ...]:
    return ("database", "schema")
