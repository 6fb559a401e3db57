"""dbt and the gate make the same books, whichever of them comes first."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import duckdb
import jinja2

from data_quality import loads

MACROS = Path(__file__).parents[2] / "dbt_project" / "macros"
COLUMNS = """
    select table_name, column_name, data_type, is_nullable
    from information_schema.columns
    where table_schema = 'ops'
    order by table_name, ordinal_position
"""


def columns_made_by(statements: str) -> dict[str, list[tuple[str, ...]]]:
    with duckdb.connect() as con:
        con.execute(statements)
        made: dict[str, list[tuple[str, ...]]] = {}
        for table, *column in con.execute(COLUMNS).fetchall():
            made.setdefault(table, []).append(tuple(column))
        return made


def made_by_dbt() -> str:
    """The macro as dbt renders it, without dbt: names of relations are all it asks for."""

    def create(database: str, schema: str, identifier: str) -> str:
        return f"{schema}.{identifier}"

    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals |= {
        "api": SimpleNamespace(Relation=SimpleNamespace(create=create)),
        "target": SimpleNamespace(database="warehouse"),
        "return": lambda value: value,
    }
    template = environment.from_string((MACROS / "ops.sql").read_text())
    return str(template.module.create_ops_tables())  # type: ignore[attr-defined]


def test_dbt_and_the_gate_declare_the_same_tables() -> None:
    by_dbt = columns_made_by(made_by_dbt())
    by_the_gate = columns_made_by(";".join(loads.DDL))
    shared = sorted(by_dbt.keys() & by_the_gate.keys())
    assert shared == ["landing", "loads", "model_loads"]
    assert {table: by_dbt[table] for table in shared} == {
        table: by_the_gate[table] for table in shared
    }
