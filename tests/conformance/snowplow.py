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
    for error in _validator().iter_errors(_typed(row)):
        yield f"{'.'.join(map(str, error.path))}: {error.message}"
    for name in NESTED:
        if row[name]:
            yield from _entities(json.loads(row[name]), name)


@cache
def _validator() -> Draft202012Validator:
    schema = load(ATOMIC)
    return Draft202012Validator(
        {"type": "object", "additionalProperties": False}
        | {key: schema[key] for key in ("properties", "required") if key in schema}
    )


def _typed(row: dict[str, str]) -> dict[str, Any]:
    """The columns as values of the types that the schema has for them; what is empty is null."""
    found: dict[str, Any] = {}
    for name, schema in load(ATOMIC)["properties"].items():
        text, kinds = row[name], schema["type"]
        found[name] = _value(text, kinds, schema.get("format")) if text else None
    return found


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
    if (SPECS / name).exists():
        schema = {key: value for key, value in load(name).items() if key != "$schema"}
        for error in Draft202012Validator(schema).iter_errors(data):
            yield f"{place} {match[2]}: {error.message}"
    for inner in data if isinstance(data, list) else [data]:
        if isinstance(inner, dict) and "schema" in inner:
            yield from _entities(inner, place)


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
