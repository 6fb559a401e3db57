"""Who is who, at millions of edges: the resolution against plain components, and a night after it.

Edges and identifiers lie in a DuckDB file as the models leave them, names as hashes in text. Each
part is a process of its own on a copy of that file; closing the file is in its time, imports are
not.

- Plain: DuckDB numbers the names of the edges that are not refused, scipy finds the components,
  and each name's component is written into the file. Nothing else is found or kept. How long it
  took without the writing is told beside it, as a harder floor than any resolution can have.
- Resolved: the first resolution, from the same edges to the bridge: links counted over their
  sources, exploded persons cut, a key minted for each person, identifiers with all their columns
  and customers written, names, nodes and links kept for the nights.
- A night: one edge in a hundred is new, half of them between persons that were known apart, and
  the resolution brings the file up to date.
- A rebuild: the same new edges, and the resolution looks at everything again, as after a change
  of rules.

DuckDB may hold so much in memory, plain and resolved alike, and puts what is more on disk.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measure import Measured, Row, peak_mib, report, run_part

SIZES = (1_000_000, 10_000_000, 30_000_000)
NEW_SHARE = 0.01
MEMORY = "10GB"
MEASURED = ("plain", "resolved", "night", "rebuild")
_MODELS = """
    create schema intermediate;
    create table intermediate.int_identity__candidate_edges as
    select
        'web' as source,
        md5(least(one, other)::text) as left_identifier_id,
        md5(greatest(one, other)::text) as right_identifier_id,
        0.4 + (one % 5) / 10 as strength,
        true as is_person_link,
        -- Guards refuse some: one edge in fifty.
        case when hash(one, other) % 50 = 0 then 'limit: one cookie with too many' end
            as refusal_reason,
        false as is_withdrawn,
        1::bigint as batch_seq
    from edges;
    create table intermediate.int_identity__identifiers as
    select
        md5(node::text) as identifier_id,
        ['email', 'phone', 'cookie', 'click_id'][1 + node % 4] as identifier_type,
        'identifier ' || node as identifier_value,
        4 + node % 4 as type_priority,
        timestamp '2025-01-01' + to_seconds((hash(node) % 31000000)::bigint) as first_seen_at,
        first_seen_at + interval 1 day as last_seen_at,
        false as is_withdrawn,
        1::bigint as batch_seq
    from range($nodes) as nodes (node);
"""
# Half of what is new ties a new cookie to a known person, the rest two that were known apart.
_NEW = """
    create temp table new_edges as
    select
        (hash(range) % $nodes)::bigint as one,
        case
            when range % 2 = 0 then $nodes + range
            else (hash(range, 1) % $nodes)::bigint
        end as other
    from range($count);
    insert into intermediate.int_identity__candidate_edges
    select distinct
        'web', md5(least(one, other)::text), md5(greatest(one, other)::text), 0.4, true,
        null, false, 2::bigint
    from new_edges where one <> other;
    insert into intermediate.int_identity__identifiers
    select
        md5(other::text), 'cookie', 'identifier ' || other, 8, timestamp '2026-01-01',
        timestamp '2026-01-02', false, 2::bigint
    from new_edges where other >= $nodes;
    checkpoint;
