"""Records without a shared identifier that are probably one person, and who that makes.

Belongs here: which records are compared on a night, what is kept between nights, in one
transaction. How likely a pair is belongs to matching_model.py, what follows for persons to
probable_persons.py. Names and addresses stay in the schema `matching`, which is not published, and
in memory.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from identity import blocking, learning, matching_model, probable_persons
from identity.comparisons import COMPARISONS
from identity.matching_model import Model

# The model is learned anew where there are so many more records, or fewer, than it has seen.
MOST_GROWTH = 1.1
# Pairs that are likelier wrong than right are of no use to anybody.
LEAST_KEPT_BITS = 0.0

_FIELDS = (
    *("given_name", "surname", "birth_date", "street", "house_number", "address"),
    *("postal_code", "city", "phone", "email"),
)
DDL = (
    "create schema if not exists matching",
    "create table if not exists matching.models (model_seq bigint, fingerprint text, model text)",
    "create table if not exists matching.frequencies"
    " (column_name text, value text, frequency double)",
    # What each record was when its pairs were scored.
    "create table if not exists matching.records (record_id text, state text)",
    "create table if not exists matching.pairs"
    " (record_id_l text, record_id_r text, bits double, evidence text)",
    *probable_persons.DDL,
)
# Of records of one customer that say the same, one is enough. One without a name or a birth date is
# anybody's at its address.
_RECORDS = f"""
    select
        records.identifier_id as record_id,
        bridge.customer_id,
        {", ".join(f"records.{name}" for name in _FIELDS)},
        md5(concat_ws('|', bridge.customer_id, {
    ", ".join(f"coalesce(records.{name}, '')" for name in _FIELDS)
})) as state
    from intermediate.int_matching__records as records
    inner join identity.customer_identifiers as bridge using (identifier_id)
    where coalesce(records.given_name, records.surname, records.birth_date) is not null
    qualify row_number() over (
        partition by bridge.customer_id, {", ".join(f"records.{name}" for name in _FIELDS)}
        order by records.identifier_id
    ) = 1
    order by record_id
"""


@dataclass(frozen=True)
class Matching:
    """What one night's matching found.

    Attributes:
        records: compared, or compared before.
        scored: pairs scored this night.
        crowded_keys: keys of blocking that too many records have, by rule.
        model: by which.
        is_new_model: whether it was learned this night.
        persons: what it made of customers.
    """

    records: int
    scored: int
    crowded_keys: dict[str, int]
    model: Model
    is_new_model: bool
    persons: probable_persons.Found


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables where they are missing, so that the marts can be built without."""
    for statement in DDL:
        con.execute(statement)


def match(con: duckdb.DuckDBPyConnection, model: Model | None = None) -> Matching | None:
    """Find who is probably one person, and write it in one transaction.

    Args:
        con: the build file, writable, just resolved, with intermediate.int_matching__records.
        model: the model to use whatever the records; by default the last one, or a new one.

    Returns:
        What was found; None where there are not two records to compare.
    """
    create_tables(con)
    with _workbench() as bench:
        if _load(con, bench) < 2:
            _forget(con)
            return None
        return _match(con, bench, model)


@contextmanager
def _workbench() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of its own: Splink makes and drops tables as it likes."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as bench:
        bench.execute("set temp_directory = $folder", {"folder": folder})
        yield bench


def _load(con: duckdb.DuckDBPyConnection, bench: duckdb.DuckDBPyConnection) -> int:
    bench.register("loaded", con.execute(_RECORDS).to_arrow_table())
    bench.execute("create table records as select * from loaded")
    bench.unregister("loaded")
    row = bench.execute("select count(*) from records").fetchone()
    return int(row[0]) if row else 0


