"""Records whose persons are known, in a build file that holds nothing else.

Belongs here: reading such records from CSV, and the tables that matching and the report look for.
They are matched as the product matches its own; how right that is belongs to report.py. Texts are
taken as they are: what cleans a vendor's fields is SQL, in int_matching__records.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

from identity import explain, matching, resolution
from identity.decisions import DecisionError

Record = dict[str, str | None]
FIELDS = (
    *("identifier_id", "given_name", "surname", "birth_date", "street", "house_number"),
    *("address", "postal_code", "city", "phone", "email"),
)
# FEBRL's names for ours.
ALIASES = {
    "rec_id": "identifier_id",
    "date_of_birth": "birth_date",
    "address_1": "street",
    "street_number": "house_number",
    "postcode": "postal_code",
    "suburb": "city",
}
# FEBRL says in the number of a record whose it is.
_PERSON = re.compile(r"^rec-(\d+)-")
# Nothing but records: no link was seen, so none was refused.
_MODELS = (
    "create schema intermediate",
    f"create table intermediate.int_matching__records ({', '.join(f'{f} text' for f in FIELDS)})",
    """
    create table intermediate.int_identity__candidate_edges (
        source text, left_identifier_id text, left_type text, left_value text,
        right_identifier_id text, right_type text, right_value text,
        first_seen_at timestamp, last_seen_at timestamp, strength double,
        is_person_link boolean, refusal_reason text, is_withdrawn boolean
    )
    """,
    "create view intermediate.int_identity__edges as"
    " from intermediate.int_identity__candidate_edges where refusal_reason is null",
    "create view intermediate.int_identity__refusals as"
    " from intermediate.int_identity__candidate_edges where refusal_reason is not null",
)


def read(paths: Iterable[Path]) -> list[Record]:
    """Records of CSV files with FEBRL's columns or ours.

    Args:
        paths: files of one set of persons.

    Returns:
        The records, with `person_id`.

    Raises:
        DecisionError: a file cannot be read, or does not say whose a record is.
    """
    seen: set[str | None] = set()
    records = []
    for path in paths:
        of_file = _read(path)
        if not of_file:
            raise DecisionError(f"{path} has no record")
        for record in of_file:
            if record["identifier_id"] in seen:
                raise DecisionError(f"{path}: {record['identifier_id']} stands there twice")
            seen.add(record["identifier_id"])
        records += of_file
    return records


def _read(path: Path) -> list[Record]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, skipinitialspace=True)
            return [_record(f"{path}, line {rows.line_num}", row) for row in rows]
    except UnicodeDecodeError as error:
        raise DecisionError(f"{path} is not UTF-8") from error
    except (OSError, csv.Error) as error:
        raise DecisionError(f"{path} cannot be read: {error}") from error


def _record(place: str, row: dict[str, str]) -> Record:
    if None in row:
        raise DecisionError(f"{place}: more values than columns")
    named = {ALIASES.get(name, name): (row[name] or "").strip() or None for name in row}
    person = named.get("person_id") or _person(named.get("identifier_id"))
    if person is None or not named.get("identifier_id"):
        raise DecisionError(
            f"{place}: whose record is this? Give columns identifier_id and person_id, or FEBRL's"
            " rec_id (rec-12-org)"
        )
    if named.get("street") and not named.get("address"):
        named["address"] = " ".join(filter(None, (named["street"], named.get("house_number"))))
    return {name: named.get(name) for name in FIELDS} | {"person_id": person}


def _person(identifier_id: str | None) -> str | None:
    found = _PERSON.match(identifier_id or "")
    return found[1] if found else None


def build_file(records: list[Record]) -> duckdb.DuckDBPyConnection:
    """A build file in which each record is a customer of its own."""
    con = duckdb.connect()
    resolution.create_tables(con)
    matching.create_tables(con)
    for statement in _MODELS:
        con.execute(statement)
    explain.create_views(con)
    add(con, records)
    return con


def add(con: duckdb.DuckDBPyConnection, records: list[Record]) -> None:
    """Add records, each a customer of its own unless it names its `customer_id`."""
    schema = pa.schema([(name, pa.string()) for name in (*FIELDS, "customer_id")])
    con.register("made", pa.Table.from_pylist(records, schema=schema))
    con.execute(
        "insert into intermediate.int_matching__records by name"
        " select * exclude (customer_id) from made"
    )
    con.execute(
        "insert into identity_graph.identifiers by name select identifier_id,"
        " 'record' as identifier_type, identifier_id as identifier_value,"
        " coalesce(customer_id, identifier_id) as customer_id,"
        " timestamp '2026-01-01' as first_seen_at, timestamp '2026-01-01' as last_seen_at"
        " from made"
    )
    con.unregister("made")


def truth(records: list[Record]) -> pa.Table:
    """Who is who among the records, as the report wants it."""
    return pa.Table.from_pylist(
        [
            {
                "identifier_type": "record",
                "identifier_value": record["identifier_id"],
                "person_id": record["person_id"],
                "persons": 1,
            }
            for record in records
        ]
    )
