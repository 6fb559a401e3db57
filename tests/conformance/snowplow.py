"""Snowplow's files against the JSON Schema of its atomic event and of the entities inside."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from tests.conformance.proofs import REPOSITORY, SPECS, Exchange, Proofs, load
from tests.dbt_project.declared_columns import declared_fields

ATOMIC = "snowplow/com.snowplowanalytics.snowplow_atomic_jsonschema_1-0-0.json"
MODEL = REPOSITORY / "dbt_project/models/base/snowplow/base_snowplow__enriched_events.sql"
COLUMNS = 131
# Columns of the file that hold JSON of other schemas; the atomic schema leaves them out.
NESTED = ("contexts", "unstruct_event", "derived_contexts")
# The enricher writes times without an offset; they are UTC.
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}")
IGLU = re.compile(r"iglu:([\w.]+)/(\w+)/jsonschema/(\d+-\d+-\d+)")


@cache
def columns() -> list[str]:
    return declared_fields(MODEL)


def response(exchange: Exchange) -> list[str]:
    """Each line has the canonical columns, each with a value of its type."""
    atomic = load(ATOMIC)
    plain = [name for name in columns() if name not in NESTED]
    if len(columns()) != COLUMNS or plain != list(atomic["properties"]):
        return ["the columns are not those of the atomic event, in its order"]
    lines = exchange.answer.decode().splitlines()
    return list(dict.fromkeys(problem for line in lines for problem in _line(line)))


def _line(line: str) -> Iterator[str]:
    values = line.split("\t")
    if len(values) != len(columns()):
        yield f"a line of {len(values)} columns"
        return
    row = dict(zip(columns(), values, strict=True))
    for name, text in row.items():
        if name not in NESTED:
            yield from _column(name, text)
    for name in NESTED:
        if row[name]:
            yield from _entities(json.loads(row[name]), name)


@cache
def _column(name: str, text: str) -> list[str]:
    """What is wrong with a value; its type is the one of the schema, and what is empty is null."""
    schema = load(ATOMIC)["properties"][name]
    value = _value(text, schema["type"], schema.get("format")) if text else None
    return [f"{name}: {error.message}" for error in _validator(name).iter_errors(value)]


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(load(ATOMIC)["properties"][name])


def _value(text: str, kinds: list[str] | str, form: str | None) -> Any:
    if "integer" in kinds:
        return int(text) if re.fullmatch(r"-?\d+", text) else text
    if "number" in kinds:
        return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text
    if "boolean" in kinds:
        return {"0": False, "1": True}.get(text, text)
    if form == "date-time" and not MOMENT.fullmatch(text):
        return ["no moment", text]
    return text


def _entities(content: Any, place: str) -> Iterator[str]:
    """A self-describing JSON, and those inside of it, by their own schemas."""
    match = IGLU.fullmatch(content.get("schema", ""))
    if match is None or set(content) != {"schema", "data"}:
        yield f"{place}: no self-describing JSON"
        return
    data = content["data"]
    name = f"snowplow/{match[1]}_{match[2]}_jsonschema_{match[3]}.json"
    if (validator := _schema(name)) is not None:
        for error in validator.iter_errors(data):
            yield f"{place} {match[2]}: {error.message}"
    for inner in data if isinstance(data, list) else [data]:
        if isinstance(inner, dict) and "schema" in inner:
            yield from _entities(inner, place)


@cache
def _schema(name: str) -> Draft202012Validator | None:
    """An entity's schema, where it is beside the checkout."""
    if not (SPECS / name).exists():
        return None
    return Draft202012Validator(
        {key: value for key, value in load(name).items() if key != "$schema"}
    )


def paths(stream: str, path: str) -> list[str]:
    name = path.partition(".")[0].replace("[0]", "")
    known = name in load(ATOMIC)["properties"] or name in NESTED
    return [] if known else [f"the atomic event has no {path}"]


PROOFS = Proofs(
    response=response,
    paths=paths,
    sources={"response": "Iglu JSON Schemas", "paths": "Iglu JSON Schemas"},
    reasons={
        "request": "no API: files are read where the enricher put them",
        "sdk": "its analytics SDK is of 2017 and has the column names only, which the schema has",
    },
)