def _match(
    con: duckdb.DuckDBPyConnection, bench: duckdb.DuckDBPyConnection, model: Model | None
) -> Matching:
    records = _count(bench, "select count(*) from records")
    used = model or _last_model(con, bench, records)
    if used is None or not _count(con, "select count(*) from matching.frequencies"):
        matching_model.count_frequencies(bench)
    else:
        _copy(con, bench, "select * from matching.frequencies", "frequencies")
    is_all = used is None or not _is_used(con, used)
    _copy(con, bench, "select * from matching.records" + " limit 0" * is_all, "known")
    bench.execute(
        "create table changed as select record_id from records"
        " anti join known using (record_id, state)"
    )
    blocked = blocking.block(bench)
    learned = used or learning.learn(bench)
    matching_model.score(bench, learned, "candidates", "scores")
    _copy(con, bench, "select * from matching.pairs" + " limit 0" * is_all, "pairs")
    _keep(bench, learned)
    found = probable_persons.find(con, bench, learned)
    con.execute("begin")
    try:
        _write(con, bench, learned, used is None)
        probable_persons.write(con, found)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    return Matching(
        records,
        _count(bench, "select count(*) from candidates"),
        {each.rule: each.crowded_keys for each in blocked if each.crowded_keys},
        learned,
        used is None,
        found,
    )


def _last_model(
    con: duckdb.DuckDBPyConnection, bench: duckdb.DuckDBPyConnection, records: int
) -> Model | None:
    """The last model, where it is one for these records."""
    row = con.execute(
        "select model from matching.models where fingerprint = ? order by model_seq desc limit 1",
        [_fingerprint()],
    ).fetchone()
    if row is None:
        return None
    model = Model.from_json(row[0])
    grown = max(records, model.records) / max(1, min(records, model.records))
    is_same = model.compared == tuple(each.name for each in learning.usable(bench))
    return model if is_same and grown <= MOST_GROWTH else None


def _fingerprint() -> str:
    """Of what is compared: a model is of no use to another version of it."""
    return hashlib.sha256(repr((COMPARISONS, blocking.RULES)).encode()).hexdigest()[:16]


def _is_used(con: duckdb.DuckDBPyConnection, model: Model) -> bool:
    """Whether the pairs that are kept were scored by this model."""
    row = con.execute("select arg_max(model, model_seq) from matching.models").fetchone()
    return bool(row and row[0] == model.as_json())


def _keep(bench: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Pairs of records that are as they were stay; those scored now come to them."""
    bench.execute(
        "delete from pairs where record_id_l in (from changed) or record_id_r in (from changed)"
        " or record_id_l not in (select record_id from records)"
        " or record_id_r not in (select record_id from records)"
    )
    bench.execute(
        f"insert into pairs select record_id_l, record_id_r, bits, {words(model)} from scores"
        f" where bits >= {LEAST_KEPT_BITS}"
    )


def words(model: Model) -> str:
    """What a pair's levels say, in words, as SQL over its gammas."""
    parts = []
    for comparison in COMPARISONS:
        if comparison.name in model.compared:
            last = len(comparison.levels) - 1
            cases = " ".join(
                f"when {last - number} then '{level.words}'"
                for number, level in enumerate(comparison.levels)
            )
            parts.append(f"case gamma_{comparison.name} {cases} end")
    return f"concat_ws('; ', {', '.join(parts)})"


def _write(
    con: duckdb.DuckDBPyConnection,
    bench: duckdb.DuckDBPyConnection,
    model: Model,
    is_new_model: bool,
) -> None:
    if is_new_model or not _is_used(con, model):
        con.execute("delete from matching.models")
        con.execute(
            "insert into matching.models values (1, ?, ?)", [_fingerprint(), model.as_json()]
        )
        _replace(con, bench, "frequencies", "select * from frequencies")
    _replace(con, bench, "records", "select record_id, state from records")
    _replace(con, bench, "pairs", "select * from pairs order by all")


def _replace(
    con: duckdb.DuckDBPyConnection, bench: duckdb.DuckDBPyConnection, table: str, query: str
) -> None:
    con.register("replacement", bench.execute(query).to_arrow_table())
    con.execute(f"delete from matching.{table}")
    con.execute(f"insert into matching.{table} select * from replacement")
    con.unregister("replacement")


def _copy(
    con: duckdb.DuckDBPyConnection, bench: duckdb.DuckDBPyConnection, query: str, table: str
) -> None:
    bench.register("copied", con.execute(query).to_arrow_table())
    bench.execute(f"create table {table} as select * from copied")
    bench.unregister("copied")


def _forget(con: duckdb.DuckDBPyConnection) -> None:
    for table in ("matching.records", "matching.pairs", *probable_persons.TABLES):
        con.execute(f"delete from {table}")


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0