"""
_PLAIN = (
    """
    create temp view accepted as
    select left_identifier_id, right_identifier_id
    from intermediate.int_identity__candidate_edges
    where refusal_reason is null
    """,
    """
    create temp table numbered as
    select row_number() over () - 1 as node, identifier_id
    from (
        select left_identifier_id as identifier_id from accepted
        union
        select right_identifier_id from accepted
    )
    """,
    """
    select one.node::integer as one, other.node::integer as other
    from accepted
    inner join numbered as one on left_identifier_id = one.identifier_id
    inner join numbered as other on right_identifier_id = other.identifier_id
    """,
    """
    create table components as
    select numbered.identifier_id, labels.component
    from numbered
    inner join labels on numbered.node = labels.node
    """,
)


def main(sizes: tuple[int, ...] = SIZES) -> Path:
    """Run all parts and report.

    Args:
        sizes: numbers of edges.
    """
    rows: list[Row] = []
    parts: dict[str, Measured] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="throughline-bench-") as folder:
            parts |= {f"{name} {size}": part for name, part in _measure(Path(folder), size)}
        rows += _rows(size, *(parts[f"{name} {size}"] for name in MEASURED))
    return report("identity", rows, parts)


def _measure(folder: Path, size: int) -> Iterator[tuple[str, Measured]]:
    made, plain, ours, again = (
        folder / f"{name}.duckdb" for name in ("made", "plain", "ours", "again")
    )
    _part("make", made, size)
    shutil.copyfile(made, plain)
    yield "plain", _part("plain", plain, size)
    plain.unlink()
    made.rename(ours)
    yield "resolved", _part("resolve", ours, size)
    _part("add", ours, size)
    shutil.copyfile(ours, again)
    yield "night", _part("resolve", ours, size)
    ours.unlink()
    yield "rebuild", _part("rebuild", again, size)


def _rows(
    size: int, plain: Measured, resolved: Measured, night: Measured, rebuild: Measured
) -> list[Row]:
    unwritten = plain.figures["unwritten_seconds"]
    first = f"resolved, {resolved.figures['customers']:,} persons"
    later = f"a night of 1 % new, {night.figures['touched']:,} identifiers touched"
    rows = [
        Row("plain scipy, components written", plain.work_seconds, "s"),
        Row("plain scipy, nothing written", unwritten, "s"),
        _row(first, resolved, "plain scipy, written", plain.work_seconds, "at most 2"),
        _row(first, resolved, "plain scipy, nothing written", unwritten),
        _row(later, night, "a rebuild of the same", rebuild.work_seconds, "at most 0.1"),
        _row(later, night, "resolved", resolved.work_seconds),
        Row("plain scipy, peak memory", plain.peak_mib, "MiB"),
        Row("resolved, peak memory", resolved.peak_mib, "MiB"),
        Row("the night, peak memory", night.peak_mib, "MiB"),
        Row("the rebuild, peak memory", rebuild.peak_mib, "MiB"),
    ]
    return [replace(row, what=f"{size / 1e6:,.0f} million edges: {row.what}") for row in rows]


def _row(what: str, part: Measured, against: str, seconds: float, target: str = "") -> Row:
    return Row(what, part.work_seconds, "s", against, part.work_seconds / seconds, target)


def _part(name: str, file: Path, size: int) -> Measured:
    print(f"identity: {size:,} edges, {name}", flush=True)
    return run_part("-m", "benchmarks.identity", name, str(file), str(size))


def _make(file: Path, size: int) -> dict[str, Any]:
    """People of two identifiers, of three, and a few of hundreds, each hanging together."""
    import duckdb
    import numpy as np
    import pyarrow as pa

    chance = np.random.default_rng(7)
    sizes = np.minimum(2 + chance.pareto(1.6, size).astype(np.int64), 500)
    sizes = sizes[: np.searchsorted(np.cumsum(sizes - 1), size)]
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)
    nodes = np.arange(len(first))
    place = nodes - first
    later = place > 0
    other = first + (chance.random(len(first)) * place).astype(np.int64)
    edges = pa.table({"one": nodes[later], "other": other[later]})
    with duckdb.connect(str(file)) as con:
        con.register("edges", edges)
        for statement in _MODELS.split(";")[:-1]:
            given = {"nodes": len(nodes)} if "$nodes" in statement else None
            con.execute(statement, given)
    return {"edges": len(edges)}


def _add(file: Path, size: int) -> dict[str, Any]:
    import duckdb

    with duckdb.connect(str(file)) as con:
        row = con.execute("select count(*) from intermediate.int_identity__identifiers").fetchone()
        assert row is not None
        for statement in _NEW.split(";")[:-1]:
            names = {"nodes": row[0], "count": int(size * NEW_SHARE)}
            con.execute(statement, {k: v for k, v in names.items() if f"${k}" in statement})
    return {}


def _plain(file: Path, _: int) -> dict[str, Any]:
    import duckdb
    import numpy as np
    import pyarrow as pa
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    begun = time.perf_counter()
    with duckdb.connect(str(file), config={"memory_limit": MEMORY}) as con:
        con.execute(_PLAIN[0])
        con.execute(_PLAIN[1])
        one, other = con.execute(_PLAIN[2]).fetchnumpy().values()
        row = con.execute("select count(*) from numbered").fetchone()
        assert row is not None
        ones = np.ones(len(one), dtype=np.int8)
        links = coo_array((ones, (one, other)), shape=(row[0], row[0]))
        count, labels = connected_components(links, directed=False)
        unwritten = time.perf_counter() - begun
        nodes = np.arange(row[0], dtype=np.int32)
        con.register("labels", pa.table({"node": nodes, "component": labels}))
        con.execute(_PLAIN[3])
    return {"components": int(count), "unwritten_seconds": unwritten}


def _resolve(file: Path, _: int, is_whole: bool = False) -> dict[str, Any]:
    import duckdb

    from identity.resolution import resolve

    with duckdb.connect(str(file), config={"memory_limit": MEMORY}) as con:
        found = resolve(con, is_whole=is_whole)
    return {"customers": found.customers, "touched": found.touched, "refused": found.refused}


_PARTS: dict[str, Callable[[Path, int], dict[str, Any]]] = {
    "make": _make,
    "add": _add,
    "plain": _plain,
    "resolve": _resolve,
    "rebuild": partial(_resolve, is_whole=True),
}


if __name__ == "__main__":
    # Imports take the same everywhere and are not what is measured; DuckDB's of pandas comes with
    # the first parameter of a query.
    import duckdb  # noqa: F401
    import pandas  # noqa: F401
    import pyarrow  # noqa: F401
    import scipy.sparse.csgraph  # noqa: F401

    import identity.resolution  # noqa: F401

    begun = time.perf_counter()
    told = _PARTS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
    print(json.dumps({"seconds": time.perf_counter() - begun, "peak_mib": peak_mib(), **told}))
